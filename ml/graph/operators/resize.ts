/** @file The rules of resizing (ONNX operator specification, Resize). */
import { GraphError } from "../errors.ts";
import { sameShape, type Dimension } from "../shape.ts";
import { knownNumbers, type Attributes } from "../value.ts";
import { defineOperator, intAttribute, required, textAttribute, type Application } from "../ops/apply.ts";
import { resizeGradient, type Sampling } from "../ops/resize.ts";
import { sum } from "../ops/reduce.ts";
import { reshape } from "../ops/shape-ops.ts";

type Applied = Pick<Application, "inputs"> & { readonly attributes: Attributes };

/** The scales of all axes that a Resize names; undefined where it names sizes. */
function scalesOf({ inputs }: Applied): readonly number[] | undefined {
  const scales = knownNumbers(inputs[2]);
  return scales && scales.length > 0 ? scales : undefined;
}

defineOperator("Resize", {
  infer: (application) => {
    const x = required(application, 0);
    const scales = scalesOf(application);
    const sizes = knownNumbers(application.inputs[3]);
    if (application.attributes["axes"] !== undefined || (!scales && !sizes))
      throw new GraphError("Resize needs scales or sizes of all axes, known when the program is traced");
    const shape = x.shape.map((size, axis): Dimension => {
      if (!scales) return sizes?.[axis] ?? 1;
      const scale = scales[axis] ?? 1;
      if (typeof size === "number") return Math.floor(size * scale);
      return scale === 1 ? size : `${size}*${scale}`;
    });
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const { gradient } = context;
    if (!sameShape(x.shape.slice(0, 2), gradient.shape.slice(0, 2)))
      throw new GraphError("the gradient of resizing batch or channels is not known");
    const scales = scalesOf(context)?.slice(2);
    const sampling = samplingOf(context.attributes);
    const repeats =
      sampling.mode === "nearest" &&
      sampling.coordinates === "asymmetric" &&
      sampling.rounding === "floor" &&
      scales?.every((scale) => Number.isInteger(scale));
    const rest = context.inputs.slice(1).map(() => undefined);
    if (!scales || !repeats) return [resizeGradient(x, gradient, sampling, scales), ...rest];
    const apart = x.shape.flatMap((size, axis) => (axis < 2 ? [size] : [size, scales[axis - 2] ?? 1]));
    const summed = sum(reshape(gradient, apart, [x]), { axes: scales.map((_, axis) => 2 * axis + 3) });
    return [summed, ...rest];
  },
});

function samplingOf(attributes: Attributes): Sampling {
  if (intAttribute(attributes, "antialias", 0) === 1)
    throw new GraphError("the gradient of resizing with a smoothed input is not known");
  const mode = textAttribute(attributes, "mode", "nearest");
  const coordinates = textAttribute(attributes, "coordinate_transformation_mode", "half_pixel");
  const rounding = textAttribute(attributes, "nearest_mode", "round_prefer_floor");
  if (
    (mode === "nearest" || mode === "linear") &&
    (coordinates === "half_pixel" ||
      coordinates === "pytorch_half_pixel" ||
      coordinates === "align_corners" ||
      coordinates === "asymmetric") &&
    (rounding === "round_prefer_floor" ||
      rounding === "round_prefer_ceil" ||
      rounding === "floor" ||
      rounding === "ceil")
  )
    return { mode, coordinates, rounding };
  throw new GraphError(`the gradient of resizing by "${mode}" and "${coordinates}" is not known`);
}
