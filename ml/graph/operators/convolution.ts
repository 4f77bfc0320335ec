/** @file The rules of convolutions (ONNX operator specification, Conv and ConvTranspose). */
import { GraphError } from "../errors.ts";
import { sameShape, showShape, type Dimension } from "../shape.ts";
import type { Attributes, Value } from "../value.ts";
import {
  commonDType,
  defineOperator,
  intAttribute,
  intsAttribute,
  required,
  textAttribute,
  type Application,
} from "../ops/apply.ts";
import { convolve, inputGradient, weightGradient, type Convolution } from "../ops/convolution.ts";
import { sum } from "../ops/reduce.ts";
import { slice } from "../ops/shape-ops.ts";
import { extent, windowCounts, windowsOf } from "../ops/windows.ts";

type Applied = Pick<Application, "inputs"> & { readonly attributes: Attributes };

function convolutionOf(what: string, applied: Applied): Convolution {
  const sizes = required(applied, 0).shape.slice(2);
  const kernel = required(applied, 1).shape.slice(2);
  const groups = intAttribute(applied.attributes, "group", 1);
  return { ...windowsOf(what, applied.attributes, sizes, kernel), groups };
}

function fitting(what: string, applied: Applied, outOf: (weight: Value) => Dimension | undefined): void {
  const [x, weight, bias] = [required(applied, 0), required(applied, 1), applied.inputs[2]];
  commonDType(what, bias ? [x, weight, bias] : [x, weight]);
  if (x.shape.length < 3 || weight.shape.length !== x.shape.length)
    throw new GraphError(
      `${what}: an input ${showShape(x.shape)} and a weight ${showShape(weight.shape)} are not both [batch or channels, channels, ...sizes]`,
    );
  if (bias && !sameShape(bias.shape, [outOf(weight) ?? 1]))
    throw new GraphError(
      `${what}: the bias ${showShape(bias.shape)} has not one element for each of ${outOf(weight)} output channels`,
    );
}

defineOperator("Conv", {
  infer: (application) => {
    const x = required(application, 0);
    const weight = required(application, 1);
    fitting("conv", application, ({ shape }) => shape[0]);
    const convolution = convolutionOf("conv", application);
    const [batch = 1, channels, ...sizes] = x.shape;
    const [out = 1, seen] = weight.shape;
    const { groups } = convolution;
    const expected = typeof seen === "number" ? seen * groups : seen;
    // A named size times a number of groups has no name to compare.
    const comparable = groups === 1 || typeof seen === "number";
    if (comparable && expected !== channels)
      throw new GraphError(
        `conv: the input ${showShape(x.shape)} has ${channels} channels, the weight ${showShape(weight.shape)}${groups > 1 ? ` in ${groups} groups` : ""} takes ${expected}`,
      );
    if (typeof out === "number" && out % groups !== 0)
      throw new GraphError(`conv: ${out} output channels do not divide into ${groups} groups`);
    return [{ dtype: x.dtype, shape: [batch, out, ...windowCounts("conv", sizes, convolution)] }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const weight = required(context, 1);
    const convolution = convolutionOf("conv", context);
    const { gradient } = context;
    return [
      inputGradient(x, weight, gradient, convolution),
      weightGradient(x, gradient, convolution),
      context.inputs[2] && biasGradient(gradient),
    ];
  },
});

function biasGradient(gradient: Value): Value {
  return sum(gradient, { axes: gradient.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])) });
}

/** The windows that the transposed convolution's result is seen through, with the padding worked out. */
function transposedOf(applied: Applied): { readonly convolution: Convolution; readonly further: number[] } {
  const { attributes } = applied;
  const x = required(applied, 0);
  const sizes = x.shape.slice(2);
  const kernel = required(applied, 1).shape.slice(2);
  const groups = intAttribute(attributes, "group", 1);
  const automatic = textAttribute(attributes, "auto_pad", "NOTSET");
  const plain = Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== "auto_pad"));
  const windows = windowsOf("transposed conv", plain, sizes, kernel);
  const further = [...(intsAttribute(attributes, "output_padding") ?? sizes.map(() => 0))];
  const wanted =
    intsAttribute(attributes, "output_shape") ??
    (automatic.startsWith("SAME")
      ? sizes.map((size, axis) => Number(size) * (windows.strides[axis] ?? 1))
      : undefined);
  if (!wanted) return { convolution: { ...windows, groups }, further };
  const totals = wanted.slice(-sizes.length).map((size, axis) => {
    const whole =
      (Number(sizes[axis]) - 1) * (windows.strides[axis] ?? 1) + extent(windows, axis) + (further[axis] ?? 0);
    if (Number.isNaN(whole))
      throw new GraphError("transposed conv: an output of a given size needs an input of known size");
    return whole - size;
  });
  const half = totals.map((total) => Math.floor(Math.max(0, total) / 2));
  const rest = totals.map((total, axis) => Math.max(0, total) - (half[axis] ?? 0));
  const [before, after] = automatic === "SAME_UPPER" ? [half, rest] : [rest, half];
  return {
    convolution: { ...windows, groups, before, after },
    further: further.map((count, axis) => count + Math.max(0, -(totals[axis] ?? 0))),
  };
}

defineOperator("ConvTranspose", {
  infer: (application) => {
    const x = required(application, 0);
    const weight = required(application, 1);
    const groups = intAttribute(application.attributes, "group", 1);
    const outOf = ({ shape: [, out] }: Value): Dimension | undefined =>
      typeof out === "number" ? out * groups : out;
    fitting("transposed conv", application, outOf);
    const [batch = 1, channels, ...sizes] = x.shape;
    if (channels !== weight.shape[0])
      throw new GraphError(
        `transposed conv: the input ${showShape(x.shape)} has ${channels} channels, the weight ${showShape(weight.shape)} takes ${weight.shape[0]}`,
      );
    const { convolution, further } = transposedOf(application);
    const spatial = sizes.map((size, axis): Dimension => {
      const stride = convolution.strides[axis] ?? 1;
      const padding = (convolution.before[axis] ?? 0) + (convolution.after[axis] ?? 0);
      const more = extent(convolution, axis) - stride - padding + (further[axis] ?? 0);
      if (typeof size === "number") return size * stride + more;
      const scaled = stride === 1 ? size : `${size}*${stride}`;
      return more === 0 ? scaled : `${scaled}${more > 0 ? "+" : ""}${more}`;
    });
    return [{ dtype: x.dtype, shape: [batch, outOf(weight) ?? 1, ...spatial] }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const weight = required(context, 1);
    const { convolution } = transposedOf(context);
    const { gradient } = context;
    const back = convolve(gradient, weight, undefined, convolution);
    // With more elements added at the end than a stride has, there is room for further windows.
    const beyond = x.shape.flatMap((size, axis) =>
      axis < 2 || typeof size !== "number" || back.shape[axis] === size
        ? []
        : [{ axis, start: 0, end: size }],
    );
    return [
      slice(back, beyond),
      weightGradient(gradient, x, convolution),
      context.inputs[2] && biasGradient(gradient),
    ];
  },
});
