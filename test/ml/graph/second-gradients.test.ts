/** @file Gradients of gradients of functions and reductions, against finite differences in float64. */
import * as g from "../../../ml/graph/index.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { checkGradients, normals, type Float64 } from "./check-gradients.ts";

type Case = readonly [
  name: string,
  shapes: readonly (readonly number[])[],
  (...inputs: Float64[]) => Float64,
];

const matrix = [[3, 4]];
const cube = [[2, 3, 4]];
const inUnit = (x: Tensor): Tensor => x.tanh().mul(0.9);
const positive = (x: Tensor): Tensor => x.square().add(0.3);

const logarithms = (x: Tensor): Tensor => g.log2(x).add(g.log10(x));

const cases: readonly Case[] = [
  ["reciprocal, rsqrt", matrix, (x) => g.reciprocal(positive(x)).add(g.rsqrt(positive(x)))],
  ["exp2, expm1", matrix, (x) => g.exp2(x).add(g.expm1(x))],
  ["log2, log10, log1p", matrix, (x) => logarithms(positive(x)).add(g.log1p(inUnit(x)))],
  [
    "sin, cos, tan",
    matrix,
    (x) =>
      g
        .sin(x)
        .mul(g.cos(x))
        .add(g.tan(inUnit(x))),
  ],
  ["sinh, cosh", matrix, (x) => g.sinh(x).add(g.cosh(x.mul(0.5)))],
  [
    "asinh, acosh, atanh",
    matrix,
    (x) =>
      g
        .asinh(x)
        .add(g.acosh(positive(x).add(1)))
        .add(g.atanh(inUnit(x))),
  ],
  ["silu, softplus", matrix, (x) => g.silu(x).add(g.softplus(x.mul(2)))],
  ["gelu by tanh", matrix, (x) => g.gelu(x, "tanh")],
  ["mish, logSigmoid", matrix, (x) => g.mish(x).add(g.logSigmoid(x))],
  ["elu, celu", matrix, (x) => g.elu(x, 0.5).add(g.celu(x, 2))],
  ["selu, softsign", matrix, (x) => g.selu(x).add(g.softsign(x))],
  ["hypot, broadcast", [[3, 4], [4]], (a, b) => g.hypot(a, b)],
  ["softmax along the first axis", cube, (x) => g.softmax(x, 0)],
  ["softmax along the last axis", cube, (x) => g.softmax(x.mul(2))],
  ["logSoftmax", cube, (x) => g.logSoftmax(x, 1)],
  ["logSumExp of all", cube, (x) => g.logSumExp(x)],
  ["logSumExp over axes", cube, (x) => g.logSumExp(x, [0, 2], { keepAxes: true })],
  ["variance of all", cube, (x) => g.variance(x, undefined, { correction: 1 })],
  ["variance over axes", cube, (x) => g.variance(x, [0, 2])],
  ["std of all", cube, (x) => g.std(x)],
  ["std over an axis", cube, (x) => g.std(x, -1, { keepAxes: true, correction: 1 })],
  ["norm of all", cube, (x) => g.norm(x)],
  ["norm over an axis", cube, (x) => g.norm(x, 1)],
  ["prod", cube, (x) => g.prod(x, 1)],
  ["cumsum", cube, (x) => g.cumsum(x, 1).mul(x)],
  ["cumprod", [[2, 7]], (x) => g.cumprod(x, 1)],
];

const inputsOf = (shapes: readonly (readonly number[])[]): Float64[] =>
  shapes.map((shape, index) => normals(shape, index + 21));

describe("second gradients of element-wise functions and reductions, against finite differences", () => {
  for (const [name, shapes, compute] of cases)
    it(name, () => {
      const weighed = (x: Tensor, ...rest: readonly Tensor[]): Tensor<readonly []> => {
        const result = compute(x, ...rest);
        return result.mul(normals(result.shape, 98)).sum();
      };
      return checkGradients((x, ...rest) => grad(weighed)(x, ...rest), inputsOf(shapes));
    });
});
