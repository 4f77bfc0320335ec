/**
 * @file Pairs of tensors that broadcast and tie, softmax, reductions and running ones over every kind of axes, against
 * PyTorch's float64 values.
 */
import assert from "node:assert/strict";
import * as v from "valibot";
import { fromData } from "../../../ml/graph/create.ts";
import * as elementwise from "../../../ml/graph/functions/elementwise.ts";
import * as reductions from "../../../ml/graph/functions/reductions.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const packed = v.object({ dtype: v.picklist(["float32", "int64", "bool"]), shape: numbers, data: numbers });
const settings = v.strictObject({
  low: v.optional(v.number()),
  high: v.optional(v.number()),
  axis: v.optional(v.number()),
  axes: v.optional(v.union([v.number(), numbers])),
  keepAxes: v.optional(v.boolean()),
  correction: v.optional(v.picklist([0, 1])),
  order: v.optional(v.picklist([1, 2, "max"])),
});
const reference = readReference(
  "graph-reductions",
  v.object({
    cases: v.array(
      v.object({
        function: v.string(),
        settings,
        inputs: v.array(packed),
        output: packed,
        upstream: v.optional(packed),
        gradients: v.optional(v.array(packed)),
      }),
    ),
  }),
);

type Packed = v.InferOutput<typeof packed>;
type Settings = v.InferOutput<typeof settings>;

// Norm-wise, ten times what float32 rounds.
const tolerance = 1e-5;

const binary: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  maximum: elementwise.maximum,
  minimum: elementwise.minimum,
  hypot: elementwise.hypot,
  atan2: elementwise.atan2,
  fmod: elementwise.fmod,
  remainder: elementwise.remainder,
  floorDivide: elementwise.floorDivide,
  eq: (a, b) => a.equal(b),
  ne: (a, b) => a.notEqual(b),
  gt: (a, b) => a.greater(b),
  ge: (a, b) => a.greaterOrEqual(b),
  lt: (a, b) => a.less(b),
  le: (a, b) => a.lessOrEqual(b),
  logical_and: (a, b) => a.and(b),
  logical_or: (a, b) => a.or(b),
  logical_xor: (a, b) => a.xor(b),
};

const withSettings: Readonly<Record<string, (x: Tensor, settings: Settings) => Tensor>> = {
  logical_not: (x) => x.not(),
  clip: (x, { low, high }) => x.clip(low, high),
  softmax: (x, { axis }) => x.softmax(axis),
  logSoftmax: (x, { axis }) => x.logSoftmax(axis),
  logSumExp: (x, { axes, keepAxes = false }) => reductions.logSumExp(x, axes, { keepAxes }),
  var: (x, { axes, keepAxes = false, correction = 1 }) =>
    reductions.variance(x, axes, { keepAxes, correction }),
  std: (x, { axes, keepAxes = false, correction = 1 }) => reductions.std(x, axes, { keepAxes, correction }),
  norm: (x, { axes, keepAxes = false, order = 2 }) => reductions.norm(x, axes, { keepAxes, order }),
  any: (x, { axes, keepAxes = false }) => x.any(axes, { keepAxes }),
  all: (x, { axes, keepAxes = false }) => x.all(axes, { keepAxes }),
  countNonzero: (x, { axes, keepAxes = false }) => reductions.countNonzero(x, axes, { keepAxes }),
  prod: (x, { axes, keepAxes = false }) => x.prod(axes, { keepAxes }),
  cumsum: (x, { axis = 0 }) => reductions.cumsum(x, axis),
  cumprod: (x, { axis = 0 }) => reductions.cumprod(x, axis),
  argmax: (x, { axis, keepAxes = false }) => x.argmax(axis, { keepAxes }),
  argmin: (x, { axis, keepAxes = false }) => reductions.argmin(x, axis, { keepAxes }),
};

function compute(name: string, [first, second]: readonly Tensor[], settings: Settings): Tensor {
  const result = first && (second ? binary[name]?.(first, second) : withSettings[name]?.(first, settings));
  assert.ok(result, `no function is named ${name}`);
  return result;
}

function unpack({ dtype, shape, data }: Packed): Tensor {
  if (dtype === "int64") return fromData(dtype, BigInt64Array.from(data, BigInt), shape);
  if (dtype === "bool") return fromData(dtype, Uint8Array.from(data), shape);
  return fromData(dtype, Float32Array.from(data), shape);
}

async function assertNear(tensor: Tensor, { dtype, shape, data }: Packed, what: string): Promise<void> {
  const actual = await tensor.toData();
  assert.equal(actual.dtype, dtype, `${what}: the element type`);
  assert.deepEqual(actual.shape, shape, `${what}: the shape`);
  assert.deepEqual(tensor.shape, shape, `${what}: the shape as it was inferred`);
  let [error, size] = [0, 0];
  for (const [index, expected] of data.entries()) {
    error += (Number(actual.data[index]) - expected) ** 2;
    size += expected ** 2;
  }
  // Where nothing is expected but 0, rounding is all that may be there.
  const relative = Math.sqrt(error) / (size === 0 ? 1 : Math.sqrt(size));
  assert.ok(
    relative <= tolerance,
    `${what} is off by ${relative}: ${[...actual.data].slice(0, 8).join(", ")}`,
  );
}

describe("pairs of tensors and reductions over every kind of axes, against PyTorch", () => {
  for (const { function: name, settings, inputs, output, upstream, gradients } of reference.cases) {
    const shapes = inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(" ");
    it(`${name} ${shapes} ${JSON.stringify(settings)}`, async () => {
      const tensors = inputs.map(unpack);
      await assertNear(compute(name, tensors, settings), output, "the result");
      if (!upstream || !gradients) return;
      const weights = unpack(upstream);
      const loss = (places: readonly Tensor[]): Tensor<readonly []> =>
        compute(name, places, settings).mul(weights).sum();
      const found = await jit((places: readonly Tensor[]) => valueAndGrad(loss)(places).gradient)(tensors);
      for (const [index, expected] of gradients.entries())
        await assertNear(found[index]!, expected, `the gradient of input ${index}`);
    });
  }
});
