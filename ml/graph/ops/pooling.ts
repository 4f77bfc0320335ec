/** @file Pooling of values over windows, batch and channels first: `[batch, channels, ...spatial]`. */
import { GraphError } from "../errors.ts";
import { arrayOfNumbers, constant, scalar, type Value } from "../value.ts";
import { knownSizes, showShape, type Shape } from "../shape.ts";
import { apply } from "./apply.ts";
import { convolveTransposed } from "./convolution.ts";
import { cast, divide, equal, multiply } from "./elementwise.ts";
import { resizeNearest } from "./resize.ts";
import { concat, pad, reshape, slice, unsqueeze } from "./shape-ops.ts";
import { extent, positionsIn, windowAttributes, type Windows } from "./windows.ts";

/** The largest element of each window; what is added around counts as -∞ (ONNX operator specification, MaxPool). */
export function maxPool(x: Value, windows: Windows): Value {
  return apply("MaxPool", [x], windowAttributes(windows));
}

/**
 * The mean of each window (ONNX operator specification, AveragePool).
 * @param countPadding whether what is added around counts, as zeros
 */
export function averagePool(x: Value, windows: Windows, countPadding: boolean): Value {
  const counting = countPadding ? { count_include_pad: { int: 1 } } : {};
  return apply("AveragePool", [x], { ...windowAttributes(windows), ...counting });
}

/** Whether windows lie side by side without padding, so that every element is in at most one. */
function tiles({ kernel, strides, dilations, before, after }: Windows): boolean {
  return (
    kernel.every((size, axis) => size === strides[axis] && (size === 1 || dilations[axis] === 1)) &&
    [...before, ...after].every((count) => count === 0)
  );
}

function spatial(x: Value): readonly number[] {
  const sizes = knownSizes(x.shape.slice(2));
  if (!sizes) throw new GraphError(`the gradient of pooling needs known sizes, not ${showShape(x.shape)}`);
  return sizes;
}

/** The sizes of what windows side by side see. */
function insideTiles(y: Value, kernel: readonly number[], sizes: readonly number[]): readonly number[] {
  return sizes.map((size, axis) => Math.min(size, Number(y.shape[axis + 2]) * (kernel[axis] ?? 1)));
}

/** Each window's value at all its elements that lie inside. The windows lie side by side. */
function overTiles(y: Value, kernel: readonly number[], inside: readonly number[]): Value {
  const stretched = resizeNearest(y, kernel);
  // Windows that were rounded up reach beyond the elements.
  const cut = inside.flatMap((end, axis) =>
    end === stretched.shape[axis + 2] ? [] : [{ axis: axis + 2, start: 0, end }],
  );
  return slice(stretched, cut);
}

/** With zeros at the ends of the spatial axes, up to these sizes. */
function padTo(x: Value, sizes: readonly number[]): Value {
  const missing = sizes.map((size, axis) => size - Number(x.shape[axis + 2]));
  return pad(x, [0, 0, ...missing.map(() => 0)], [0, 0, ...missing]);
}

/** What is added at the end so that the windows, counted by their results, are whole; and what no window sees. */
function ends(
  windows: Windows,
  sizes: readonly number[],
  counts: readonly number[],
): { readonly after: readonly number[]; readonly unseen: readonly number[] } {
  const spare = sizes.map((size, axis) => {
    const reach = ((counts[axis] ?? 1) - 1) * (windows.strides[axis] ?? 1) + extent(windows, axis);
    return reach - size - (windows.before[axis] ?? 0);
  });
  return {
    after: spare.map((count) => Math.max(0, count)),
    unseen: spare.map((count) => Math.max(0, -count)),
  };
}

/**
 * The gradient of {@link maxPool}'s input. Elements that tie for the largest of a window each receive its gradient.
 */
