/** @file Operators on images, of all versions: resizing (Upsample once), sampling, pooling, convolution. */
import { floatAttribute, intAttribute, intsAttribute, textAttribute } from "../ops/attributes.ts";
import { apply, applyAll } from "../ops/apply.ts";
import { windowAttributes, windowsOf } from "../ops/windows.ts";
import { normalAxis, type Dimension } from "../shape.ts";
import { constant, integers, type Attributes, type Value } from "../value.ts";
import {
  defineImport,
  elementsOfInput,
  inputOf,
  numbersOfInput,
  refuse,
  without,
  type ImportedNode,
} from "./imported-node.ts";

const older: Attributes = {
  coordinate_transformation_mode: { text: "asymmetric" },
  nearest_mode: { text: "floor" },
};

defineImport("Upsample", (node) => {
  const x = inputOf(node, 0);
  const named = node.attributes["scales"];
  const scales = named && "floats" in named ? named.floats : numbersOfInput(node, 1);
  return [resized(x, scalesVector(scales), older, modeOf(node))];
});

defineImport("Resize", (node) => {
  const x = inputOf(node, 0);
  if (node.version < 11) return [resized(x, scalesVector(numbersOfInput(node, 1)), older, modeOf(node))];
  const { attributes } = node;
  if (intAttribute(attributes, "antialias", 0) === 1)
    throw refuse(node, "smoothing the input is not supported");
  const rank = x.shape.length;
  const axes = (intsAttribute(attributes, "axes") ?? x.shape.map((_, axis) => axis)).map((axis) =>
    normalAxis("Resize", axis, rank),
  );
  const kept = without(attributes, "axes", "antialias", "keep_aspect_ratio_policy");
  const regions = node.inputs[1] ? allRegions(node, axes, rank) : undefined;
  const scales = node.inputs[2] ? numbersOfInput(node, 2) : [];
  if (scales.length > 0) {
    const full = x.shape.map((_, axis) => scales[axes.indexOf(axis)] ?? 1);
    const isWhole = x.shape.every(
      (size, axis) => Number.isInteger(Number(size) * (full[axis] ?? 1)) || full[axis] === 1,
    );
    // ONNX Runtime aligns the corners of the rounded size, the specification those of the size before.
    if (
      textAttribute(attributes, "coordinate_transformation_mode", "half_pixel") === "align_corners" &&
      !isWhole
    )
      throw refuse(node, "aligned corners with scales that give no whole sizes are not supported");
    return [apply("Resize", [x, regions, scalesVector(full)], kept)];
  }
  const sizes = elementsOfInput(node, 3);
  if (!sizes) throw refuse(node, "its sizes are known only when the model runs");
  const shape = x.shape.map((size, axis) => sizes[axes.indexOf(axis)] ?? size);
  const policy = textAttribute(attributes, "keep_aspect_ratio_policy", "stretch");
  if (policy !== "stretch") return [keepingRatio(node, x, axes, shape, policy, kept)];
  const inputs = [x, regions, undefined, axes.length === rank ? node.inputs[3] : integers(shape.map(Number))];
  if (axes.length < rank && !shape.every((size) => typeof size === "number"))
    throw refuse(node, "sizes of some axes need known sizes of all");
  return [apply("Resize", inputs, kept, { types: [{ dtype: x.dtype, shape }] })];
});

/** One scale for all axes, such that the result fits into the sizes, or covers them. */
function keepingRatio(
  node: ImportedNode,
  x: Value,
  axes: readonly number[],
  shape: readonly Dimension[],
  policy: string,
  attributes: Attributes,
): Value {
  const ratios = axes.map((axis) => Number(shape[axis]) / Number(x.shape[axis]));
  const scale = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  if (Number.isNaN(scale)) throw refuse(node, "keeping the ratio of sizes needs known sizes");
  const sizes = x.shape.map((size, axis) =>
    axes.includes(axis) ? Math.floor(scale * Number(size) + 0.5) : Number(size),
  );
  return apply("Resize", [x, undefined, undefined, integers(sizes)], attributes);
}

