/** @file Elements that are found by looking at them: how many there are is known only when the program runs. */
import type { DType } from "../dtype.ts";
import * as finding from "../ops/found.ts";
import type { Dimension, Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/**
 * The places of elements that are not 0, in row-major order: for each a row of its positions along the axes (PyTorch's
 * `nonzero`, NumPy's `argwhere`). NaN is not 0.
 * @throws {@link GraphError} for a scalar
 * @example nonzero(tensor([[0, 5], [7, 0]])) // [[0, 1], [1, 0]]
 */
export function nonzero<S extends Shape>(x: Tensor<S>): Tensor<readonly [Dimension, S["length"]], "int64"> {
  return new Tensor(finding.nonzero(x.value));
}

/**
 * The elements where a mask holds, in row-major order (PyTorch's `masked_select`, NumPy's `x[mask]`). The gradient goes to
 * these elements.
 * @throws {@link GraphError} where the mask is not of bools, or of another shape
 * @example maskedSelect(x, x.greater(0))
 */
export function maskedSelect<S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  mask: Tensor<NoInfer<S>, "bool">,
): Tensor<readonly [Dimension], D> {
  return new Tensor(finding.maskedSelect(x.value, mask.value));
}

/** What {@link unique} gives. */
export interface Unique<S extends Shape, D extends DType> {
  /** The different elements in ascending order. */
  readonly values: Tensor<readonly [Dimension], D>;
  /** Where each element is among them. */
  readonly inverse: Tensor<S, "int64">;
  /** How often each of them is there. */
  readonly counts: Tensor<readonly [Dimension], "int64">;
}

/**
 * The different elements of a tensor, all axes together (PyTorch's and NumPy's `unique`, ONNX Unique). The gradient of
 * `values` goes to where each stands first.
 * @throws {@link GraphError} for uint64, which ONNX Runtime can't put in order
 * @example unique(tensor([3, 1, 3], "int64")).values // [1, 3]
 */
export function unique<S extends Shape, D extends DType>(x: Tensor<S, D>): Unique<S, D> {
  const { values, inverse, counts } = finding.unique(x.value);
  return { values: new Tensor(values), inverse: new Tensor(inverse), counts: new Tensor(counts) };
}
