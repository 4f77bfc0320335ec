/**
 * @file Gradients of element-wise functions and reductions against finite differences, in float64, the second ones too.
 *
 * What ONNX Runtime computes in float32 only (the inverse trigonometric functions, erf and gelu) is compared with PyTorch
 * alone.
 */
import * as activations from "../../../ml/graph/functions/activations.ts";
import { floorDivide, hypot } from "../../../ml/graph/functions/arithmetic.ts";
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

const smooth: readonly Case[] = [
  ["reciprocal, rsqrt", matrix, (x) => positive(x).reciprocal().add(positive(x).rsqrt())],
  ["exp2, expm1", matrix, (x) => x.exp2().add(x.expm1())],
  ["log2, log10, log1p", matrix, (x) => positive(x).log2().add(positive(x).log10()).add(inUnit(x).log1p())],
  ["sin, cos, tan", matrix, (x) => x.sin().mul(x.cos()).add(inUnit(x).tan())],
  ["sinh, cosh", matrix, (x) => x.sinh().add(x.mul(0.5).cosh())],
  ["asinh, acosh, atanh", matrix, (x) => x.asinh().add(positive(x).add(1).acosh()).add(inUnit(x).atanh())],
  ["silu, softplus", matrix, (x) => x.silu().add(x.mul(2).softplus())],
  ["geluTanh", matrix, activations.geluTanh],
  ["mish, logSigmoid", matrix, (x) => activations.mish(x).add(activations.logSigmoid(x))],
  ["elu, celu", matrix, (x) => activations.elu(x, 0.5).add(activations.celu(x, 2))],
  ["selu, softsign", matrix, (x) => activations.selu(x).add(activations.softsign(x))],
  ["hypot, broadcast", [[3, 4], [4]], hypot],
  ["softmax along the first axis", cube, (x) => x.softmax(0)],
  ["softmax along the last axis", cube, (x) => x.mul(2).softmax()],
  ["logSoftmax", cube, (x) => x.logSoftmax(1)],
  ["logSumExp of all", cube, (x) => x.logSumExp()],
  ["logSumExp over axes", cube, (x) => x.logSumExp([0, 2], { keepAxes: true })],
  ["var of all", cube, (x) => x.var()],
  ["var over axes", cube, (x) => x.var([0, 2], { correction: 0 })],
  ["std of all", cube, (x) => x.std(undefined, { correction: 0 })],
  ["std over an axis", cube, (x) => x.std(-1, { keepAxes: true })],
  ["norm of all", cube, (x) => x.norm()],
  ["norm over an axis", cube, (x) => x.norm(1)],
  ["prod", cube, (x) => x.prod(1)],
  ["cumsum", cube, (x) => x.cumsum(1).mul(x)],
  ["cumprod", [[2, 7]], (x) => x.cumprod(1)],
];

const bent: readonly Case[] = [
  ["leakyRelu", matrix, (x) => activations.leakyRelu(x, 0.2)],
  [
    "prelu",
    [
      [2, 3, 4],
      [3, 1],
    ],
    activations.prelu,
  ],
  ["clip", matrix, (x) => x.clip(-0.5, 0.75)],
  ["relu6, hardSigmoid, hardSwish", matrix, (x) => sumOfLimited(x.mul(4))],
  ["maximum, minimum", [[3, 4], [4]], (a, b) => a.maximum(b).sub(a.square().minimum(b))],
  ["fmod", [[3, 4], [4]], (a, b) => a.mul(3).fmod(positive(b))],
  ["remainder", [[3, 4], [4]], (a, b) => a.mul(3).remainder(positive(b).neg())],
  ["norm of order 1", cube, (x) => x.norm(1, { order: 1 })],
  ["norm of order Infinity", cube, (x) => x.norm([0, 1], { order: Number.POSITIVE_INFINITY })],
];

const flat: readonly Case[] = [
  ["floor, ceil, round, trunc", matrix, (x) => x.floor().add(x.ceil()).add(x.round()).add(x.trunc())],
  ["sign", matrix, (x) => x.sign()],
  ["floorDivide", [[3, 4], [4]], (a, b) => floorDivide(a.mul(3), positive(b))],
  ["argMax", matrix, (x) => x.argMax(1).cast("float64")],
];

function sumOfLimited(x: Tensor): Tensor {
  return activations.relu6(x).add(activations.hardSigmoid(x)).add(activations.hardSwish(x));
}

const inputsOf = (shapes: readonly (readonly number[])[]): Float64[] =>
  shapes.map((shape, index) => normals(shape, index + 21));

describe("gradients of element-wise functions and reductions, against finite differences", () => {
  for (const [name, shapes, compute] of [...smooth, ...bent])
    it(name, () => checkGradients(compute, inputsOf(shapes)));

  for (const [name, shapes, compute] of flat)
    it(`${name}: zero`, () => checkGradients(compute, inputsOf(shapes), true));
});

describe("second gradients of element-wise functions and reductions, against finite differences", () => {
  for (const [name, shapes, compute] of smooth)
    it(name, () => {
      const weighed = (x: Tensor, ...rest: readonly Tensor[]): Tensor<readonly []> => {
        const result = compute(x, ...rest);
        return result.mul(normals(result.shape, 98)).sum();
      };
      return checkGradients((x, ...rest) => grad(weighed)(x, ...rest), inputsOf(shapes));
    });
});
