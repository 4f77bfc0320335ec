/** @file The rules of operators that choose or reorder whole slices (ONNX operator specification). */
import { GraphError } from "../errors.ts";
import { knownNumbers } from "../value.ts";
import { apply, defineOperator, intAttribute, required } from "../ops/apply.ts";

defineOperator("OneHot", {
  infer: (application) => {
    const { shape } = required(application, 0);
    const [depth] = knownNumbers(required(application, 1)) ?? [];
    if (depth === undefined)
      throw new GraphError("OneHot needs a depth that is known when the program is traced");
    const axis = intAttribute(application.attributes, "axis", -1);
    const at = axis < 0 ? axis + shape.length + 1 : axis;
    return [{ dtype: required(application, 2).dtype, shape: shape.toSpliced(at, 0, depth) }];
  },
});

defineOperator("ReverseSequence", {
  infer: (application) => {
    const { dtype, shape } = required(application, 0);
    return [{ dtype, shape }];
  },
  // Each sequence turned around twice is itself.
  gradient: (context) => [
    apply("ReverseSequence", [context.gradient, context.inputs[1]], context.attributes),
    undefined,
  ],
});
