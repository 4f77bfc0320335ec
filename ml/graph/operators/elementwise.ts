/** @file The rules of element-wise operators. Formulas of the derivatives: any calculus text. */
import { dtypeOfOnnx, isFloat } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { broadcastShapes, showShape } from "../shape.ts";
import { scalar, type Value, type ValueType } from "../value.ts";
import {
  commonDType,
  defineOperator,
  floatAttribute,
  intAttribute,
  required,
  type Application,
  type GradientContext,
} from "../ops/apply.ts";
import * as op from "../ops/elementwise.ts";
import { sumTo } from "../ops/reduce.ts";

/** The type of an element-wise result: the operands' shapes broadcast. */
export function broadcastType(application: Application): ValueType {
  const operands = application.inputs.map((_, index) => required(application, index));
  const dtype = commonDType(application.operator, operands);
  return { dtype, shape: broadcastShapes(application.operator, ...operands.map(({ shape }) => shape)) };
}

/** The type of the first input: what an operator that keeps its operand's type gives. */
export function sameType(application: Application): ValueType {
  const { dtype, shape } = required(application, 0);
  return { dtype, shape };
}

/** As {@link sameType}, of an operator that computes on floating numbers only. */
export function sameFloatType(application: Application): ValueType {
  const type = sameType(application);
  if (!isFloat(type.dtype))
    throw new GraphError(
      `${application.operator} takes floating numbers, not ${type.dtype} ${showShape(type.shape)}; convert with cast()`,
    );
  return type;
}

type Pair = readonly [Value, Value];

/** A binary operator by the gradients of its operands before they are summed to the operands' shapes. */
function defineBinary(name: string, gradient: (operands: Pair, slope: Value, output: Value) => Pair): void {
  defineOperator(name, {
    infer: (application) => [broadcastType(application)],
    gradient: ({ inputs, outputs, gradient: slope }) => {
      const [a, b] = inputs;
      const [output] = outputs;
      if (!a || !b || !output) throw new GraphError(`${name} needs two operands`);
      const [left, right] = gradient([a, b], slope, output);
      return [sumTo(left, a.shape), sumTo(right, b.shape)];
    },
  });
}

defineBinary("Add", (_, slope) => [slope, slope]);
defineBinary("Sub", (_, slope) => [slope, op.negate(slope)]);
defineBinary("Mul", ([a, b], slope) => [op.multiply(slope, b), op.multiply(slope, a)]);
defineBinary("Div", ([, b], slope, quotient) => {
  const left = op.divide(slope, b);
  return [left, op.negate(op.multiply(left, quotient))];
});
defineBinary("Pow", ([a, b], slope, result) => [
  op.multiply(slope, op.multiply(b, op.power(a, op.subtract(b, 1)))),
  // Where the base is 0 its logarithm is -∞ and the result 0: the limit is 0, as PyTorch has it.
  op.multiply(slope, op.where(op.equal(a, 0), 0, op.multiply(result, op.log(a)))),
]);

/** Ties share the gradient equally, as PyTorch has it. */
function defineChoice(name: string, prefers: (a: Value, b: Value) => Value): void {
  defineOperator(name, {
    infer: (application) => [broadcastType(application)],
    gradient: ({ inputs, gradient }) => {
      const [a, b, ...others] = inputs;
      if (!a || !b || others.length > 0) throw new GraphError(`the gradient of ${name} takes two operands`);
      const half = op.multiply(op.cast(op.equal(a, b), a.dtype), 0.5);
      const share = (won: Value): Value => op.multiply(gradient, op.add(op.cast(won, a.dtype), half));
      return [sumTo(share(prefers(a, b)), a.shape), sumTo(share(prefers(b, a)), b.shape)];
    },
  });
}
defineChoice("Max", op.greater);
defineChoice("Min", op.less);

for (const name of ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])
  defineOperator(name, { infer: (application) => [{ ...broadcastType(application), dtype: "bool" }] });
for (const name of ["And", "Or", "Xor", "Not"])
  defineOperator(name, {
    infer: (application) => {
      const type = broadcastType(application);
      if (type.dtype !== "bool")
        throw new GraphError(`${name} takes bools, not ${type.dtype}; compare first, or convert with cast()`);
      return [type];
    },
  });

/**
 * A function of one operand, of floating numbers where `infer` isn't another, by its derivative: the gradient of the
 * operand from the result's.
 */
