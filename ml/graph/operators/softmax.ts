/** @file The rules of softmax: the Jacobian's product with a vector needs one sum a row (operator set 13 and later). */
import { GraphError } from "../errors.ts";
import { defineOperator, intAttribute, type GradientContext } from "../ops/apply.ts";
import { exp, multiply, subtract } from "../ops/elementwise.ts";
import { sum } from "../ops/reduce.ts";
import type { Value } from "../value.ts";
import { sameFloatType } from "./elementwise.ts";

function row({ outputs, attributes }: GradientContext): { output: Value; axes: number } {
  const [output] = outputs;
  if (!output) throw new GraphError("softmax has no output");
  return { output, axes: intAttribute(attributes, "axis", -1) };
}

defineOperator("Softmax", {
  infer: (application) => [sameFloatType(application)],
  gradient: (context) => {
    const { output, axes } = row(context);
    const mean = sum(multiply(context.gradient, output), { axes, keepAxes: true });
    return [multiply(output, subtract(context.gradient, mean))];
  },
});

defineOperator("LogSoftmax", {
  infer: (application) => [sameFloatType(application)],
  gradient: (context) => {
    const { output, axes } = row(context);
    const total = sum(context.gradient, { axes, keepAxes: true });
    return [subtract(context.gradient, multiply(exp(output), total))];
  },
});
