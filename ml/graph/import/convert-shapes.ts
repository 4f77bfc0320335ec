/** @file Operators that reshape, cut and join, of all versions, by sizes that may be names. */
import { intAttribute, intsAttribute, textAttribute } from "../ops/attributes.ts";
import { apply, applyAll } from "../ops/apply.ts";
import { einsum } from "../ops/einsum.ts";
import { reshape, shapeVector, slice, transpose } from "../ops/shape-ops.ts";
import { padCircular } from "../ops/arrange.ts";
import { fillFree } from "../operators/shape-ops.ts";
import { broadcastShapes, normalAxis, type Dimension } from "../shape.ts";
import { integers, scalar, type Value } from "../value.ts";
import { freshShape } from "./convert-constants.ts";
import {
  defineImport,
  elementsOfInput,
  inputOf,
  numbersOfInput,
  refuse,
  type ImportedNode,
} from "./imported-node.ts";

defineImport("Reshape", (node) => {
  const x = inputOf(node, 0);
  const target = inputOf(node, 1);
  const copiesZero = intAttribute(node.attributes, "allowzero", 0) === 0;
  const sizes = elementsOfInput(node, 1)?.map((size, axis) =>
    size === 0 && copiesZero ? (x.shape[axis] ?? 0) : size,
  );
  const shape = sizes ? fillFree(x.shape, sizes) : freshShape(node, target);
  if (shape.includes(0))
    return [apply("Reshape", [x, shapeVector("Reshape", shape, [x])], { allowzero: { int: 1 } })];
  if (shape.every((size) => typeof size === "number")) return [reshape(x, shape)];
  return [apply("Reshape", [x, target], node.attributes, { types: [{ dtype: x.dtype, shape }] })];
});

defineImport("Expand", (node) => {
  const x = inputOf(node, 0);
  const target = inputOf(node, 1);
  const shape = broadcastShapes("Expand", x.shape, elementsOfInput(node, 1) ?? freshShape(node, target));
  return [apply("Expand", [x, target], {}, { types: [{ dtype: x.dtype, shape }] })];
});

defineImport("Tile", (node) => {
  const x = inputOf(node, 0);
  if (node.knowledge.numbers(inputOf(node, 1))) return [apply("Tile", node.inputs)];
  const counts = elementsOfInput(node, 1);
  const shape = x.shape.map((size, axis): Dimension => {
    const count = counts?.[axis];
    if (count === 1) return size;
    return size === 1 && count !== undefined ? count : node.knowledge.freshSize("Tile");
  });
  return [apply("Tile", node.inputs, {}, { types: [{ dtype: x.dtype, shape }] })];
});

/** An input of newer versions that was an attribute once. */
function fromAttribute(node: ImportedNode, index: number, name: string): Value | undefined {
  const numbers = intsAttribute(node.attributes, name);
  return node.inputs[index] ?? (numbers && integers(numbers));
}

defineImport(["Squeeze", "Unsqueeze"], (node) => {
  const axes = fromAttribute(node, 1, "axes");
  return [apply(node.operator, axes ? [inputOf(node, 0), axes] : [inputOf(node, 0)])];
});

defineImport("Split", (node) => {
  const x = inputOf(node, 0);
  const axis = intAttribute(node.attributes, "axis", 0);
  const attributes = { axis: { int: normalAxis("split", axis, x.shape.length) } };
  const sizes = fromAttribute(node, 1, "split") ?? integers(evenParts(node, x, attributes.axis.int));
  return applyAll("Split", [x, sizes], attributes, { outputCount: node.outputCount });
});

/** Parts of one size, the last smaller where it doesn't divide (num_outputs of version 18). */
function evenParts(node: ImportedNode, x: Value, axis: number): readonly number[] {
  const total = x.shape[axis];
  const { outputCount } = node;
  if (typeof total !== "number")
    throw refuse(node, "its axis has a size that is known only when the model runs");
  const size = Math.ceil(total / outputCount);
  return Array.from({ length: outputCount }, (_, part) => Math.min(size, total - part * size));
}

defineImport("Slice", (node) => {
  const x = inputOf(node, 0);
  const starts = intsAttribute(node.attributes, "starts");
  if (node.version < 10 && starts) {
    const axes = intsAttribute(node.attributes, "axes") ?? starts.map((_, index) => index);
    const ends = intsAttribute(node.attributes, "ends") ?? [];
    return [apply("Slice", [x, integers(starts), integers(ends), integers(axes)])];
  }
  const isKnown = [1, 2, 3, 4].every(
    (index) => !node.inputs[index] || node.knowledge.numbers(node.inputs[index]),
  );
  if (isKnown) return [apply("Slice", node.inputs)];
  const axes = node.inputs[3] ? numbersOfInput(node, 3) : x.shape.map((_, axis) => axis);
  const cut = axes
    .slice(0, Number(inputOf(node, 1).shape[0]))
    .map((axis) => normalAxis("slice", axis, x.shape.length));
  const shape = x.shape.map((size, axis): Dimension => {
    const which = cut.indexOf(axis);
    return which < 0 ? size : cutSize(node, which, size);
  });
  return [apply("Slice", node.inputs, {}, { types: [{ dtype: x.dtype, shape }] })];
});

