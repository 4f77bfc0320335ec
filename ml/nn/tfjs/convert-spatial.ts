/**
 * @file Convolutions and pooling. TensorFlow has the channels last, programs have them first: each layer turns its input
 * around and its result back, and where two follow each other nothing of that is left in the program.
 */
import * as v from "valibot";
import { apply } from "../../graph/ops/apply.ts";
import { max, mean } from "../../graph/ops/reduce.ts";
import { resizeNearest } from "../../graph/ops/resize.ts";
import { pad, slice, transpose } from "../../graph/ops/shape-ops.ts";
import { windowAttributes, windowsOf } from "../../graph/ops/windows.ts";
import type { Attributes, Value } from "../../graph/value.ts";
import {
  activationOf,
  defineLayer,
  numbers,
  onlyInput,
  optionalText,
  perAxis,
  refuseLayer,
  settingsOf,
  type AppliedLayer,
} from "./layer-builder.ts";

const channelsLast = v.optional(
  v.literal("channels_last", "channels first are not supported"),
  "channels_last",
);
const padding = v.optional(
  v.picklist(["valid", "same"], 'padding other than "valid" and "same" is not supported'),
  "valid",
);

/** A layer over channels first, between the transposes to it and back. */
function channelsFirst(x: Value, compute: (x: Value) => Value): Value {
  const rank = x.shape.length;
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 1);
  const result = compute(transpose(x, [0, rank - 1, ...spatial]));
  return transpose(result, [0, ...spatial.map((axis) => axis + 1), 1]);
}

const convolution = v.object({
  activation: optionalText,
  use_bias: v.optional(v.boolean(), true),
  kernel_size: v.optional(numbers),
  strides: v.optional(v.nullable(numbers), 1),
  dilation_rate: v.optional(v.nullable(numbers), 1),
  padding,
  data_format: channelsLast,
});

function windows(
  x: Value,
  axes: number,
  kernel: Value,
  settings: v.InferOutput<typeof convolution>,
): Attributes {
  const dilations = perAxis(settings.dilation_rate ?? 1, axes);
  const attributes: Attributes = {
    strides: { ints: perAxis(settings.strides ?? 1, axes) },
    dilations: { ints: dilations },
    ...(settings.padding === "same" && { auto_pad: { text: "SAME_UPPER" } }),
  };
  if (dilations.every((each) => each === 1)) return attributes;
  // ONNX Runtime works padding out for windows without gaps only.
  return windowAttributes(
    windowsOf("a convolution", attributes, x.shape.slice(1, -1), kernel.shape.slice(2)),
  );
}

function convolved(layer: AppliedLayer, x: Value, axes: number): Value {
  const settings = settingsOf(layer, convolution);
  const bias = settings.use_bias ? [layer.weight("bias")] : [];
  const activate = activationOf(layer, settings.activation);
  const isApart = layer.kind === "DepthwiseConv2D" || layer.kind === "SeparableConv2D";
  const kernel = layer.weight(isApart ? "depthwise_kernel" : "kernel");
  const attributes = windows(x, axes, kernel, settings);
  const channels = x.shape.at(-1);
  const first = (value: Value): Value => {
    switch (layer.kind) {
      case "DepthwiseConv2D":
        return apply("Conv", [value, kernel, ...bias], { ...attributes, group: { int: Number(channels) } });
      case "SeparableConv2D": {
        const depthwise = apply("Conv", [value, kernel], { ...attributes, group: { int: Number(channels) } });
        return apply("Conv", [depthwise, layer.weight("pointwise_kernel"), ...bias]);
      }
      default:
        return apply("Conv", [value, kernel, ...bias], attributes);
    }
  };
  // Only a softmax needs the channels last; others leave the transposes of two layers side by side.
  if (settings.activation === "softmax") return activate(channelsFirst(x, first));
  return channelsFirst(x, (value) => activate(first(value)));
}

defineLayer("Conv1D", (layer, inputs) => convolved(layer, onlyInput(layer, inputs), 1));
defineLayer(["Conv2D", "DepthwiseConv2D", "SeparableConv2D"], (layer, inputs) =>
  convolved(layer, onlyInput(layer, inputs), 2),
);