export function defineUnary(
  name: string,
  gradient: (context: UnaryContext) => Value,
  infer: (application: Application) => ValueType = sameFloatType,
): void {
  defineOperator(name, {
    infer: (application) => [infer(application)],
    gradient: (context) => [gradient(unaryContext(name, context))],
  });
}

/** What the derivative of a function of one operand sees. */
export interface UnaryContext extends GradientContext {
  readonly x: Value;
  readonly output: Value;
}

function unaryContext(name: string, context: GradientContext): UnaryContext {
  const [x] = context.inputs;
  const [output] = context.outputs;
  if (!x || !output) throw new GraphError(`${name} needs an operand`);
  return { ...context, x, output };
}

const times = op.multiply;
/** The gradient where a condition on the operand holds. A product: on CPU faster than a choice. */
const masked = (gradient: Value, mask: Value): Value => times(gradient, op.cast(mask, gradient.dtype));

defineUnary("Neg", ({ gradient }) => op.negate(gradient), sameType);
defineUnary("Abs", ({ x, gradient }) => times(gradient, op.sign(x)), sameType);
defineUnary("Exp", ({ output, gradient }) => times(gradient, output));
defineUnary("Log", ({ x, gradient }) => op.divide(gradient, x));
defineUnary("Sqrt", ({ output, gradient }) => op.divide(times(gradient, 0.5), output));
defineUnary("Reciprocal", ({ output, gradient }) => op.negate(times(gradient, times(output, output))));
defineUnary("Sin", ({ x, gradient }) => times(gradient, op.cos(x)));
defineUnary("Cos", ({ x, gradient }) => op.negate(times(gradient, op.sin(x))));
defineUnary("Tanh", ({ output, gradient }) => times(gradient, op.subtract(1, times(output, output))));
defineUnary("Sigmoid", ({ output, gradient }) => times(gradient, times(output, op.subtract(1, output))));
defineUnary("Relu", ({ output, gradient }) => masked(gradient, op.greater(output, 0)), sameType);
defineUnary("Softplus", ({ x, gradient }) => times(gradient, op.sigmoid(x)));
defineUnary("Erf", ({ x, gradient }) =>
  times(gradient, times(2 / Math.sqrt(Math.PI), op.exp(op.negate(times(x, x))))),
);
defineUnary("LeakyRelu", ({ x, gradient, attributes }) => {
  const slope = floatAttribute(attributes, "alpha", 0.01);
  const positive = op.cast(op.greater(x, 0), x.dtype);
  return times(gradient, op.add(times(positive, 1 - slope), slope));
});
defineUnary("Identity", ({ gradient }) => gradient, sameType);

defineOperator("Sign", { infer: (application) => [sameType(application)] });
for (const name of ["Floor", "Ceil", "Round"])
  defineOperator(name, { infer: (application) => [sameFloatType(application)] });
for (const name of ["IsNaN", "IsInf"])
  defineOperator(name, { infer: (application) => [{ ...sameFloatType(application), dtype: "bool" }] });

defineOperator("Cast", {
  infer: (application) => {
    const to = intAttribute(application.attributes, "to", 0);
    const dtype = dtypeOfOnnx(to);
    if (!dtype) throw new GraphError(`Cast: element type number ${to} is not supported`);
    return [{ ...sameType(application), dtype }];
  },
  gradient: ({ inputs: [x], gradient }) => [x && isFloat(x.dtype) ? op.cast(gradient, x.dtype) : undefined],
});

defineOperator("Where", {
  infer: (application) => {
    const [condition, a, b] = [0, 1, 2].map((index) => required(application, index));
    if (!condition || !a || !b) throw new GraphError("Where needs three inputs");
    if (condition.dtype !== "bool")
      throw new GraphError(`where: the condition must be bool, not ${condition.dtype}`);
    const dtype = commonDType("where", [a, b]);
    return [{ dtype, shape: broadcastShapes("where", condition.shape, a.shape, b.shape) }];
  },
  gradient: ({ inputs: [condition, a, b], gradient }) => {
    if (!condition || !a || !b) throw new GraphError("Where needs three inputs");
    const zero = scalar(gradient.dtype, 0);
    return [
      undefined,
      sumTo(op.where(condition, gradient, zero), a.shape),
      sumTo(op.where(condition, zero, gradient), b.shape),
    ];
  },
});
