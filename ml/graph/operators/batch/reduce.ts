/** @file Reductions and what works along one axis, over a batch: the axes move one to the right. */
import { GraphError } from "../../errors.ts";
import { normalAxes, normalAxis } from "../../shape.ts";
import { integers, knownNumbers, type Value } from "../../value.ts";
import { defineBatch, intAttribute, intsAttribute, type BatchContext } from "../../ops/apply.ts";
import { applyToBatch, elementShape, refuseBatched } from "./align.ts";

function reduction(context: BatchContext): readonly Value[] {
  refuseBatched(context, 1);
  const { inputs, attributes, node } = context;
  const [x, second] = inputs;
  const given = intsAttribute(attributes, "axes") ?? knownNumbers(second);
  if (second && !given) throw new GraphError(`vmap: the axes of ${node.operator} must be known`);
  const isNothing = (given?.length ?? 0) === 0 && intAttribute(attributes, "noop_with_empty_axes", 0) === 1;
  const rank = elementShape(context, 0).length;
  const axes = isNothing ? [] : normalAxes(node.operator, given?.length === 0 ? undefined : given, rank);
  const shifted = axes.map((axis) => axis + 1);
  const { axes: _, ...others } = attributes;
  if (shifted.length === 0 && x) return [x];
  return node.operator === "ReduceSum" || second
    ? applyToBatch(context, [x, integers(shifted)], others)
    : applyToBatch(context, [x], { ...others, axes: { ints: shifted } });
}

const reductions = "Sum Mean Max Min Prod LogSumExp LogSum SumSquare L1 L2";
for (const name of reductions.split(" ")) defineBatch(`Reduce${name}`, reduction);

function alongAxis(otherwise: number): (context: BatchContext) => readonly Value[] {
  return (context) => {
    refuseBatched(context, 1);
    const rank = elementShape(context, 0).length;
    const axis = normalAxis(context.node.operator, intAttribute(context.attributes, "axis", otherwise), rank);
    return applyToBatch(context, context.inputs, { ...context.attributes, axis: { int: axis + 1 } });
  };
}

for (const name of ["Softmax", "LogSoftmax", "Hardmax", "TopK"]) defineBatch(name, alongAxis(-1));
for (const name of ["ArgMax", "ArgMin"]) defineBatch(name, alongAxis(0));
