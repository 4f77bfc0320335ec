/** @file Matrix products over a batch. */
import { GraphError } from "../../errors.ts";
import { floatAttribute, defineBatch, intAttribute } from "../../ops/apply.ts";
import { add, multiply } from "../../ops/elementwise.ts";
import { asMatrix, gemm, matmul } from "../../ops/matmul.ts";
import { reshape, squeeze, swapLastAxes, unsqueeze } from "../../ops/shape-ops.ts";
import type { Value } from "../../value.ts";
import { elementShape, inputOf, withRank } from "./align.ts";

defineBatch("MatMul", (context) => {
  const isRow = elementShape(context, 0).length === 1;
  const isColumn = elementShape(context, 1).length === 1;
  if (!isRow && !isColumn) {
    const rank = Math.max(elementShape(context, 0).length, elementShape(context, 1).length);
    return [matmul(withRank(context, 0, rank), withRank(context, 1, rank))];
  }
  // A vector becomes a matrix, and the axis that it got leaves the result.
  const a = isRow ? unsqueeze(inputOf(context, 0), -2) : inputOf(context, 0);
  const b = isColumn ? unsqueeze(inputOf(context, 1), -1) : inputOf(context, 1);
  const rank = Math.max(2, elementShape(context, 0).length, elementShape(context, 1).length);
  const aligned = (x: Value, index: number): Value => {
    const missing = rank + 1 - x.shape.length;
    if (!context.batched[index] || missing <= 0) return x;
    return unsqueeze(
      x,
      Array.from({ length: missing }, (_, axis) => axis + 1),
    );
  };
  const gone = [...(isRow ? [-2] : []), ...(isColumn ? [-1] : [])];
  return [squeeze(matmul(aligned(a, 0), aligned(b, 1)), gone)];
});

defineBatch("Gemm", (context) => {
  const { batched, attributes } = context;
  const a = inputOf(context, 0);
  const b = inputOf(context, 1);
  const [flipA, flipB] = ["transA", "transB"].map((name) => intAttribute(attributes, name, 0) === 1);
  const alpha = floatAttribute(attributes, "alpha", 1);
  const beta = floatAttribute(attributes, "beta", 1);
  const product = batchedProduct(a, b, { a: batched[0], b: batched[1], flipA, flipB });
  const scaled = alpha === 1 ? product : multiply(product, alpha);
  if (!context.inputs[2]) return [scaled];
  const addend = withRank(context, 2, 2);
  return [add(scaled, beta === 1 ? addend : multiply(addend, beta))];
});

interface Orientation {
  readonly a: boolean | undefined;
  readonly b: boolean | undefined;
  readonly flipA: boolean | undefined;
  readonly flipB: boolean | undefined;
}

function batchedProduct(
  a: Value,
  b: Value,
  { a: isBatchedA, b: isBatchedB, flipA, flipB }: Orientation,
): Value {
  if (!isBatchedA && !isBatchedB) {
    // Only the addend differs in the batch.
    return gemm(a, b, undefined, { transposeA: flipA === true, transposeB: flipB === true });
  }
  const left = flipA ? swapLastAxes(a) : a;
  if (isBatchedB) return matmul(left, flipB ? swapLastAxes(b) : b);
  // All rows of the batch meet one matrix: one product of matrices.
  const rows = gemm(asMatrix(left), b, undefined, { transposeB: flipB === true });
  const columns = rows.shape.at(-1);
  if (columns === undefined) throw new GraphError("a product of matrices has columns");
  return reshape(rows, [...left.shape.slice(0, -1), columns], [left]);
}
