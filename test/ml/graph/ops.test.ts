import assert from "node:assert/strict";
import * as v from "valibot";
import * as g from "../../../ml/graph/index.ts";
import { grad, Tensor } from "../../../ml/graph/index.ts";
import { readReference } from "../reference.ts";
import { checkGradients, type Float64 } from "./check-gradients.ts";

const stored = v.object({
  shape: v.array(v.number()),
  data: v.array(v.union([v.number(), v.null()])),
  dtype: v.picklist(["float32", "int64", "bool"]),
});
type Stored = v.InferOutput<typeof stored>;
const { cases } = readReference(
  "graph-ops",
  v.object({
    generator: v.string(),
    cases: v.record(
      v.string(),
      v.object({
        inputs: v.array(stored),
        result: stored,
        weights: v.optional(stored),
        gradients: v.optional(v.array(v.nullable(stored))),
      }),
    ),
  }),
);

type Compute = (...inputs: readonly Tensor[]) => Tensor;

/** A function of tensors as one of any number of them: what it is given, the reference's inputs say. */
function on(compute: (a: Tensor, b: Tensor, c: Tensor) => Tensor): Compute {
  return (...[a, b, c]) => compute(a!, b!, c!);
}

/** The function of each case of the reference. */
const functions: Readonly<Record<string, Compute>> = {
  sin: on(g.sin),
  cos: on(g.cos),
  tan: on(g.tan),
  atan: on(g.atan),
  sinh: on(g.sinh),
  cosh: on(g.cosh),
  tanh: on(g.tanh),
  asinh: on(g.asinh),
  exp: on(g.exp),
  exp2: on(g.exp2),
  erf: on(g.erf),
  square: on(g.square),
  abs: on(g.abs),
  negative: on(g.negative),
  sign: on(g.sign),
  floor: on(g.floor),
  ceil: on(g.ceil),
  round: on(g.round),
  trunc: on(g.trunc),
  asin: on(g.asin),
  acos: on(g.acos),
  atanh: on(g.atanh),
  acosh: on(g.acosh),
  log: on(g.log),
  log2: on(g.log2),
  log10: on(g.log10),
  sqrt: on(g.sqrt),
  rsqrt: on(g.rsqrt),
  reciprocal: on(g.reciprocal),
  expm1: on(g.expm1),
  log1p: on(g.log1p),
  atan2: on(g.atan2),
  hypot: on(g.hypot),
  maximum: on(g.maximum),
  minimum: on(g.minimum),
  power: on(g.power),
  remainder: on(g.remainder),
  fmod: on(g.fmod),
  floorDivide: on(g.floorDivide),
  "remainder of integers": on(g.remainder),
  "fmod of integers": on(g.fmod),
  "floorDivide of integers": on(g.floorDivide),
  clip: on((x) => g.clip(x, -0.5, 0.8)),
  "clip from below": on((x) => g.clip(x, -0.5)),
  "clip from above": on((x) => g.clip(x, undefined, 0.5)),
  where: on((c, a, b) => g.where(c.greater(0), a, b)),
  maskedFill: on((x, mask) => g.maskedFill(x, mask.greater(0), 7)),
  relu: on(g.relu),
  relu6: on(g.relu6),
  sigmoid: on(g.sigmoid),
  logSigmoid: on(g.logSigmoid),
  softplus: on(g.softplus),
  softsign: on(g.softsign),
  silu: on(g.silu),
  mish: on(g.mish),
  hardSigmoid: on(g.hardSigmoid),
  hardSwish: on(g.hardSwish),
  selu: on(g.selu),
  gelu: on((x) => g.gelu(x)),
  "gelu by tanh": on((x) => g.gelu(x, "tanh")),
  elu: on((x) => g.elu(x)),
  "elu of another alpha": on((x) => g.elu(x, 0.7)),
  celu: on((x) => g.celu(x, 1.3)),
  leakyRelu: on((x) => g.leakyRelu(x, 0.2)),
  prelu: on(g.prelu),
  softmax: on((x) => g.softmax(x)),
  "softmax along the first axis": on((x) => g.softmax(x, 0)),
  logSoftmax: on((x) => g.logSoftmax(x)),
  variance: on((x) => g.variance(x)),
  "variance over axes": on((x) => g.variance(x, [0, 2], { correction: 1 })),
  std: on((x) => g.std(x, 1, { correction: 1, keepAxes: true })),
  "norm of order 1": on((x) => g.norm(x, 1, { order: 1 })),
  "norm of order 2": on((x) => g.norm(x, [0, 1])),
  "norm, the largest": on((x) => g.norm(x, -1, { order: "max" })),
  logSumExp: on((x) => g.logSumExp(x, [0, 2])),
  prod: on((x) => g.prod(x, 1)),
  any: on((x) => g.any(x.greater(1), 1)),
  all: on((x) => g.all(x.greater(-1), 1)),
  countNonzero: on((x) => g.countNonzero(x.greater(0), 1)),
  argmax: on((x) => g.argmax(x, 1)),
  "argmax of all": on((x) => g.argmax(x)),
  argmin: on((x) => g.argmin(x, -1, { keepAxes: true })),
  cumsum: on((x) => g.cumsum(x, 1)),
  cumprod: on((x) => g.cumprod(x, 1)),
  sort: on((x) => g.sort(x, { axis: 1, descending: true }).values),
  argsort: on((x) => g.argsort(x)),
  topK: on((x) => g.topK(x, 2, { axis: 1 }).values),
  "topK, the smallest": on((x) => g.topK(x, 2, { largest: false }).values),
  searchSorted: on((sorted, values) => g.searchSorted(sorted, values)),
  "searchSorted, right": on((sorted, values) => g.searchSorted(sorted, values, { right: true })),
  concat: on((a, b) => g.concat([a, b], 1)),
  stack: on((a, b) => g.stack([a, b], 1)),
  split: on((x) => {
    const [first, second] = g.split(x, [1, 3], 1);
    return second!.mul(first!);
  }),
  chunk: on((x) => g.chunk(x, 3, 2)[2]!),
  unstack: on((x) => g.unstack(x, 1)[2]!),
  flip: on((x) => g.flip(x, [0, 2])),
  roll: on((x) => g.roll(x, -2, 1)),
  tile: on((x) => g.tile(x, [2, 1, 3])),
  repeat: on((x) => g.repeat(x, 3, 1)),
  pad: on((x) =>
    g.pad(
      x,
      [
        [0, 3],
        [1, 2],
      ],
      { value: 1.5 },
    ),
  ),
  "pad, reflected": on((x) => g.pad(x, [0, [1, 2], [2, 1]], { mode: "reflect" })),
  "pad with the edge": on((x) => g.pad(x, [0, [0, 3], [2, 1]], { mode: "edge" })),
  "pad from the other side": on((x) => g.pad(x, [0, [0, 3], [2, 1]], { mode: "wrap" })),
  tril: on((x) => g.tril(x, 1)),
  triu: on((x) => g.triu(x, -1)),
  diag: on(g.diag),
  diagonal: on((x) => g.diagonal(x, { offset: 1 })),
  "diagonal of the last axes, below": on((x) => g.diagonal(x, { offset: -2, axes: [1, 2] })),
  trace: on(g.trace),
  meshgrid: on((a, b) => {
    const [rows, columns] = g.meshgrid([a, b]);
    return rows.mul(columns);
  }),
  "meshgrid, xy": on((a, b) => {
    const [columns, rows] = g.meshgrid([a, b], "xy");
    return columns.mul(2).add(rows);
  }),
  linspace: () => g.linspace(-1, 3, 7),
  slice: on((x) => x.slice([1], 2, { step: 2 })),
  "slice from the end": on((x) => x.slice(-1, null, [-3, -1])),
  take: on((x, at) => g.take(x, at, 1)),
  takeAlong: on((x, at) => g.takeAlong(x, at, 1)),
  gatherND: on(g.gatherND),
  scatter: on((x, at, updates) => g.scatter(x, at, updates, 1)),
  "scatter, added": on((x, at, updates) => g.scatter(x, at, updates, 1, { mode: "add" })),
  scatterND: on((x, at, updates) => g.scatterND(x, at, updates)),
  "scatterND, added": on((x, at, updates) => g.scatterND(x, at, updates, { mode: "add" })),
  indexAdd: on((x, at, updates) => g.indexAdd(x, at, updates, 1)),
  oneHot: on((at) => g.oneHot(at, 4, "int64")),
  outer: on(g.outer),
  dot: on(g.dot),
  vecdot: on(g.vecdot),
};

