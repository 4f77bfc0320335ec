/** @file Element-wise functions of two tensors that are not chained. */
import type { DType } from "../dtype.ts";
import { floorDivide as floorDivideValues, isClose as isCloseValues } from "../ops/rounding.ts";
import * as trigonometry from "../ops/trigonometry.ts";
import type { Stretched } from "../shape-types.ts";
import type { Shape } from "../shape.ts";
import { Tensor, type Other } from "../tensor.ts";

/**
 * The angle in (-π, π] of the point (x, y), broadcast; 0 for the origin, where it has no gradient. Other than in IEEE 754,
 * the signs of zeros are not looked at, and two infinite coordinates have no angle (NaN). Of float32.
 */
export function atan2<A extends Shape, const B extends Shape, D extends DType>(
  y: Tensor<A, D>,
  x: Other<A, B, NoInfer<D>>,
): Tensor<Stretched<A, B>, D> {
  return new Tensor(trigonometry.atan2(y.value, x.value));
}

/** `√(a² + b²)`, broadcast, without overflow in between. The gradient at the origin is 0. */
export function hypot<A extends Shape, const B extends Shape, D extends DType>(
  a: Tensor<A, D>,
  b: Other<A, B, NoInfer<D>>,
): Tensor<Stretched<A, B>, D> {
  return new Tensor(trigonometry.hypot(a.value, b.value));
}

/** The quotient rounded down, `⌊a / b⌋`, broadcast. */
export function floorDivide<A extends Shape, const B extends Shape = readonly [], D extends DType = DType>(
  a: Tensor<A, D>,
  b: number | Other<A, B, NoInfer<D>>,
): Tensor<Stretched<A, B>, D> {
  return new Tensor(floorDivideValues(a.value, typeof b === "number" ? b : b.value));
}

/** How near numbers must be to be close. */
export interface ClosenessSettings {
  /** A part of the second number; 1e-5 where absent. */
  readonly relative?: number;
  /** 1e-8 where absent. */
  readonly absolute?: number;
}

/** Whether `|a - b| ≤ absolute + relative · |b|`, broadcast, as NumPy's `isclose`: NaN is close to nothing. */
export function isClose<A extends Shape, const B extends Shape, D extends DType>(
  a: Tensor<A, D>,
  b: Other<A, B, NoInfer<D>>,
  { relative = 1e-5, absolute = 1e-8 }: ClosenessSettings = {},
): Tensor<Stretched<A, B>, "bool"> {
  return new Tensor(isCloseValues(a.value, b.value, relative, absolute));
}
