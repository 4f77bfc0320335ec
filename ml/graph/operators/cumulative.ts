/** @file The rule of CumSum. */
import { GraphError } from "../errors.ts";
import { apply, defineOperator, intAttribute, required } from "../ops/apply.ts";
import { sameType } from "./elementwise.ts";

defineOperator("CumSum", {
  infer: (application) => {
    if (required(application, 1).shape.length > 1) throw new GraphError("CumSum has one axis");
    return [sameType(application)];
  },
  // What an element is added to: all after it, so the gradient is summed from the other end.
  gradient: ({ inputs: [, axis], attributes, gradient }) => {
    const reverse = { int: 1 - intAttribute(attributes, "reverse", 0) };
    return [apply("CumSum", [gradient, axis], { ...attributes, reverse }), undefined];
  },
});
