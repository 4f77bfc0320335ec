/** @file Images and sequences stretched or shrunk to other sizes. */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { resize, resizeNearest } from "../ops/resize.ts";
import { showShape, type Dimension } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { perAxis, type PerAxis } from "./spatial.ts";

/**
 * Every element of images `[batch, channels, height, width]` repeated along height and width (ONNX operator specification,
 * Resize).
 * @throws {@link GraphError} when the factors are no whole numbers from 1
 */
export function upsampleNearest2d<N extends Dimension, C extends Dimension, D extends DType>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  factor: PerAxis<readonly [number, number]>,
): Tensor<readonly [N, C, number, number], D> {
  const factors = perAxis("upsampleNearest2d", factor, 2);
  if (factors.includes(0) || x.value.shape.length !== 4)
    throw new GraphError(`upsampleNearest2d: ${showShape(x.value.shape)} by ${factors.join(", ")}`);
  return new Tensor(resizeNearest(x.value, factors));
}

/** How {@link resizeBilinear} matches places. */
export interface BilinearOptions {
  /** Whether the corners of input and result coincide, instead of their edges; false where absent. */
  readonly alignCorners?: boolean;
}

/**
 * Images `[batch, channels, height, width]` resized to a height and width, each element a mean of its four nearest by their
 * distances (PyTorch's `interpolate` with "bilinear"; ONNX operator specification, Resize).
 * @throws {@link GraphError} when a size is no whole number from 1
 */
export function resizeBilinear<
  N extends Dimension,
  C extends Dimension,
  const H extends number,
  const W extends number,
  D extends DType,
>(
  x: Tensor<readonly [N, C, Dimension, Dimension], D>,
  size: readonly [H, W],
  { alignCorners = false }: BilinearOptions = {},
): Tensor<readonly [N, C, H, W], D> {
  const sizes = perAxis("resizeBilinear", size, 2);
  if (sizes.includes(0) || x.value.shape.length !== 4)
    throw new GraphError(`resizeBilinear: ${showShape(x.value.shape)} to ${showShape(sizes)}`);
  const coordinates = alignCorners ? "align_corners" : "half_pixel";
  return new Tensor(resize(x.value, sizes, { mode: "linear", coordinates, rounding: "floor" }));
}
