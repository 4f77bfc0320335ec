/** @file Operators that reshape, transpose, stretch, cut and join, over a batch: the batch axis stays in front. */
import { GraphError } from "../../errors.ts";
import { knownSizes, normalAxes, normalAxis } from "../../shape.ts";
import { integers, knownNumbers, type Value } from "../../value.ts";
import { apply, defineBatch, intAttribute, intsAttribute, type BatchContext } from "../../ops/apply.ts";
import { multiply } from "../../ops/elementwise.ts";
import { product } from "../../ops/reduce.ts";
import { broadcastTo, concat, reshape, shapeOf, sizeOf, slice, transpose } from "../../ops/shape-ops.ts";
import { applyToBatch, elementShape, inputOf, refuseBatched, withBatchAxis, withRank } from "./align.ts";

const elementSizes = (x: Value): Value => slice(shapeOf(x), [{ axis: 0, start: 1 }]);
const known = (x: Value): Value | undefined => {
  const sizes = knownSizes(x.shape.slice(1));
  return sizes && integers(sizes);
};

defineBatch("Shape", (context) => {
  const x = inputOf(context, 0);
  const sizes = known(x) ?? elementSizes(x);
  const { start, end } = context.attributes;
  if (!start && !end) return { shared: [sizes] };
  const from = intAttribute(context.attributes, "start", 0);
  const to = intAttribute(context.attributes, "end", x.shape.length - 1);
  return { shared: [slice(sizes, [{ axis: 0, start: from, end: to }])] };
});
defineBatch("Size", (context) => {
  const x = inputOf(context, 0);
  const sizes = known(x) ?? elementSizes(x);
  return { shared: [product(sizes)] };
});

/** A vector of sizes with the batch's before them. */
function withBatchSize(x: Value, vector: Value): Value {
  const numbers = knownNumbers(vector);
  const size = x.shape[0];
  if (numbers && typeof size === "number") return integers([size, ...numbers]);
  return concat([sizeOf(x, 0), vector], 0);
}

defineBatch("Reshape", (context) => {
  refuseBatched(context, 1);
  const x = inputOf(context, 0);
  return applyToBatch(context, [x, withBatchSize(x, inputOf(context, 1))]);
});

defineBatch("Flatten", (context) => {
  const x = inputOf(context, 0);
  const shape = context.node.outputs[0]?.shape ?? [];
  return [reshape(x, [context.size, ...shape], [x])];
});

defineBatch("Expand", (context) => {
  refuseBatched(context, 1);
  const rank = context.node.outputs[0]?.shape.length ?? 0;
  const x = withRank(context, 0, rank);
  const sizes = inputOf(context, 1);
  const before = rank - Number(sizes.shape[0]);
  const ones = integers(Array.from({ length: before + 1 }, () => 1));
  const numbers = knownNumbers(sizes);
  const target = numbers
    ? integers([...Array.from({ length: before + 1 }, () => 1), ...numbers])
    : concat([ones, sizes], 0);
  return applyToBatch(context, [x, target]);
});

defineBatch("Transpose", (context) => {
  const rank = elementShape(context, 0).length;
  const order =
    intsAttribute(context.attributes, "perm") ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  return [transpose(inputOf(context, 0), [0, ...order.map((axis) => axis + 1)])];
});

/** The axes named by an attribute or the second input, for Squeeze and Unsqueeze, one to the right. */
function shiftedAxes(context: BatchContext, rank: number): Value {
  refuseBatched(context, 1);
  const { inputs, attributes, node } = context;
  const axes = intsAttribute(attributes, "axes") ?? knownNumbers(inputs[1]);
  if (!axes && inputs[1]) throw new GraphError(`vmap: the axes of ${node.operator} must be known`);
  const ones = elementShape(context, 0).flatMap((size, axis) => (size === 1 ? [axis] : []));
  const named = axes ? normalAxes(node.operator, axes, rank) : ones;
  return integers(named.map((axis) => axis + 1));
}

