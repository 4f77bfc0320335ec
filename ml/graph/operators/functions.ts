/**
 * @file The rules of the functions of one operand beyond the basic ones, and of remainders and limits. Formulas of the
 * derivatives: any calculus text; of the activations: the ONNX specification of the operator.
 */
import { isFloat } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { defineOperator, floatAttribute, intAttribute, required } from "../ops/apply.ts";
import * as op from "../ops/elementwise.ts";
import { sumTo } from "../ops/reduce.ts";
import { floorDivide, trunc } from "../ops/rounding.ts";
import { cosh, sinh } from "../ops/trigonometry.ts";
import { broadcastType, defineUnary, sameType } from "./elementwise.ts";
import { sameShape, showShape } from "../shape.ts";
import type { Value } from "../value.ts";

const times = op.multiply;
const squared = op.square;

defineUnary("Tan", ({ output, gradient }) => times(gradient, op.add(squared(output), 1)));
defineUnary("Asin", ({ x, gradient }) => op.divide(gradient, op.sqrt(op.subtract(1, squared(x)))));
defineUnary("Acos", ({ x, gradient }) => op.negate(op.divide(gradient, op.sqrt(op.subtract(1, squared(x))))));
defineUnary("Atan", ({ x, gradient }) => op.divide(gradient, op.add(squared(x), 1)));
defineUnary("Sinh", ({ x, gradient }) => times(gradient, cosh(x)));
defineUnary("Cosh", ({ x, gradient }) => times(gradient, sinh(x)));
defineUnary("Asinh", ({ x, gradient }) => op.divide(gradient, op.sqrt(op.add(squared(x), 1))));
defineUnary("Acosh", ({ x, gradient }) => op.divide(gradient, op.sqrt(op.subtract(squared(x), 1))));
defineUnary("Atanh", ({ x, gradient }) => op.divide(gradient, op.subtract(1, squared(x))));

/** The derivative of `scale · elu(x, alpha)` by its output: the scale above 0, else `output + scale · alpha`. */
function eluSlope(x: Value, output: Value, alpha: number, scale: number): Value {
  const below = op.add(op.minimum(output, 0), scale * alpha);
  return alpha === 1 ? below : op.add(below, times(op.cast(op.greater(x, 0), x.dtype), scale * (1 - alpha)));
}
defineUnary("Elu", ({ x, output, gradient, attributes }) =>
  times(gradient, eluSlope(x, output, floatAttribute(attributes, "alpha", 1), 1)),
);
defineUnary("Selu", ({ x, output, gradient, attributes }) => {
  const alpha = floatAttribute(attributes, "alpha", 1.673_263_19);
  return times(gradient, eluSlope(x, output, alpha, floatAttribute(attributes, "gamma", 1.050_701_02)));
});
defineUnary("Softsign", ({ x, gradient }) => op.divide(gradient, squared(op.add(op.abs(x), 1))));
defineUnary("HardSigmoid", ({ output, gradient, attributes }) => {
  const inside = op.and(op.greater(output, 0), op.less(output, 1));
  return times(gradient, times(op.cast(inside, output.dtype), floatAttribute(attributes, "alpha", 0.2)));
});

defineOperator("PRelu", {
  infer: (application) => {
    const type = broadcastType(application);
    const { shape } = required(application, 0);
    if (!sameShape(type.shape, shape))
      throw new GraphError(
        `prelu: slopes of ${showShape(required(application, 1).shape)} do not stretch to ${showShape(shape)}`,
      );
    return [type];
  },
  gradient: (context) => {
    const [x, slope] = [required(context, 0), required(context, 1)];
    const { gradient } = context;
    const positive = op.cast(op.greater(x, 0), x.dtype);
    const factor = op.add(positive, times(op.subtract(1, positive), slope));
    return [times(gradient, factor), sumTo(times(gradient, op.minimum(x, 0)), slope.shape)];
  },
});

defineOperator("Mod", {
  infer: (application) => {
    const type = broadcastType(application);
    if (isFloat(type.dtype) && intAttribute(application.attributes, "fmod", 0) === 0)
      throw new GraphError("Mod of floating numbers needs fmod = 1");
    return [type];
  },
  gradient: (context) => {
    const [a, b] = [required(context, 0), required(context, 1)];
    const isFmod = intAttribute(context.attributes, "fmod", 0) === 1;
    const quotient = isFmod ? trunc(op.divide(a, b)) : floorDivide(a, b);
    const { gradient } = context;
    return [sumTo(gradient, a.shape), sumTo(op.negate(times(gradient, quotient)), b.shape)];
  },
});

defineOperator("Clip", {
  infer: (application) => [sameType(application)],
  gradient: (context) => {
    const x = required(context, 0);
    const [, low, high] = context.inputs;
    const above = low && op.greaterOrEqual(x, low);
    const below = high && op.lessOrEqual(x, high);
    const inside = above && below ? op.and(above, below) : (above ?? below);
    if (!inside) return [context.gradient];
    return [times(context.gradient, op.cast(inside, x.dtype)), undefined, undefined];
  },
});
