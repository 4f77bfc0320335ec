/** @file Values in other shapes: reshaped, transposed, stretched, cut and joined. */
import { GraphError } from "../errors.ts";
import {
  elementCount,
  knownSizes,
  normalAxes,
  normalAxis,
  sameShape,
  showShape,
  type Dimension,
  type Shape,
} from "../shape.ts";
import { integers, type Attributes, type Value } from "../value.ts";
import { apply, applyAll } from "./apply.ts";

/** The size of one axis as an int64 vector of one element: a constant where it is known. */
export function sizeOf(x: Value, axis: number): Value {
  const size = x.shape[axis];
  if (typeof size === "number") return integers([size]);
  return apply("Gather", [shapeOf(x), integers([axis])], { axis: { int: 0 } });
}

/** All sizes as an int64 vector: a constant where they are known. */
export function shapeOf(x: Value): Value {
  const sizes = knownSizes(x.shape);
  return sizes ? integers(sizes) : apply("Shape", [x]);
}

/**
 * A shape as an int64 vector, its named sizes read off the value that has them.
 * @throws {@link GraphError} where no axis of `like` has such a name
 */
export function shapeVector(what: string, shape: Shape, like: readonly Value[]): Value {
  const sizes = knownSizes(shape);
  if (sizes) return integers(sizes);
  const parts = shape.map((size) => {
    if (typeof size === "number") return integers([size]);
    const owner = like.find((value) => value.shape.includes(size));
    if (!owner) throw new GraphError(`${what}: nothing has the size "${size}"`);
    return sizeOf(owner, owner.shape.indexOf(size));
  });
  return concat(parts, 0);
}

/**
 * The same elements in another shape. One size may be -1: what remains. `like` holds values from which named sizes that
 * `x` has not are read.
 * @throws {@link GraphError} when the number of elements would change
 */
export function reshape(x: Value, shape: Shape, like: readonly Value[] = []): Value {
  if (sameShape(x.shape, shape)) return x;
  const free = shape.indexOf(-1);
  if (free !== shape.lastIndexOf(-1))
    throw new GraphError(`reshape: only one size of ${showShape(shape)} may be -1`);
  const target = free < 0 ? shape : shape.with(free, remaining(x.shape, shape));
  const before = elementCount(x.shape);
  const after = elementCount(target);
  if (before !== undefined && after !== undefined && before !== after)
    throw new GraphError(
      `reshape: ${showShape(x.shape)} has ${before} elements, ${showShape(shape)} has ${after}`,
    );
  const names = target.filter((size) => typeof size === "string");
  // One unknown size needs no look at the input: ONNX Runtime works it out.
  const vector =
    names.length === 1
      ? integers(target.map((size) => (typeof size === "number" ? size : -1)))
      : shapeVector("reshape", target, [x, ...like]);
  // Without it a size of 0 would stand for the input's.
  const attributes: Attributes = target.includes(0) ? { allowzero: { int: 1 } } : {};
  return apply("Reshape", [x, vector], attributes, { types: [{ dtype: x.dtype, shape: target }] });
}

function remaining(from: Shape, to: Shape): Dimension {
  const names = from.filter((size) => typeof size === "string");
  const rest = to.filter((size) => size !== -1);
  for (const name of rest.filter((size) => typeof size === "string")) {
    const position = names.indexOf(name);
    if (position < 0)
      throw new GraphError(`reshape: ${showShape(from)} has no size "${name}" as in ${showShape(to)}`);
    names.splice(position, 1);
  }
  const product = (shape: Shape): number =>
    shape.reduce<number>((total, size) => (typeof size === "number" ? total * size : total), 1);
  const [name] = names;
  const quotient = product(from) / product(rest);
  if (names.length === 0 && Number.isInteger(quotient)) return quotient;
  if (name !== undefined && names.length === 1 && quotient === 1) return name;
  if (names.length === 0)
    throw new GraphError(`reshape: ${showShape(from)} does not divide into ${showShape(to)}`);
  return [...names, ...(quotient === 1 ? [] : [quotient])].join("*");
}

