/**
 * @file The rule of a checkpoint: a program whose values are computed again for its gradient.
 *
 * The operator is never run: a checkpoint's results are aliases of what was computed, whose gradients go through it. Its
 * body is the program, its inputs are the body's inputs and then all values from outside that gradients flow to.
 */
import type { DType } from "../dtype.ts";
import { GraphError } from "../errors.ts";
import { pullBack } from "../gradients.ts";
import { apply, defineOperator } from "../ops/apply.ts";
import { add, cast, multiply } from "../ops/elementwise.ts";
import { reshape, slice } from "../ops/shape-ops.ts";
import { Rewriter } from "../rewrite.ts";
import { withGradient, type Attributes, type Body, type Value } from "../value.ts";

/** The operator's name, in {@link checkpointDomain}. */
export const checkpointOperator = "Checkpoint";
/** The domain of operators that only this library knows. */
export const checkpointDomain = "tenon";

defineOperator(
  checkpointOperator,
  {
    infer: ({ attributes }) => checkpointBody(attributes).outputs,
    gradient: (context) => {
      const { inputs, outputs } = checkpointBody(context.attributes);
      const given = context.inputs.filter((each) => each !== undefined);
      // Places of their own: the gradients are those of this computation, whatever its inputs depend on.
      const places = given.map((each, index) =>
        index < inputs.length && each.dtype !== "bool" && each.dtype !== "string"
          ? add(each, zeroAfter(context.gradient, each.dtype))
          : withGradient(each, [each], (gradient) => [gradient]),
      );
      const outside = given.slice(inputs.length);
      const stands = [...inputs, ...outside].map((each, index): [Value, Value] => [
        each,
        places[index] ?? each,
      ]);
      const again = new Rewriter(stands).rewrite(outputs);
      return pullBack(again, context.gradients, places);
    },
  },
  checkpointDomain,
);

/** The program of a checkpoint. Throws {@link GraphError} where there is none. */
export function checkpointBody(attributes: Attributes): Body {
  const attribute = attributes["body"];
  if (!attribute || !("body" in attribute)) throw new GraphError("a checkpoint has no body");
  return attribute.body;
}

/**
 * Zero, but known only when a gradient is: what it is added to equals no value that was there before, neither for this
 * library nor for ONNX Runtime, and is not computed early. (A number that isn't one, times 0, would stay so.)
 */
function zeroAfter(gradient: Value, dtype: DType): Value {
  const first = reshape(slice(reshape(gradient, [-1]), [{ axis: 0, start: 0, end: 1 }]), []);
  return multiply(cast(apply("IsNaN", [first]), dtype), 0);
}