/** The size that a cut by sizes with names leaves: all, or from the first element to a size. */
function cutSize(node: ImportedNode, which: number, size: Dimension): Dimension {
  const [start, end, step = 1] = [1, 2, 4].map((index) => elementsOfInput(node, index)?.[which]);
  if (start === 0 && step === 1 && end === size) return size;
  return node.knowledge.freshSize("Slice");
}

defineImport("Concat", (node) => {
  const parts = node.inputs.filter((each) => each !== undefined);
  // Exporters join shapes with empty vectors, which have no part in the result.
  const filled = parts.filter(({ shape }) => !(shape.length === 1 && shape[0] === 0));
  return [apply("Concat", filled.length > 0 ? filled : parts, node.attributes)];
});

defineImport("Pad", (node) => {
  const x = inputOf(node, 0);
  const { attributes, version } = node;
  const mode = textAttribute(attributes, "mode", "constant");
  const fill = node.inputs[2];
  const counts =
    version < 11
      ? (intsAttribute(attributes, "pads") ?? intsAttribute(attributes, "paddings") ?? [])
      : fullCounts(node, x);
  if (mode === "wrap") return [padCircular(x, counts.slice(0, x.shape.length), counts.slice(x.shape.length))];
  const value = attributes["value"];
  const older = value && "float" in value && value.float !== 0 ? scalar(x.dtype, value.float) : undefined;
  const filling = mode === "constant" ? (fill ?? older) : undefined;
  const inputs = [x, integers(counts), ...(filling ? [filling] : [])];
  return [apply("Pad", inputs, { mode: { text: mode } })];
});

function fullCounts(node: ImportedNode, x: Value): readonly number[] {
  const counts = numbersOfInput(node, 1);
  if (!node.inputs[3]) return counts;
  const rank = x.shape.length;
  const axes = numbersOfInput(node, 3).map((axis) => normalAxis("pad", axis, rank));
  const full = Array.from({ length: 2 * rank }, () => 0);
  for (const [index, axis] of axes.entries()) {
    full[axis] = counts[index] ?? 0;
    full[axis + rank] = counts[index + axes.length] ?? 0;
  }
  return full;
}

defineImport("Einsum", (node) => [
  einsum(
    textAttribute(node.attributes, "equation", ""),
    node.inputs.map((_, index) => inputOf(node, index)),
  ),
]);

/** `[batch, channels, height, width]` taken apart by blocks and put together in another order. */
defineImport("DepthToSpace", (node) => {
  const x = inputOf(node, 0);
  const size = intAttribute(node.attributes, "blocksize", 1);
  const { batch, channels, height, width } = imageOf(node, x);
  const inner = channels / size / size;
  const isColumnMajor = textAttribute(node.attributes, "mode", "DCR") === "CRD";
  const apart = reshape(
    x,
    isColumnMajor ? [batch, inner, size, size, height, width] : [batch, size, size, inner, height, width],
  );
  const moved = transpose(apart, isColumnMajor ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
  return [reshape(moved, [batch, inner, height * size, width * size])];
});

defineImport("SpaceToDepth", (node) => {
  const x = inputOf(node, 0);
  const size = intAttribute(node.attributes, "blocksize", 1);
  const { batch, channels, height, width } = imageOf(node, x);
  const apart = reshape(x, [batch, channels, height / size, size, width / size, size]);
  const isColumnMajor = textAttribute(node.attributes, "mode", "DCR") === "CRD";
  const moved = transpose(apart, isColumnMajor ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]);
  return [reshape(moved, [batch, channels * size * size, height / size, width / size])];
});

function imageOf(
  node: ImportedNode,
  { shape }: Value,
): { batch: Dimension; channels: number; height: number; width: number } {
  const [batch, channels, height, width] = shape;
  if (
    batch === undefined ||
    typeof channels !== "number" ||
    typeof height !== "number" ||
    typeof width !== "number"
  )
    throw refuse(node, "it needs an image of known size");
  return { batch, channels, height, width };
}

defineImport("CenterCropPad", (node) => {
  const wanted = numbersOfInput(node, 1);
  let x = inputOf(node, 0);
  const rank = x.shape.length;
  const axes = (intsAttribute(node.attributes, "axes") ?? x.shape.map((_, axis) => axis)).map((axis) =>
    normalAxis("CenterCropPad", axis, rank),
  );
  for (const [index, axis] of axes.entries()) {
    const [size, target] = [x.shape[axis], wanted[index] ?? 1];
    if (typeof size !== "number") throw refuse(node, "it needs axes of known size");
    const start = Math.floor(Math.abs(size - target) / 2);
    if (size > target) x = slice(x, [{ axis, start, end: start + target }]);
    else if (size < target) {
      const none = Array.from({ length: 2 * rank }, () => 0);
      x = apply("Pad", [x, integers(none.with(axis, start).with(axis + rank, target - size - start))]);
    }
  }
  return [x];
});
