/** @file Values stretched to other spatial sizes: `[batch, channels, ...spatial]`. */
import { GraphError } from "../errors.ts";
import { knownSizes, showShape, type Dimension } from "../shape.ts";
import { arrayOfNumbers, constant, type Value } from "../value.ts";
import { apply } from "./apply.ts";
import { matmul } from "./matmul.ts";
import { shapeVector, transpose } from "./shape-ops.ts";

/** Every element repeated a whole number of times along each spatial axis (ONNX operator specification, Resize). */
export function resizeNearest(x: Value, factors: readonly number[]): Value {
  if (factors.every((factor) => factor === 1)) return x;
  const scales = constant("float32", Float32Array.of(1, 1, ...factors), [factors.length + 2]);
  const shape = x.shape.map((size, axis): Dimension => {
    const factor = factors[axis - 2] ?? 1;
    return typeof size === "number" ? size * factor : factor === 1 ? size : `${size}*${factor}`;
  });
  const attributes = {
    mode: { text: "nearest" },
    coordinate_transformation_mode: { text: "asymmetric" },
    nearest_mode: { text: "floor" },
  };
  return apply("Resize", [x, undefined, scales], attributes, { types: [{ dtype: x.dtype, shape }] });
}

/** How a place in the result is matched with one in the input (ONNX operator specification, Resize). */
export interface Sampling {
  readonly mode: "nearest" | "linear";
  readonly coordinates: "half_pixel" | "pytorch_half_pixel" | "align_corners" | "asymmetric";
  /** Which neighbour is nearest. */
  readonly rounding: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
}

/** Stretched or shrunk to spatial sizes by {@link Sampling} (ONNX operator specification, Resize). */
export function resize(x: Value, sizes: readonly number[], sampling: Sampling): Value {
  const shape = [...x.shape.slice(0, 2), ...sizes];
  const attributes = {
    mode: { text: sampling.mode },
    coordinate_transformation_mode: { text: sampling.coordinates },
    ...(sampling.mode === "nearest" && { nearest_mode: { text: sampling.rounding } }),
  };
  const inputs = [x, undefined, undefined, shapeVector("resize", shape, [x])];
  return apply("Resize", inputs, attributes, { types: [{ dtype: x.dtype, shape }] });
}

/**
 * The gradient of the input of a resizing: along each spatial axis a product with the transposed matrix of weights by
 * which the result was made of the input.
 * @throws {@link GraphError} where sizes are not known
 */
export function resizeGradient(
  x: Value,
  gradient: Value,
  sampling: Sampling,
  scales: readonly number[] | undefined,
): Value {
  const from = knownSizes(x.shape.slice(2));
  const to = knownSizes(gradient.shape.slice(2));
  if (!from || !to)
    throw new GraphError(`the gradient of resizing needs known sizes, not ${showShape(x.shape)}`);
  let result = gradient;
  for (const [index, size] of from.entries()) {
    const count = to[index] ?? 1;
    const scale = scales?.[index] ?? count / size;
    if (size === count && scale === 1) continue;
    const weights = samplingMatrix(size, count, scale, sampling);
    const matrix = constant(x.dtype, arrayOfNumbers(x.dtype, weights), [count, size]);
    const rank = result.shape.length;
    const toLast = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== index + 2);
    const order = [...toLast, index + 2];
    const back = order.map((_, axis) => order.indexOf(axis));
    result = transpose(matmul(transpose(result, order), matrix), back);
  }
  return result;
}

/** The weights `[count, size]` of the elements of an axis in each element that it is resized to. */
function samplingMatrix(size: number, count: number, scale: number, sampling: Sampling): number[] {
  const weights = Array.from({ length: count * size }, () => 0);
  const add = (row: number, place: number, weight: number): void => {
    const column = Math.min(Math.max(place, 0), size - 1);
    weights[row * size + column] = (weights[row * size + column] ?? 0) + weight;
  };
  for (let row = 0; row < count; row++) {
    const place = sourcePlace(row, size, count, scale, sampling.coordinates);
    if (sampling.mode === "nearest") add(row, roundings[sampling.rounding](place), 1);
    else {
      const inside = Math.min(Math.max(place, 0), size - 1);
      const left = Math.floor(inside);
      add(row, left, 1 - (inside - left));
      add(row, left + 1, inside - left);
    }
  }
  return weights;
}

const roundings: Readonly<Record<Sampling["rounding"], (place: number) => number>> = {
  round_prefer_floor: (place) => Math.ceil(place - 0.5),
  round_prefer_ceil: (place) => Math.floor(place + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function sourcePlace(
  place: number,
  size: number,
  count: number,
  scale: number,
  coordinates: Sampling["coordinates"],
): number {
  switch (coordinates) {
    case "asymmetric":
      return place / scale;
    case "align_corners":
      return count === 1 ? 0 : (place * (size - 1)) / (count - 1);
    case "pytorch_half_pixel":
      return count > 1 ? (place + 0.5) / scale - 0.5 : 0;
    default:
      return (place + 0.5) / scale - 0.5;
  }
}