function computeOf(name: string): Compute | undefined {
  if (!name.startsWith("einsum ")) return functions[name];
  const equation: string = name.slice("einsum ".length);
  return (first, ...others) => g.einsum(equation, first, ...others);
}

/** Not computed in float64 by ONNX Runtime, and not composed for it. */
const float32Only = new Set(["asin", "acos", "atan", "atan2", "erf", "gelu"]);

const numbersOf = ({ data }: Stored): number[] => data.map((each) => each ?? Number.NaN);

function read(from: Stored, dtype: "float32" | "float64"): Tensor {
  if (from.dtype === "int64")
    return g.fromData("int64", BigInt64Array.from(numbersOf(from), BigInt), from.shape);
  return dtype === "float32"
    ? g.fromData(dtype, Float32Array.from(numbersOf(from)), from.shape)
    : g.fromData(dtype, Float64Array.from(numbersOf(from)), from.shape);
}

// WGSL allows sin and cos an absolute error of 2⁻¹¹, and acos that of atan2, 4096 units in the last place.
const roughOnWebGpu = new Set(["sin", "cos", "tan", "acos"]);

async function toleranceOf(name: string): Promise<number> {
  return roughOnWebGpu.has(name) && (await g.provider()) === "webgpu" ? 2 ** -10 : 1e-5;
}

