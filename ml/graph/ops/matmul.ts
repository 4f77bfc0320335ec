/** @file Products of matrices. */
import { GraphError } from "../errors.ts";
import { showShape } from "../shape.ts";
import type { Value } from "../value.ts";
import { apply } from "./apply.ts";
import { add } from "./elementwise.ts";
import { reshape, squeeze, unsqueeze } from "./shape-ops.ts";

/**
 * The matrix product, as NumPy's `matmul`: the last two axes are multiplied, the others broadcast; a vector on the left
 * is a row, on the right a column.
 */
export function matmul(a: Value, b: Value): Value {
  if (a.shape.length === 0 || b.shape.length === 0)
    throw new GraphError(`matmul: ${showShape(a.shape)} and ${showShape(b.shape)}: a scalar is no matrix`);
  if (a.shape.length === 1 && b.shape.length === 1) return squeeze(matmul(unsqueeze(a, 0), unsqueeze(b, 1)));
  if (a.shape.length === 1) return squeeze(matmul(unsqueeze(a, 0), b), -2);
  if (b.shape.length === 1) return squeeze(matmul(a, unsqueeze(b, 1)), -1);
  return apply("MatMul", [a, b]);
}

/** What {@link gemm} does with its operands. */
export interface GemmOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** What the product is multiplied with, at no cost; 1 where absent. */
  readonly scale?: number;
}

/** `scale · a · b + c` of matrices, either transposed on the way; `c` broadcasts. */
export function gemm(
  a: Value,
  b: Value,
  c?: Value,
  { transposeA = false, transposeB = false, scale = 1 }: GemmOptions = {},
): Value {
  return apply("Gemm", c ? [a, b, c] : [a, b], {
    ...(transposeA && { transA: { int: 1 } }),
    ...(transposeB && { transB: { int: 1 } }),
    ...(scale !== 1 && { alpha: { float: scale } }),
  });
}

/** `x · weight + bias` over the last axis: `[..., in]` by `[in, out]` gives `[..., out]`. */
export function affine(x: Value, weight: Value, bias?: Value): Value {
  if (x.shape.length === 2) return gemm(x, weight, bias);
  const product = matmul(x, weight);
  return bias ? add(product, bias) : product;
}

/** `x · weightᵀ + bias` over the last axis: `[..., in]` by `[out, in]`, PyTorch's layout, gives `[..., out]`. */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const rows = gemm(asMatrix(x), weight, bias, { transposeB: true });
  return reshape(rows, [...x.shape.slice(0, -1), weight.shape[0] ?? 1], [x]);
}

/** Rows of vectors: every axis but the last folded into one. */
export function asMatrix(x: Value): Value {
  const width = x.shape.at(-1);
  if (width === undefined) throw new GraphError("a scalar has no rows");
  return reshape(x, [-1, width]);
}