/** Axes in another order; reversed where no order is given. */
export function transpose(x: Value, order?: readonly number[]): Value {
  const rank = x.shape.length;
  const permutation = order
    ? order.map((axis) => normalAxis("transpose", axis, rank))
    : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  if (permutation.length !== rank || new Set(permutation).size !== rank)
    throw new GraphError(`transpose: [${permutation.join(", ")}] is no order of ${rank} axes`);
  if (permutation.every((axis, position) => axis === position)) return x;
  return apply("Transpose", [x], { perm: { ints: permutation } });
}

/** The last two axes exchanged. */
export function swapLastAxes(x: Value): Value {
  const rank = x.shape.length;
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return transpose(x, [...order.slice(0, -2), rank - 1, rank - 2]);
}

/** Stretched to a shape, as broadcasting does. `like` holds values from which named sizes are read. */
export function broadcastTo(x: Value, shape: Shape, like: readonly Value[] = []): Value {
  if (sameShape(x.shape, shape)) return x;
  return apply(
    "Expand",
    [x, shapeVector("broadcastTo", shape, [x, ...like])],
    {},
    {
      types: [{ dtype: x.dtype, shape }],
    },
  );
}

/** Without axes of size 1: those named, or all. */
export function squeeze(x: Value, axes?: number | readonly number[]): Value {
  const gone =
    axes === undefined
      ? x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []))
      : normalAxes("squeeze", axes, x.shape.length);
  return gone.length === 0 ? x : apply("Squeeze", [x, integers(gone)]);
}

/** With new axes of size 1 at these positions of the result. */
export function unsqueeze(x: Value, axes: number | readonly number[]): Value {
  const rank = x.shape.length + [axes].flat().length;
  const added = normalAxes("unsqueeze", axes, rank);
  return added.length === 0 ? x : apply("Unsqueeze", [x, integers(added)]);
}

/** Joined along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  const [first] = values;
  if (!first) throw new GraphError("concat: there is nothing to join");
  if (values.length === 1) return first;
  return apply("Concat", values, { axis: { int: normalAxis("concat", axis, first.shape.length) } });
}

/** Cut along an axis into parts of these sizes. */
export function split(x: Value, sizes: readonly number[], axis: number): readonly Value[] {
  if (sizes.length === 1) return [x];
  const attributes = { axis: { int: normalAxis("split", axis, x.shape.length) } };
  return applyAll("Split", [x, integers(sizes)], attributes, { outputCount: sizes.length });
}

/** What to take of one axis. Negative positions count from the end. */
export interface Range {
  readonly axis: number;
  readonly start: number;
  /** The first position not taken; the end where absent. */
  readonly end?: number;
  readonly step?: number;
}

/** Parts of axes. */
export function slice(x: Value, ranges: readonly Range[]): Value {
  if (ranges.length === 0) return x;
  const limit = 2 ** 31 - 1;
  const of = (read: (range: Range) => number): Value => integers(ranges.map(read));
  return apply("Slice", [
    x,
    of(({ start }) => start),
    of(({ end, step = 1 }) => end ?? (step > 0 ? limit : -limit - 1)),
    of(({ axis }) => normalAxis("slice", axis, x.shape.length)),
    of(({ step = 1 }) => step),
  ]);
}

/** With `before` and `after` elements of a value (0 where absent) added around each axis. */
export function pad(
  x: Value,
  before: readonly number[],
  after: readonly number[],
  fill?: Value,
  mode = "constant",
): Value {
  if ([...before, ...after].every((count) => count === 0)) return x;
  const inputs = [x, integers([...before, ...after]), ...(fill ? [fill] : [])];
  return apply("Pad", inputs, mode === "constant" ? {} : { mode: { text: mode } });
}
