/** @file Reductions of tensors over axes, and what runs along one. Axes are counted from the end where negative. */
import type { DType, FloatDType } from "../dtype.ts";
import * as arrange from "../ops/arrange.ts";
import * as reduce from "../ops/reduce.ts";
import * as sorting from "../ops/sorting.ts";
import * as statistics from "../ops/statistics.ts";
import type { Axes, ExistingAxes, Reduced } from "../shape-types.ts";
import type { Shape } from "../shape.ts";
import { Tensor, type ReductionOptions } from "../tensor.ts";

/** Settings of {@link variance} and {@link std}. */
export interface VarianceOptions<K extends boolean> extends ReductionOptions<K> {
  /** What is taken from the count in the divisor: 0 (the default, as NumPy's), or 1 for the unbiased one of samples. */
  readonly correction?: number;
}

/** The variance over axes, or of all: `Σ (x - mean)² / (n - correction)`. */
export function variance<
  S extends Shape,
  D extends FloatDType,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S, D>,
  axes?: A & ExistingAxes<S, A>,
  { correction = 0, keepAxes }: VarianceOptions<K> = {},
): Tensor<Reduced<S, A, K>, D> {
  return new Tensor(statistics.variance(x.value, { axes, keepAxes }, correction));
}

/** The standard deviation over axes, or of all: the root of the {@link variance}. Its gradient where all are equal is 0. */
export function std<
  S extends Shape,
  D extends FloatDType,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S, D>,
  axes?: A & ExistingAxes<S, A>,
  { correction = 0, keepAxes }: VarianceOptions<K> = {},
): Tensor<Reduced<S, A, K>, D> {
  return new Tensor(statistics.standardDeviation(x.value, { axes, keepAxes }, correction));
}

/** Settings of {@link norm}. */
export interface NormOptions<K extends boolean> extends ReductionOptions<K> {
  /** 1: the sum of sizes; 2, the default: the root of the sum of squares; "max": the largest size. */
  readonly order?: statistics.NormOrder;
}

/** The norm of vectors over axes, or of all elements. */
export function norm<
  S extends Shape,
  D extends FloatDType,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S, D>,
  axes?: A & ExistingAxes<S, A>,
  { order = 2, keepAxes }: NormOptions<K> = {},
): Tensor<Reduced<S, A, K>, D> {
  return new Tensor(statistics.norm(x.value, order, { axes, keepAxes }));
}

/** `log Σ e^x` over axes, or of all, without overflow. */
export function logSumExp<
  S extends Shape,
  D extends FloatDType,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S, D>,
  axes?: A & ExistingAxes<S, A>,
  options?: ReductionOptions<K>,
): Tensor<Reduced<S, A, K>, D> {
  return new Tensor(statistics.logSumExp(x.value, { axes, ...options }));
}

/** The product over axes, or of all. */
export function prod<
  S extends Shape,
  D extends DType,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S, D>,
  axes?: A & ExistingAxes<S, A>,
  options?: ReductionOptions<K>,
): Tensor<Reduced<S, A, K>, D> {
  return new Tensor(reduce.product(x.value, { axes, ...options }));
}

/** Whether any over axes, or of all, is true or not zero. */
export function any<S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Tensor<S>,
  axes?: A & ExistingAxes<S, A>,
  options?: ReductionOptions<K>,
): Tensor<Reduced<S, A, K>, "bool"> {
  return new Tensor(statistics.any(x.value, { axes, ...options }));
}

/** Whether all over axes, or all there are, are true or not zero. */
export function all<S extends Shape, const A extends Axes = undefined, const K extends boolean = false>(
  x: Tensor<S>,
  axes?: A & ExistingAxes<S, A>,
  options?: ReductionOptions<K>,
): Tensor<Reduced<S, A, K>, "bool"> {
  return new Tensor(statistics.all(x.value, { axes, ...options }));
}

/** How many over axes, or of all, are true or not zero. */
export function countNonzero<
  S extends Shape,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S>,
  axes?: A & ExistingAxes<S, A>,
  options?: ReductionOptions<K>,
): Tensor<Reduced<S, A, K>, "int64"> {
  return new Tensor(statistics.countNonzero(x.value, { axes, ...options }));
}

/** The position of the largest along an axis, or among all in row-major order; the first of equal ones. */
export function argmax<
  S extends Shape,
  const A extends number | undefined = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S>,
  axis?: A & ExistingAxes<S, A>,
  options: ReductionOptions<K> = {},
): Tensor<Reduced<S, A, K>, "int64"> {
  return new Tensor(sorting.argmax(x.value, axis, options.keepAxes));
}

/** The position of the smallest along an axis, or among all in row-major order; the first of equal ones. */
export function argmin<
  S extends Shape,
  const A extends number | undefined = undefined,
  const K extends boolean = false,
>(
  x: Tensor<S>,
  axis?: A & ExistingAxes<S, A>,
  options: ReductionOptions<K> = {},
): Tensor<Reduced<S, A, K>, "int64"> {
  return new Tensor(sorting.argmin(x.value, axis, options.keepAxes));
}

/** Running sums along an axis, the last where absent. */
export function cumsum<S extends Shape, D extends DType, const A extends number = -1>(
  x: Tensor<S, D>,
  axis?: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(arrange.cumsum(x.value, axis ?? -1));
}

/** Running products along an axis of known size, the last where absent. */
export function cumprod<S extends Shape, D extends DType, const A extends number = -1>(
  x: Tensor<S, D>,
  axis?: A & ExistingAxes<S, A>,
): Tensor<S, D> {
  return new Tensor(arrange.cumprod(x.value, axis ?? -1));
}

/** Elements in order with the positions that they are from. */
export interface Ordered<S extends Shape, D extends DType> {
  readonly values: Tensor<S, D>;
  readonly positions: Tensor<S, "int64">;
}

/** Settings of {@link sort}. */
export interface SortOptions {
  /** The last where absent. */
  readonly axis?: number;
  readonly descending?: boolean;
}

/** Elements in order along an axis, with the positions they are from; equal ones keep their order. */
export function sort<S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  { axis = -1, descending = false }: SortOptions = {},
): Ordered<S, D> {
  const { values, positions } = sorting.sort(x.value, axis, descending);
  return { values: new Tensor(values), positions: new Tensor(positions) };
}

/** The positions that put the elements along an axis in order. */
export function argsort<S extends Shape>(x: Tensor<S>, options: SortOptions = {}): Tensor<S, "int64"> {
  return sort(x, options).positions;
}

/** Settings of {@link topK}. */
export interface TopKOptions {
  /** The last where absent. */
  readonly axis?: number;
  /** The smallest where false. */
  readonly largest?: boolean;
}

/** The `count` largest along an axis, in order, with the positions they are from. */
export function topK<S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  count: number,
  { axis = -1, largest = true }: TopKOptions = {},
): Ordered<{ readonly [Axis in keyof S]: S[Axis] | number }, D> {
  const { values, positions } = sorting.topK(x.value, count, axis, largest);
  return { values: new Tensor(values), positions: new Tensor(positions) };
}

/** Where in a sorted vector `[n]` each value belongs: before equal elements, or after them with `right`. Takes n steps each. */
export function searchSorted<S extends Shape, D extends DType>(
  sorted: Tensor<readonly [number], D>,
  values: Tensor<S, NoInfer<D>>,
  { right = false }: { readonly right?: boolean } = {},
): Tensor<S, "int64"> {
  return new Tensor(sorting.searchSorted(sorted.value, values.value, right));
}
