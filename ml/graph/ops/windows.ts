/**
 * @file Sliding windows: which elements of an image a convolution or pooling sees for each element of its result.
 *
 * Along each spatial axis, window `i` takes the positions `i · stride - before + j · dilation` for `j < kernel`.
 */
import { GraphError } from "../errors.ts";
import { showShape, type Dimension, type Shape } from "../shape.ts";
import type { Attributes } from "../value.ts";
import { intAttribute, intsAttribute, textAttribute } from "./apply.ts";

/** Windows over the spatial axes: of each axis one entry of every list. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** What is added before each axis. */
  readonly before: readonly number[];
  /** What is added after each axis. */
  readonly after: readonly number[];
}

/** How far the first and last element of a window are apart, both counted. */
export function extent({ kernel, dilations }: Windows, axis: number): number {
  return ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;
}

/**
 * The sizes of the result over spatial axes of these sizes (ONNX operator specification, Conv and MaxPool).
 * @throws {@link GraphError} when a window is larger than its axis
 */
export function windowCounts(what: string, sizes: Shape, windows: Windows, roundUp = false): Shape {
  return sizes.map((size, axis): Dimension => {
    const stride = windows.strides[axis] ?? 1;
    const added = (windows.before[axis] ?? 0) + (windows.after[axis] ?? 0);
    const spare = added - extent(windows, axis);
    if (typeof size === "string") {
      if (stride === 1) return spare === -1 ? size : `${size}${signed(spare + 1)}`;
      return `(${size}${signed(spare)})/${stride}+1`;
    }
    const room = size + spare;
    if (room < 0)
      throw new GraphError(
        `${what}: a window of ${extent(windows, axis)} is larger than ${showShape(sizes)}${added > 0 ? ` with ${added} added` : ""}`,
      );
    const count = (roundUp ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would begin beyond the elements and what is added before them does not count.
    const beyond = roundUp && (count - 1) * stride >= size + (windows.before[axis] ?? 0);
    return beyond ? count - 1 : count;
  });
}

function signed(number: number): string {
  return number === 0 ? "" : number > 0 ? `+${number}` : String(number);
}

/**
 * The windows that an operator's attributes describe.
 * @param sizes the spatial sizes that the windows slide over
 * @param kernel the window's sizes where the attributes need not say them
 * @throws {@link GraphError} where padding is to be worked out and depends on sizes that are not known
 */
export function windowsOf(what: string, attributes: Attributes, sizes: Shape, kernel?: Shape): Windows {
  const size = intsAttribute(attributes, "kernel_shape") ?? kernel;
  if (!size || !size.every((each) => typeof each === "number"))
    throw new GraphError(`${what}: the size of the window is not known`);
  if (size.length !== sizes.length)
    throw new GraphError(`${what}: a window of ${size.length} axes over ${sizes.length} spatial axes`);
  const ones = size.map(() => 1);
  const strides = intsAttribute(attributes, "strides") ?? ones;
  const dilations = intsAttribute(attributes, "dilations") ?? ones;
  const pads = intsAttribute(attributes, "pads") ?? [...ones, ...ones].map(() => 0);
  const rank = size.length;
  const windows = { kernel: size, strides, dilations, before: pads.slice(0, rank), after: pads.slice(rank) };
  const automatic = textAttribute(attributes, "auto_pad", "NOTSET");
  if (automatic === "NOTSET") return windows;
  const none = size.map(() => 0);
  if (automatic === "VALID") return { ...windows, before: none, after: none };
  const totals = size.map((_, axis) => {
    const stride = strides[axis] ?? 1;
    const length = sizes[axis];
    if (stride !== 1 && typeof length !== "number")
      throw new GraphError(`${what}: padding "${automatic}" with a stride needs known sizes`);
    const covered = stride === 1 ? 0 : (Math.ceil(Number(length) / stride) - 1) * stride - Number(length) + 1;
    return Math.max(0, covered + extent(windows, axis) - 1);
  });
  const less = totals.map((total) => Math.floor(total / 2));
  const more = totals.map((total, axis) => total - (less[axis] ?? 0));
  return automatic === "SAME_LOWER"
    ? { ...windows, before: more, after: less }
    : { ...windows, before: less, after: more };
}

/** Windows as the attributes of an operator. */
export function windowAttributes({ kernel, strides, dilations, before, after }: Windows): Attributes {
  return {
    kernel_shape: { ints: kernel },
    ...(strides.some((stride) => stride !== 1) && { strides: { ints: strides } }),
    ...(dilations.some((dilation) => dilation !== 1) && { dilations: { ints: dilations } }),
    ...([...before, ...after].some((count) => count !== 0) && { pads: { ints: [...before, ...after] } }),
  };
}

/** Whether an operator's attributes round the number of windows up. */
export function roundsUp(attributes: Attributes): boolean {
  return intAttribute(attributes, "ceil_mode", 0) === 1;
}

/** Every position in a box, the last axis running fastest. */
export function positionsIn(sizes: readonly number[]): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>(
    (found, size) => found.flatMap((start) => Array.from({ length: size }, (_, index) => [...start, index])),
    [[]],
  );
}