export function maxPoolGradient(x: Value, y: Value, gradient: Value, windows: Windows): Value {
  const sizes = spatial(x);
  const { kernel } = windows;
  if (tiles(windows)) {
    const inside = insideTiles(y, kernel, sizes);
    const seen = slice(
      x,
      inside.flatMap((end, axis) => (end === sizes[axis] ? [] : [{ axis: axis + 2, start: 0, end }])),
    );
    const isLargest = cast(equal(seen, overTiles(y, kernel, inside)), x.dtype);
    return padTo(multiply(isLargest, overTiles(gradient, kernel, inside)), sizes);
  }
  const counts = spatial(y);
  const { after, unseen } = ends(windows, sizes, counts);
  const lowest = scalar(x.dtype, Number.NEGATIVE_INFINITY);
  const padded = pad(x, [0, 0, ...windows.before], [0, 0, ...after], lowest);
  const places = positionsIn(kernel);
  const seen = places.map((position) => {
    const ranges = counts.map((count, axis) => {
      const start = (position[axis] ?? 0) * (windows.dilations[axis] ?? 1);
      const step = windows.strides[axis] ?? 1;
      return { axis: axis + 2, start, end: start + (count - 1) * step + 1, step };
    });
    return unsqueeze(slice(padded, ranges), 2);
  });
  const isLargest = cast(equal(concat(seen, 2), unsqueeze(y, 2)), x.dtype);
  const shares = reshape(multiply(isLargest, unsqueeze(gradient, 2)), [-1, places.length, ...counts]);
  const identity = places.flatMap((_, row) => places.map((_, column) => (row === column ? 1 : 0)));
  const weight = constant(x.dtype, arrayOfNumbers(x.dtype, identity), [places.length, 1, ...kernel]);
  return putBack(shares, weight, { ...windows, after }, unseen, x);
}

/** Adds what belongs to each element of each window up, by a transposed convolution. */
function putBack(shares: Value, weight: Value, windows: Windows, unseen: readonly number[], x: Value): Value {
  const sum = convolveTransposed(shares, weight, undefined, { ...windows, groups: 1 });
  const whole = pad(sum, [0, 0, ...unseen.map(() => 0)], [0, 0, ...unseen]);
  return reshape(whole, x.shape, [x]);
}

/** The gradient of {@link averagePool}'s input. */
export function averagePoolGradient(
  x: Value,
  gradient: Value,
  windows: Windows,
  countPadding: boolean,
): Value {
  const sizes = spatial(x);
  const counts = spatial(gradient);
  const { kernel } = windows;
  const { after, unseen } = ends(windows, sizes, counts);
  const divisor = divisors(windows, sizes, counts, countPadding);
  const values = arrayOfNumbers(x.dtype, divisor);
  const shares = divide(gradient, constant(x.dtype, values, divisor.length === 1 ? [] : counts));
  if (tiles(windows)) return padTo(overTiles(shares, kernel, insideTiles(gradient, kernel, sizes)), sizes);
  const volume = kernel.reduce((product, size) => product * size, 1);
  const ones = arrayOfNumbers(
    x.dtype,
    Array.from({ length: volume }, () => 1),
  );
  const weight = constant(x.dtype, ones, [1, 1, ...kernel]);
  return putBack(reshape(shares, [-1, 1, ...counts]), weight, { ...windows, after }, unseen, x);
}

/** What each window is divided by: one number where it is the same for all. */
function divisors(
  windows: Windows,
  sizes: readonly number[],
  counts: readonly number[],
  countPadding: boolean,
): number[] {
  const { kernel, strides, dilations, before, after } = windows;
  const along = counts.map((count, axis) => {
    const [first, last] = countPadding
      ? [-(before[axis] ?? 0), (sizes[axis] ?? 0) + (after[axis] ?? 0)]
      : [0, sizes[axis] ?? 0];
    return Array.from({ length: count }, (_, window) => {
      const start = window * (strides[axis] ?? 1) - (before[axis] ?? 0);
      const places = Array.from(
        { length: kernel[axis] ?? 1 },
        (_, index) => start + index * (dilations[axis] ?? 1),
      );
      return places.filter((place) => place >= first && place < last).length;
    });
  });
  const all = along.reduce((outer, inner) => outer.flatMap((a) => inner.map((b) => a * b)), [1]);
  return all.every((each) => each === all[0]) ? all.slice(0, 1) : all;
}

/** The spatial axes of `[batch, channels, ...spatial]`. */
export function spatialAxes(shape: Shape): number[] {
  return shape.slice(2).map((_, axis) => axis + 2);
}
