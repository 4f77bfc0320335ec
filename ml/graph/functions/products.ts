/** @file Products of tensors over named axes, of vectors and of matrices. */
import type { DType } from "../dtype.ts";
import { einsum as contracted } from "../ops/einsum.ts";
import type { EinsumShape } from "../einsum-types.ts";
import { multiply } from "../ops/elementwise.ts";
import { matmul } from "../ops/matmul.ts";
import { sum } from "../ops/reduce.ts";
import { unsqueeze } from "../ops/shape-ops.ts";
import type { AsShape, ShapeError } from "../shape-types.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/** The shapes of tensors. */
type ShapesOf<T extends readonly Tensor[]> = { readonly [Index in keyof T]: T[Index]["shape"] };

/** What an equation must also be so that it fits the operands: nothing more, or an error that says why not. */
type Fitting<Equation extends string, T extends readonly Tensor[]> =
  EinsumShape<Equation, ShapesOf<T>> extends ShapeError<infer Message> ? ShapeError<Message> : unknown;

/**
 * Einstein's summation: the sum of products of elements whose axes bear equal letters, as NumPy's `einsum`. An axis that
 * the result does not name is summed; `...` stands for any further axes, which broadcast; without `->` the result has the
 * axes that are named once, in alphabetical order.
 *
 * @throws {@link GraphError} when the subscripts do not fit; for a literal the compiler says so too
 * @example einsum("bij,bjk->bik", a, b) // products of matrices
 */
export function einsum<const Equation extends string, const T extends readonly [Tensor, ...Tensor[]]>(
  equation: Equation & Fitting<Equation, T>,
  ...operands: T
): Tensor<AsShape<EinsumShape<Equation, ShapesOf<T>>>, T[0]["dtype"]> {
  return new Tensor(
    contracted(
      equation,
      operands.map(({ value }) => value),
    ),
  );
}

/** All products of elements of two vectors: `[m]` and `[n]` give `[m, n]`. */
export function outer<M extends Dimension, N extends Dimension, D extends DType>(
  a: Tensor<readonly [M], D>,
  b: Tensor<readonly [N], NoInfer<D>>,
): Tensor<readonly [M, N], D> {
  return new Tensor(multiply(unsqueeze(a.value, 1), b.value));
}

/** The sum of products of two vectors `[n]`. */
export function dot<N extends Dimension, D extends DType>(
  a: Tensor<readonly [N], D>,
  b: Tensor<readonly [NoInfer<N>], NoInfer<D>>,
): Tensor<readonly [], D> {
  return new Tensor(matmul(a.value, b.value));
}

/** The sum of products along the last axis of two tensors of one shape. */
export function vecdot<Batch extends Shape, N extends Dimension, D extends DType>(
  a: Tensor<readonly [...Batch, N], D>,
  b: Tensor<readonly [...Batch, N], D>,
): Tensor<Batch, D> {
  return new Tensor(sum(multiply(a.value, b.value), { axes: -1 }));
}