/** The regions of all axes, where some are named: starts, then ends. */
function allRegions(node: ImportedNode, axes: readonly number[], rank: number): Value | undefined {
  const region = inputOf(node, 1);
  if (axes.length === rank) return region;
  const named = numbersOfInput(node, 1);
  if (named.length === 0) return undefined;
  const full = Array.from({ length: 2 * rank }, (_, index) => {
    const which = axes.indexOf(index % rank);
    const isEnd = index >= rank;
    return which < 0 ? Number(isEnd) : (named[which + (isEnd ? axes.length : 0)] ?? 0);
  });
  return scalesVector(full);
}

function resized(x: Value, scales: Value, attributes: Attributes, mode: string): Value {
  return apply("Resize", [x, undefined, scales], { ...attributes, mode: { text: mode } });
}

const modeOf = (node: ImportedNode): string => textAttribute(node.attributes, "mode", "nearest");

function scalesVector(scales: readonly number[]): Value {
  return constant("float32", Float32Array.from(scales), [scales.length]);
}

/** Coordinates of version 20 have other names than before. */
defineImport("GridSample", (node) => {
  const mode = textAttribute(node.attributes, "mode", "linear");
  const names: Readonly<Record<string, string>> = { linear: "bilinear", cubic: "bicubic" };
  if (inputOf(node, 0).shape.length !== 4) throw refuse(node, "only images are supported, not volumes");
  return [apply("GridSample", node.inputs, { ...node.attributes, mode: { text: names[mode] ?? mode } })];
});

defineImport("MaxUnpool", (node) => {
  // ONNX Runtime takes positions for those in a result of this size, the specification for those in a smaller one.
  if (node.inputs[2]) throw refuse(node, "a given size is not supported");
  return [apply("MaxUnpool", node.inputs, node.attributes)];
});

defineImport("RoiAlign", (node) => {
  // Version 16 moved the samples by half a pixel.
  const attributes =
    node.version < 16
      ? { ...node.attributes, coordinate_transformation_mode: { text: "output_half_pixel" } }
      : node.attributes;
  return [apply("RoiAlign", node.inputs, attributes)];
});

/** ONNX Runtime works padding out for windows without gaps only. */
defineImport("Conv", (node) => {
  const { attributes, inputs } = node;
  const isDilated = intsAttribute(attributes, "dilations")?.some((each) => each !== 1);
  if (!isDilated || !textAttribute(attributes, "auto_pad", "NOTSET").startsWith("SAME"))
    return [apply("Conv", inputs, attributes)];
  const windows = windowsOf(
    "Conv",
    attributes,
    inputOf(node, 0).shape.slice(2),
    inputOf(node, 1).shape.slice(2),
  );
  return [
    apply("Conv", inputs, {
      ...windowAttributes(windows),
      group: { int: intAttribute(attributes, "group", 1) },
    }),
  ];
});

defineImport(["AveragePool", "MaxPool", "LpPool"], (node) => {
  const { operator, attributes, outputCount, version } = node;
  const dilations = intsAttribute(attributes, "dilations");
  if (operator === "AveragePool" && dilations?.some((each) => each !== 1))
    throw refuse(node, "dilated windows are not supported");
  const plain = operator === "AveragePool" || version < 10 ? without(attributes, "dilations") : attributes;
  if (
    operator === "LpPool" &&
    (dilations?.some((each) => each !== 1) || intAttribute(attributes, "ceil_mode", 0) === 1)
  )
    throw refuse(node, "dilated windows and rounding up are not supported");
  if (operator === "LpPool")
    return [
      apply(operator, node.inputs, {
        ...without(attributes, "dilations", "ceil_mode"),
        p: { int: normOrder(attributes) },
      }),
    ];
  return outputsOf(operator, node, plain, outputCount);
});

const normOrder = (attributes: Attributes): number =>
  intAttribute(attributes, "p", floatAttribute(attributes, "p", 2));

function outputsOf(
  operator: string,
  node: ImportedNode,
  attributes: Attributes,
  outputCount: number,
): readonly Value[] {
  return applyAll(operator, node.inputs, attributes, { outputCount });
}
