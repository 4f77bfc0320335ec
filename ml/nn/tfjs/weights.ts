/** @file The weights of layers: found by name, and in the layout that programs have. */
import { ModelImportError } from "../../graph/errors.ts";
import { strides } from "../../graph/shape.ts";
import { constant, type Value } from "../../graph/value.ts";

/** In training these are moved by the layer itself. */
const statistics = new Set(["moving_mean", "moving_variance"]);

/** Whether gradients train a weight of a layer that is trained. */
export function isTrained(name: string): boolean {
  return !statistics.has(name.split("/").at(-1) ?? "");
}

/** The full names of a layer's weights among all. */
export function weightNames(layer: string, all: Iterable<string>): string[] {
  return [...all].filter((name) => name.startsWith(`${layer}/`));
}

/**
 * The full name of a layer's weight, from its last name, with a direction before it where a layer has two.
 * @throws {@link ModelImportError} where there is none, or several
 */
export function weightName(layer: string, wanted: string, names: readonly string[]): string {
  const [last, direction] = wanted.split("/").toReversed();
  const found = names.filter((name) => {
    const rest = name.slice(layer.length + 1).split("/");
    return rest.at(-1) === last && (direction === undefined || (rest[0] ?? "").startsWith(`${direction}_`));
  });
  const [name] = found;
  if (name === undefined || found.length > 1)
    throw new ModelImportError(
      `layer "${layer}": there ${name === undefined ? "is no weight" : "are several weights"} "${wanted}"`,
    );
  return name;
}

/**
 * A weight in the layout of programs: of convolutions `[out, in, ...window]`, of depthwise ones `[channels, 1, ...window]`,
 * of transposed ones `[in, out, ...window]`; all others as they are.
 */
export function inProgramLayout(kind: string, name: string, weight: Value): Value {
  const last = name.split("/").at(-1);
  const rank = weight.shape.length;
  const window = Array.from({ length: rank - 2 }, (_, axis) => axis);
  if (last === "depthwise_kernel") {
    const moved = permuted(weight, [rank - 2, rank - 1, ...window]);
    const [channels = 1, factor = 1, ...sizes] = moved.shape.map(Number);
    return { ...moved, shape: [channels * factor, 1, ...sizes] };
  }
  if ((last === "kernel" && /^Conv[12]D/.test(kind)) || last === "pointwise_kernel")
    return permuted(weight, [rank - 1, rank - 2, ...window]);
  return weight;
}

function permuted(value: Value, order: readonly number[]): Value {
  const { source } = value;
  if (source.kind !== "data" || !(source.data instanceof Float32Array))
    throw new ModelImportError("the weights of a convolution must be float32");
  const { data } = source;
  const from = strides(value.shape.map(Number));
  const shape = order.map((axis) => Number(value.shape[axis]));
  const to = strides(shape);
  const moved = Float32Array.from(data, (_, index) => {
    const place = order.reduce(
      (sum, axis, at) => sum + (Math.floor(index / (to[at] ?? 1)) % (shape[at] ?? 1)) * (from[axis] ?? 1),
      0,
    );
    return data[place] ?? 0;
  });
  return constant("float32", moved, shape);
}
