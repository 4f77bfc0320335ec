/** @file The rules of matrix products. */
import { GraphError } from "../errors.ts";
import { broadcastShapes, showShape, type Dimension, type Shape } from "../shape.ts";
import type { Value, ValueType } from "../value.ts";
import { commonDType, defineOperator, floatAttribute, intAttribute, required } from "../ops/apply.ts";
import { multiply } from "../ops/elementwise.ts";
import { asMatrix, gemm, matmul } from "../ops/matmul.ts";
import { sumTo } from "../ops/reduce.ts";
import { reshape, squeeze, swapLastAxes, unsqueeze } from "../ops/shape-ops.ts";

function fit(
  what: string,
  a: Shape,
  b: Shape,
  left: Dimension | undefined,
  right: Dimension | undefined,
): void {
  if (left !== right)
    throw new GraphError(
      `${what}: ${showShape(a)} and ${showShape(b)} do not fit: ${left ?? "no"} columns against ${right ?? "no"} rows`,
    );
}

function productType(a: Value, b: Value): ValueType {
  const dtype = commonDType("matmul", [a, b]);
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  fit("matmul", a.shape, b.shape, left.at(-1), right.at(-2));
  const batch = broadcastShapes("matmul", left.slice(0, -2), right.slice(0, -2));
  const rows = a.shape.length === 1 ? [] : left.slice(-2, -1);
  const columns = b.shape.length === 1 ? [] : right.slice(-1);
  return { dtype, shape: [...batch, ...rows, ...columns] };
}

defineOperator("MatMul", {
  infer: (application) => [productType(required(application, 0), required(application, 1))],
  gradient: (context) => {
    const a = required(context, 0);
    const b = required(context, 1);
    const { gradient } = context;
    if (a.shape.length === 1 || b.shape.length === 1) return vectorGradients(a, b, gradient);
    if (b.shape.length === 2) return matrixGradients(a, b, gradient);
    return [
      sumTo(matmul(gradient, swapLastAxes(b)), a.shape),
      sumTo(matmul(swapLastAxes(a), gradient), b.shape),
    ];
  },
});

/** Every row of a batch meets the same matrix: one product of matrices for each gradient. */
function matrixGradients(a: Value, b: Value, gradient: Value): Value[] {
  if (a.shape.length === 2)
    return [
      gemm(gradient, b, undefined, { transposeB: true }),
      gemm(a, gradient, undefined, { transposeA: true }),
    ];
  return [
    matmul(gradient, swapLastAxes(b)),
    gemm(asMatrix(a), asMatrix(gradient), undefined, { transposeA: true }),
  ];
}

function vectorGradients(a: Value, b: Value, gradient: Value): Value[] {
  const left = a.shape.length === 1 ? unsqueeze(a, 0) : a;
  const right = b.shape.length === 1 ? unsqueeze(b, 1) : b;
  let full = gradient;
  if (a.shape.length === 1) full = unsqueeze(full, b.shape.length === 1 ? 0 : -2);
  if (b.shape.length === 1) full = unsqueeze(full, -1);
  const da = sumTo(matmul(full, swapLastAxes(right)), left.shape);
  const db = sumTo(matmul(swapLastAxes(left), full), right.shape);
  return [a.shape.length === 1 ? squeeze(da, 0) : da, b.shape.length === 1 ? squeeze(db, 1) : db];
}

defineOperator("Gemm", {
  infer: (application) => {
    const a = required(application, 0);
    const b = required(application, 1);
    const c = application.inputs[2];
    const dtype = commonDType("Gemm", c ? [a, b, c] : [a, b]);
    if (a.shape.length !== 2 || b.shape.length !== 2)
      throw new GraphError(`Gemm takes matrices, not ${showShape(a.shape)} and ${showShape(b.shape)}`);
    const oriented = (x: Value, flag: string): Shape =>
      intAttribute(application.attributes, flag, 0) === 1 ? x.shape.toReversed() : x.shape;
    const [rows = 1, inner] = oriented(a, "transA");
    const [inner2, columns = 1] = oriented(b, "transB");
    fit("a matrix product", a.shape, b.shape, inner, inner2);
    const shape = [rows, columns];
    if (c) {
      const stretched = broadcastShapes("a matrix product's addend", shape, c.shape);
      if (showShape(stretched) !== showShape(shape))
        throw new GraphError(`an addend of ${showShape(c.shape)} does not stretch to ${showShape(shape)}`);
    }
    return [{ dtype, shape }];
  },
  gradient: ({ inputs: [a, b, c], attributes, gradient }) => {
    if (!a || !b) throw new GraphError("Gemm needs two matrices");
    const flipA = intAttribute(attributes, "transA", 0) === 1;
    const flipB = intAttribute(attributes, "transB", 0) === 1;
    const alpha = floatAttribute(attributes, "alpha", 1);
    const beta = floatAttribute(attributes, "beta", 1);
    const scaled = alpha === 1 ? gradient : multiply(gradient, alpha);
    const da = flipA
      ? gemm(b, scaled, undefined, { transposeA: flipB, transposeB: true })
      : gemm(scaled, b, undefined, { transposeB: !flipB });
    const db = flipB
      ? gemm(scaled, a, undefined, { transposeA: true, transposeB: flipA })
      : gemm(a, scaled, undefined, { transposeA: !flipA });
    const dc = c && sumTo(beta === 1 ? gradient : multiply(gradient, beta), c.shape);
    return [reshape(da, a.shape), reshape(db, b.shape), dc];
  },
});
