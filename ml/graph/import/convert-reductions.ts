/** @file Reductions of all versions: where the axes stand has changed, for each reduction in another version. */
import { intAttribute } from "../ops/attributes.ts";
import { intsAttribute } from "../ops/attributes.ts";
import { apply } from "../ops/apply.ts";
import * as op from "../ops/elementwise.ts";
import { sum } from "../ops/reduce.ts";
import { normalAxes } from "../shape.ts";
import type { Value } from "../value.ts";
import { integers } from "../value.ts";
import { defineImport, inputOf, numbersOfInput, without, type ImportedNode } from "./imported-node.ts";

const reductions = ["Sum", "Mean", "Max", "Min", "Prod", "LogSumExp", "SumSquare", "L1", "L2", "LogSum"];

/** The axes that a reduction is over; undefined where it leaves its input as it is. */
function axesOf(node: ImportedNode, x: Value): number[] | undefined {
  const { attributes, inputs } = node;
  const named = inputs[1] ? numbersOfInput(node, 1) : (intsAttribute(attributes, "axes") ?? []);
  if (named.length === 0 && intAttribute(attributes, "noop_with_empty_axes", 0) === 1) return undefined;
  return normalAxes(node.operator, named.length === 0 ? undefined : named, x.shape.length);
}

defineImport(
  reductions.map((name) => `Reduce${name}`),
  (node) => {
    const x = inputOf(node, 0);
    const axes = axesOf(node, x);
    const keepAxes = intAttribute(node.attributes, "keepdims", 1) === 1;
    // A scalar is its own sum, but not its own square or logarithm.
    if (!axes) return [overNothing(node.operator, x)];
    if (node.operator === "ReduceLogSum") return [op.log(sum(x, { axes, keepAxes }))];
    const isBool = x.dtype === "bool";
    const operand = isBool ? op.cast(x, "int32") : x;
    const attributes = { keepdims: { int: keepAxes ? 1 : 0 } };
    const result =
      node.operator === "ReduceSum"
        ? apply(node.operator, [operand, integers(axes)], attributes)
        : apply(node.operator, [operand], {
            ...attributes,
            ...(axes.length > 0 && { axes: { ints: axes } }),
          });
    // The largest of nothing is the smallest number, which is not true.
    return [isBool ? op.greater(result, 0) : result];
  },
);

/** What a reduction over no axes makes of each element. */
function overNothing(operator: string, x: Value): Value {
  switch (operator) {
    case "ReduceSumSquare":
      return op.square(x);
    case "ReduceL1":
    case "ReduceL2":
      return op.abs(x);
    case "ReduceLogSum":
      return op.log(x);
    default:
      return apply("Identity", [x]);
  }
}

defineImport(["ArgMax", "ArgMin"], (node) => [
  apply(
    node.operator,
    [inputOf(node, 0)],
    node.version < 12 ? without(node.attributes, "select_last_index") : node.attributes,
  ),
]);
