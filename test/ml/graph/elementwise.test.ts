/** @file Element-wise functions, softmax, reductions and cumulative ones against PyTorch's float64 values. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { fromData } from "../../../ml/graph/create.ts";
import * as activations from "../../../ml/graph/functions/activations.ts";
import { atan2, floorDivide, hypot } from "../../../ml/graph/functions/arithmetic.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const packed = v.object({ dtype: v.picklist(["float32", "int64", "bool"]), shape: numbers, data: numbers });
const settings = v.strictObject({
  alpha: v.optional(v.number()),
  slope: v.optional(v.number()),
  low: v.optional(v.number()),
  high: v.optional(v.number()),
  axis: v.optional(v.number()),
  axes: v.optional(v.union([v.number(), numbers])),
  keepAxes: v.optional(v.boolean()),
  correction: v.optional(v.picklist([0, 1])),
  order: v.optional(v.union([v.number(), v.literal("infinity")])),
});
const reference = readReference(
  "graph-elementwise",
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

const unary: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sin: (x) => x.sin(),
  cos: (x) => x.cos(),
  tan: (x) => x.tan(),
  asin: (x) => x.asin(),
  acos: (x) => x.acos(),
  atan: (x) => x.atan(),
  sinh: (x) => x.sinh(),
  cosh: (x) => x.cosh(),
  asinh: (x) => x.asinh(),
  acosh: (x) => x.acosh(),
  atanh: (x) => x.atanh(),
  tanh: (x) => x.tanh(),
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  exp2: (x) => x.exp2(),
  log: (x) => x.log(),
  log1p: (x) => x.log1p(),
  log2: (x) => x.log2(),
  log10: (x) => x.log10(),
  sqrt: (x) => x.sqrt(),
  rsqrt: (x) => x.rsqrt(),
  reciprocal: (x) => x.reciprocal(),
  square: (x) => x.square(),
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  erf: (x) => x.erf(),
  sigmoid: (x) => x.sigmoid(),
  floor: (x) => x.floor(),
  ceil: (x) => x.ceil(),
  trunc: (x) => x.trunc(),
  round: (x) => x.round(),
  sign: (x) => x.sign(),
  relu: (x) => x.relu(),
  gelu: (x) => x.gelu(),
  silu: (x) => x.silu(),
  softplus: (x) => x.softplus(),
  geluTanh: activations.geluTanh,
  softsign: activations.softsign,
  selu: activations.selu,
  mish: activations.mish,
  logsigmoid: activations.logSigmoid,
  relu6: activations.relu6,
  hardsigmoid: activations.hardSigmoid,
  hardswish: activations.hardSwish,
  logical_not: (x) => x.not(),
};

const binary: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  prelu: activations.prelu,
  maximum: (a, b) => a.maximum(b),
  minimum: (a, b) => a.minimum(b),
  hypot,
  atan2,
  fmod: (a, b) => a.fmod(b),
  remainder: (a, b) => a.remainder(b),
  floorDivide,
  eq: (a, b) => a.equal(b),
  ne: (a, b) => a.notEqual(b),
  gt: (a, b) => a.greater(b),
  ge: (a, b) => a.greaterEqual(b),
  lt: (a, b) => a.less(b),
  le: (a, b) => a.lessEqual(b),
  logical_and: (a, b) => a.and(b),
  logical_or: (a, b) => a.or(b),
  logical_xor: (a, b) => a.xor(b),
};

const withSettings: Readonly<Record<string, (x: Tensor, settings: Settings) => Tensor>> = {
  elu: (x, { alpha }) => activations.elu(x, alpha),
  celu: (x, { alpha }) => activations.celu(x, alpha),
  leakyRelu: (x, { slope }) => activations.leakyRelu(x, slope),
  clip: (x, { low, high }) => x.clip(low, high),
  softmax: (x, { axis }) => x.softmax(axis),
  logSoftmax: (x, { axis }) => x.logSoftmax(axis),
  logSumExp: (x, { axes, keepAxes = false }) => x.logSumExp(axes, { keepAxes }),
  var: (x, { axes, keepAxes = false, correction = 1 }) => x.var(axes, { keepAxes, correction }),
  std: (x, { axes, keepAxes = false, correction = 1 }) => x.std(axes, { keepAxes, correction }),
  norm: (x, { axes, keepAxes = false, order = 2 }) =>
    x.norm(axes, { keepAxes, order: order === "infinity" ? Number.POSITIVE_INFINITY : order }),
  any: (x, { axes, keepAxes = false }) => x.any(axes, { keepAxes }),
  all: (x, { axes, keepAxes = false }) => x.all(axes, { keepAxes }),
  countNonzero: (x, { axes, keepAxes = false }) => x.countNonzero(axes, { keepAxes }),
  prod: (x, { axes, keepAxes = false }) => x.prod(axes, { keepAxes }),
  cumsum: (x, { axis = 0 }) => x.cumsum(axis),
  cumprod: (x, { axis = 0 }) => x.cumprod(axis),
  argmax: (x, { axis, keepAxes = false }) => x.argMax(axis, { keepAxes }),
  argmin: (x, { axis, keepAxes = false }) => x.argMin(axis, { keepAxes }),
};

function compute(name: string, [first, second]: readonly Tensor[], settings: Settings): Tensor {
  const result =
    first &&
    (unary[name]?.(first) ??
      (second && binary[name]?.(first, second)) ??
      withSettings[name]?.(first, settings));
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

describe("element-wise functions and reductions, against PyTorch", () => {
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
