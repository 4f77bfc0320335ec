/** @file Elements and slices of tensors taken, and put, by position. Positions may be negative: counted from the end. */
import type { DType, FloatDType } from "../dtype.ts";
import * as picking from "../ops/gather.ts";
import * as scattering from "../ops/scatter.ts";
import type { ExistingAxes } from "../shape-types.ts";
import type { Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/** The element types of positions. */
export type PositionDType = "int64" | "int32";

/** The shape of slices taken along the first axis. */
type Taken<S extends Shape, P extends Shape> = S extends readonly [unknown, ...infer Rest extends Shape]
  ? readonly [...P, ...Rest]
  : Shape;

/**
 * Whole slices along an axis, the first where absent: that axis is replaced by those of `positions` (NumPy's `take`,
 * PyTorch's `index_select`).
 */
export function take<S extends Shape, D extends DType, P extends Shape>(
  x: Tensor<S, D>,
  positions: Tensor<P, PositionDType>,
): Tensor<Taken<S, P>, D>;
export function take<S extends Shape, D extends DType, const A extends number>(
  x: Tensor<S, D>,
  positions: Tensor<Shape, PositionDType>,
  axis: A & ExistingAxes<S, A>,
): Tensor<Shape, D>;
export function take(x: Tensor, positions: Tensor, axis = 0): Tensor {
  return new Tensor(picking.gather(x.value, positions.value, axis));
}

/**
 * Single elements along an axis: each from where its position says, elsewhere from its own place (PyTorch's `gather`,
 * NumPy's `take_along_axis`). The result has the shape of `positions`.
 */
export function takeAlong<S extends Shape, D extends DType, P extends Shape, const A extends number>(
  x: Tensor<S, D>,
  positions: Tensor<P, PositionDType>,
  axis: A & ExistingAxes<S, A>,
): Tensor<P, D> {
  return new Tensor(picking.gatherElements(x.value, positions.value, axis));
}

/** Elements or slices at the places that the last axis of `positions` holds (ONNX GatherND). */
export function gatherND<D extends DType>(
  x: Tensor<Shape, D>,
  positions: Tensor<Shape, "int64">,
): Tensor<Shape, D> {
  return new Tensor(picking.gatherND(x.value, positions.value));
}

/** Settings of scattering. */
export interface ScatterOptions {
  /** "none", the default: elements are replaced, none twice; "add": added to, all that name them. */
  readonly mode?: scattering.ScatterMode;
}

/**
 * `x` with each element of `updates` put where its position along an axis says, elsewhere at its own place (PyTorch's
 * `scatter` and `scatter_add`, ONNX ScatterElements). `updates` and `positions` have one shape.
 */
export function scatter<S extends Shape, D extends DType, P extends Shape, const A extends number>(
  x: Tensor<S, D>,
  positions: Tensor<P, PositionDType>,
  updates: Tensor<P, NoInfer<D>>,
  axis: A & ExistingAxes<S, A>,
  { mode = "none" }: ScatterOptions = {},
): Tensor<S, D> {
  return new Tensor(scattering.scatter(x.value, positions.value, updates.value, axis, mode));
}

/** `x` with elements or slices put at the places that the last axis of `positions` holds (ONNX ScatterND). */
export function scatterND<S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  positions: Tensor<Shape, PositionDType>,
  updates: Tensor<Shape, NoInfer<D>>,
  { mode = "none" }: ScatterOptions = {},
): Tensor<S, D> {
  return new Tensor(scattering.scatterND(x.value, positions.value, updates.value, mode));
}

/** `x` with the slices of `updates` along an axis added, each at its position (a vector of them), repeatedly if repeated. */
export function indexAdd<S extends Shape, D extends FloatDType, const A extends number = 0>(
  x: Tensor<S, D>,
  positions: Tensor<readonly [number], PositionDType>,
  updates: Tensor<Shape, NoInfer<D>>,
  axis?: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(scattering.indexAdd(x.value, positions.value, updates.value, axis));
}

/** For each position a row of `depth` numbers: 1 at the position, 0 elsewhere; zeros for a position outside. */
export function oneHot<S extends Shape, const N extends number, D extends DType = "float32">(
  positions: Tensor<S, PositionDType>,
  depth: N,
  dtype?: D,
): Tensor<readonly [...S, N], D>;
export function oneHot(positions: Tensor, depth: number, dtype: DType = "float32"): Tensor {
  return new Tensor(scattering.oneHot(positions.value, depth, dtype));
}