defineLayer("Conv2DTranspose", (layer, inputs) => {
  const settings = settingsOf(layer, convolution);
  const kernel = layer.weight("kernel");
  const strides = perAxis(settings.strides ?? 1, 2);
  if (perAxis(settings.dilation_rate ?? 1, 2).some((each) => each !== 1))
    throw refuseLayer(layer, "dilated windows are not supported");
  const sizes = kernel.shape.slice(2).map(Number);
  const cut = sizes.map((size, axis) =>
    settings.padding === "same" ? Math.max(size - (strides[axis] ?? 1), 0) : 0,
  );
  const before = cut.map((size) => Math.floor(size / 2));
  const after = cut.map((size, axis) => size - (before[axis] ?? 0));
  // A stride larger than the window leaves elements that no window reaches.
  const further = sizes.map((size, axis) => Math.max((strides[axis] ?? 1) - size, 0));
  const attributes: Attributes = {
    strides: { ints: strides },
    pads: { ints: [...before, ...after] },
    ...(further.some((each) => each > 0) && { output_padding: { ints: further } }),
  };
  const bias = settings.use_bias ? [layer.weight("bias")] : [];
  const result = channelsFirst(onlyInput(layer, inputs), (x) =>
    apply("ConvTranspose", [x, kernel, ...bias], attributes),
  );
  return activationOf(layer, settings.activation)(result);
});

const pooling = v.object({
  pool_size: v.optional(numbers, 2),
  strides: v.optional(v.nullable(numbers)),
  padding,
  data_format: channelsLast,
});

function pooled(operator: string, axes: number): (layer: AppliedLayer, inputs: readonly Value[]) => Value {
  return (layer, inputs) => {
    const { pool_size: size, strides, padding: around } = settingsOf(layer, pooling);
    const attributes: Attributes = {
      kernel_shape: { ints: perAxis(size, axes) },
      strides: { ints: perAxis(strides ?? size, axes) },
      ...(around === "same" && { auto_pad: { text: "SAME_UPPER" } }),
    };
    return channelsFirst(onlyInput(layer, inputs), (x) => apply(operator, [x], attributes));
  };
}
for (const axes of [1, 2]) {
  defineLayer(`MaxPooling${axes}D`, pooled("MaxPool", axes));
  defineLayer(`AveragePooling${axes}D`, pooled("AveragePool", axes));
  const over = { axes: Array.from({ length: axes }, (_, axis) => axis + 1) };
  defineLayer(`GlobalMaxPooling${axes}D`, (layer, inputs) => max(onlyInput(layer, inputs), over));
  defineLayer(`GlobalAveragePooling${axes}D`, (layer, inputs) => mean(onlyInput(layer, inputs), over));
}

const border = v.tuple([v.tuple([v.number(), v.number()]), v.tuple([v.number(), v.number()])]);

defineLayer("ZeroPadding2D", (layer, inputs) => {
  const { padding: around } = settingsOf(layer, v.object({ padding: border, data_format: channelsLast }));
  const [[top, bottom], [left, right]] = around;
  return pad(onlyInput(layer, inputs), [0, top, left, 0], [0, bottom, right, 0]);
});

defineLayer("Cropping2D", (layer, inputs) => {
  const { cropping } = settingsOf(layer, v.object({ cropping: border, data_format: channelsLast }));
  const sizes = onlyInput(layer, inputs).shape;
  const ranges = cropping.map(([start, after], index) => {
    const size = sizes[index + 1];
    if (typeof size !== "number") throw refuseLayer(layer, "images of open size are not supported");
    return { axis: index + 1, start, end: size - after };
  });
  return slice(onlyInput(layer, inputs), ranges);
});

defineLayer("UpSampling2D", (layer, inputs) => {
  const { size, interpolation } = settingsOf(
    layer,
    v.object({ size: numbers, interpolation: v.optional(v.string(), "nearest"), data_format: channelsLast }),
  );
  if (interpolation !== "nearest")
    throw refuseLayer(layer, `interpolation by "${interpolation}" is not supported`);
  return channelsFirst(onlyInput(layer, inputs), (x) => resizeNearest(x, perAxis(size, 2)));
});