defineBatch("Squeeze", (context) => {
  const axes = shiftedAxes(context, elementShape(context, 0).length);
  return applyToBatch(context, [inputOf(context, 0), axes], {});
});
defineBatch("Unsqueeze", (context) => {
  const axes = shiftedAxes(context, context.node.outputs[0]?.shape.length ?? 0);
  return applyToBatch(context, [inputOf(context, 0), axes], {});
});

defineBatch("Concat", (context) => {
  const parts = context.inputs.map((_, index) => withBatchAxis(context, index));
  const axis = normalAxis(
    "concat",
    intAttribute(context.attributes, "axis", 0),
    elementShape(context, 0).length,
  );
  return applyToBatch(context, parts, { axis: { int: axis + 1 } });
});

defineBatch("Split", (context) => {
  refuseBatched(context, 1);
  const { attributes, inputs } = context;
  const axis = normalAxis("split", intAttribute(attributes, "axis", 0), elementShape(context, 0).length);
  return applyToBatch(context, inputs, { ...attributes, axis: { int: axis + 1 } });
});

defineBatch("Slice", (context) => {
  refuseBatched(context, 1, 2, 3, 4);
  const [x, starts, ends, axes, steps] = context.inputs;
  const rank = elementShape(context, 0).length;
  const named = knownNumbers(axes) ?? Array.from({ length: Number(starts?.shape[0]) }, (_, axis) => axis);
  const shifted = integers(named.map((axis) => normalAxis("slice", axis, rank) + 1));
  return applyToBatch(context, [x, starts, ends, shifted, ...(steps ? [steps] : [])]);
});

defineBatch("Pad", (context) => {
  refuseBatched(context, 1, 2, 3);
  const [x, counts, fill, axes] = context.inputs;
  if (axes) {
    const rank = elementShape(context, 0).length;
    const named = knownNumbers(axes)?.map((axis) => normalAxis("pad", axis, rank) + 1);
    if (!named) throw new GraphError("vmap: the axes of Pad must be known");
    return applyToBatch(context, [x, counts, fill, integers(named)]);
  }
  const numbers = knownNumbers(counts);
  if (!numbers) throw new GraphError("vmap: the counts of Pad must be known");
  const half = numbers.length / 2;
  const padded = integers([0, ...numbers.slice(0, half), 0, ...numbers.slice(half)]);
  return applyToBatch(context, [x, padded, ...(fill ? [fill] : [])]);
});

defineBatch("Tile", (context) => {
  refuseBatched(context, 1);
  return applyToBatch(context, [inputOf(context, 0), concat([integers([1]), inputOf(context, 1)], 0)]);
});

defineBatch("CumSum", (context) => {
  refuseBatched(context, 1);
  const x = inputOf(context, 0);
  const axis = knownNumbers(inputOf(context, 1))?.[0];
  if (axis === undefined) throw new GraphError("vmap: the axis of CumSum must be known");
  const shifted = integers([normalAxis("cumsum", axis, elementShape(context, 0).length) + 1]);
  return applyToBatch(context, [x, reshape(shifted, [])]);
});

/** The positions of the batch's elements, 0, 1, …, in the first axis of `shape`, stretched over the others. */
export function batchPositions(x: Value, shape: readonly (number | string)[], like: readonly Value[]): Value {
  const size = x.shape[0] ?? 1;
  const zero = reshape(integers([0]), []);
  const one = reshape(integers([1]), []);
  const range =
    typeof size === "number"
      ? integers(Array.from({ length: size }, (_, index) => index))
      : apply(
          "Range",
          [zero, reshape(sizeOf(x, 0), []), one],
          {},
          { types: [{ dtype: "int64", shape: [size] }] },
        );
  const column = reshape(range, [size, ...shape.slice(1).map(() => 1)], [x]);
  return broadcastTo(column, shape, [x, ...like]);
}

/** Positions counted over the batch's elements one after the other, `size` of each. */
export function flatPositions(positions: Value, size: Value): Value {
  const row = batchPositions(positions, positions.shape, [positions]);
  return apply("Add", [multiply(row, size), positions]);
}
