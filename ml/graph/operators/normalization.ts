/** @file The rules of normalisations (ONNX operator specification). */
import { GraphError } from "../errors.ts";
import { normalAxis, sameShape, showShape } from "../shape.ts";
import type { Value } from "../value.ts";
import {
  commonDType,
  defineOperator,
  floatAttribute,
  intAttribute,
  required,
  type Application,
  type GradientContext,
} from "../ops/apply.ts";
import { countOver } from "../ops/count.ts";
import { add, divide, multiply, reciprocal, sqrt, square, subtract } from "../ops/elementwise.ts";
import { alongChannels, checkParameter, normalizedGradient } from "../ops/normalization.ts";
import { mean, sum, sumTo } from "../ops/reduce.ts";
import { broadcastTo } from "../ops/shape-ops.ts";

defineOperator("LayerNormalization", {
  infer: (application) => {
    const x = required(application, 0);
    const scale = required(application, 1);
    const shift = application.inputs[2];
    const dtype = commonDType("layerNorm", shift ? [x, scale, shift] : [x, scale]);
    const axis = normalAxis("layerNorm", intAttribute(application.attributes, "axis", -1), x.shape.length);
    const over = x.shape.slice(axis);
    if (!sameShape(scale.shape, over))
      throw new GraphError(
        `layerNorm: the scale has the shape ${showShape(scale.shape)}, the normalised axes have ${showShape(over)}`,
      );
    checkParameter("layerNorm: the shift", shift, over);
    const kept = x.shape.map((size, at) => (at < axis ? size : 1));
    return [
      { dtype, shape: x.shape },
      { dtype, shape: kept },
      { dtype, shape: kept },
    ].slice(0, application.outputCount);
  },
  gradient: (context) => {
    const x = required(context, 0);
    const scale = required(context, 1);
    const [gradient, ofMean, ofInverse] = context.gradients;
    const shift = context.inputs[2];
    const first = normalAxis("layerNorm", intAttribute(context.attributes, "axis", -1), x.shape.length);
    const axes = x.shape.flatMap((_, axis) => (axis < first ? [] : [axis]));
    const [average, inverse] = layerStatistics(context, x, axes);
    const normal = multiply(subtract(x, average), inverse);
    const count = countOver(x, axes);
    const parts = [
      gradient && normalizedGradient(normal, multiply(gradient, scale), inverse, axes),
      ofMean && broadcastTo(divide(ofMean, count), x.shape, [x]),
      // The inverse deviation's derivative: less its cube times the distance from the mean over the count.
      ofInverse && multiply(normal, divide(multiply(ofInverse, multiply(square(inverse), -1)), count)),
    ].filter((part) => part !== undefined);
    return [
      parts.reduce((total, part) => add(total, part)),
      gradient && sumTo(multiply(gradient, normal), scale.shape),
      gradient && shift && sumTo(gradient, shift.shape),
    ];
  },
});

/** Mean and inverse deviation, from the operator where it was asked for them. */
function layerStatistics(
  { outputs, attributes }: GradientContext,
  x: Value,
  axes: readonly number[],
): readonly [Value, Value] {
  const [, known, inverse] = outputs;
  if (known && inverse) return [known, inverse];
  const over = { axes, keepAxes: true };
  const average = mean(x, over);
  const variance = mean(square(subtract(x, average)), over);
  return [average, reciprocal(sqrt(add(variance, floatAttribute(attributes, "epsilon", 1e-5))))];
}

function checkChannels(application: Application, names: readonly string[]): void {
  const x = required(application, 0);
  for (const [index, name] of names.entries())
    checkParameter(`${application.operator}: the ${name}`, required(application, index + 1), [
      x.shape[1] ?? 1,
    ]);
}

defineOperator("BatchNormalization", {
  infer: (application) => {
    if (intAttribute(application.attributes, "training_mode", 0) === 1)
      throw new GraphError("BatchNormalization is traced in its inference form only");
    checkChannels(application, ["scale", "shift", "mean", "variance"]);
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape }];
  },
  gradient: (context) => {
    const [x, scale, , average, variance] = [0, 1, 2, 3, 4].map((index) => required(context, index));
    if (!x || !scale || !average || !variance) throw new GraphError("BatchNormalization needs five inputs");
    const { gradient } = context;
    const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
    const spread = add(variance, floatAttribute(context.attributes, "epsilon", 1e-5));
    const inverse = reciprocal(sqrt(spread));
    const normal = multiply(subtract(x, alongChannels(average, x)), alongChannels(inverse, x));
    const ofShift = sum(gradient, { axes });
    const ofScale = sum(multiply(gradient, normal), { axes });
    const slope = multiply(scale, inverse);
    return [
      multiply(gradient, alongChannels(slope, x)),
      ofScale,
      ofShift,
      multiply(multiply(ofShift, slope), -1),
      multiply(divide(multiply(ofScale, scale), spread), -0.5),
    ];
  },
});

defineOperator("InstanceNormalization", {
  infer: (application) => {
    checkChannels(application, ["scale", "shift"]);
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const scale = required(context, 1);
    const axes = x.shape.slice(2).map((_, axis) => axis + 2);
    const over = { axes, keepAxes: true };
    const centred = subtract(x, mean(x, over));
    const epsilon = floatAttribute(context.attributes, "epsilon", 1e-5);
    const inverse = reciprocal(sqrt(add(mean(square(centred), over), epsilon)));
    const normal = multiply(centred, inverse);
    const { gradient } = context;
    const beside = { axes: [0, ...axes] };
    return [
      normalizedGradient(normal, multiply(gradient, alongChannels(scale, x)), inverse, axes),
      sum(multiply(gradient, normal), beside),
      sum(gradient, beside),
    ];
  },
});