async function assertNear(actual: Tensor, expected: Stored, what: string, tolerance: number): Promise<void> {
  assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
  assert.equal(actual.dtype, expected.dtype, `${what}: element type`);
  const numbers = Array.from(await actual.data(), Number);
  const wanted = numbersOf(expected);
  assert.equal(numbers.length, wanted.length, `${what}: length`);
  const length = (values: readonly number[]): number => Math.hypot(...values);
  const error = length(numbers.map((each, at) => each - (wanted[at] ?? Number.NaN)));
  assert.ok(
    error <= tolerance * length(wanted),
    `${what}: the error's norm is ${error} of ${length(wanted)}`,
  );
}

describe("functions of tensors, against PyTorch in float64", () => {
  it("every case of the reference has its function", () => {
    assert.deepEqual(
      Object.keys(cases).filter((name) => !computeOf(name)),
      [],
    );
    assert.deepEqual(
      Object.keys(functions).filter((name) => !cases[name]),
      [],
    );
  });

  for (const [name, { inputs, result, weights, gradients }] of Object.entries(cases)) {
    const compute = computeOf(name);
    if (!compute) continue;
    it(name, async () => {
      const given = inputs.map((each) => read(each, "float32"));
      const tolerance = await toleranceOf(name);
      await assertNear(compute(...given), result, "result", tolerance);
      if (!weights || !gradients) return;
      const weighed = read(weights, "float32");
      const found = grad((places: readonly Tensor[]): Tensor<readonly []> =>
        compute(...places)
          .mul(weighed)
          .sum(),
      )(given);
      for (const [index, gradient] of gradients.entries())
        if (gradient) await assertNear(found[index]!, gradient, `gradient of input ${index}`, tolerance);
    });

    if (!gradients || float32Only.has(name)) continue;
    it(`${name}: finite differences`, async () => {
      const floating = inputs.filter(({ dtype }) => dtype === "float32");
      const on64 = (...places: readonly Float64[]): Float64 => {
        const rest = [...places];
        return compute(
          ...inputs.map((each) => (each.dtype === "float32" ? rest.shift()! : read(each, "float64"))),
        );
      };
      const isConstant = gradients.some(
        (each, index) =>
          inputs[index]?.dtype === "float32" &&
          (each === null || numbersOf(each).every((slope) => slope === 0)),
      );
      await checkGradients(
        on64,
        floating.map((each) => read(each, "float64")),
        isConstant,
      );
    }).timeout(60_000);
  }
});
