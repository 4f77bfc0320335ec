/** @file Picking elements by position, over a batch. */
import { normalAxis } from "../../shape.ts";
import { integers, type Value } from "../../value.ts";
import { apply, defineBatch, intAttribute, type BatchContext } from "../../ops/apply.ts";
import { add, cast, less, where } from "../../ops/elementwise.ts";
import { gather } from "../../ops/gather.ts";
import { concat, reshape, shapeVector, sizeOf, transpose, unsqueeze } from "../../ops/shape-ops.ts";
import { applyToBatch, elementShape, inputOf, withBatchAxis } from "./align.ts";
import { batchPositions, flatPositions } from "./shape-ops.ts";

/** A value with one axis moved to another place. */
function moveAxis(x: Value, from: number, to: number): Value {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  order.splice(to, 0, from);
  return transpose(x, order);
}

defineBatch("Gather", (context) => {
  const x = inputOf(context, 0);
  const positions = inputOf(context, 1);
  const axis = normalAxis(
    "gather",
    intAttribute(context.attributes, "axis", 0),
    elementShape(context, 0).length,
  );
  if (!context.batched[0]) return [moveAxis(gather(x, positions, axis), axis, 0)];
  if (!context.batched[1]) return [gather(x, positions, axis + 1)];
  // Each element has positions of its own: they are counted over all elements, whose rows stand one after the other.
  const front = moveAxis(x, axis + 1, 1);
  const rows = reshape(sizeOf(front, 1), []);
  const wide = cast(positions, "int64");
  const counted = where(less(wide, reshape(integers([0]), [])), add(wide, rows), wide);
  const rest = front.shape.slice(2);
  const flat = apply(
    "Reshape",
    [front, concat([integers([-1]), ...(rest.length > 0 ? [shapeVector("gather", rest, [front])] : [])], 0)],
    {},
    {
      types: [{ dtype: x.dtype, shape: [flatSize(front.shape.slice(0, 2)), ...rest] }],
    },
  );
  const picked = gather(flat, flatPositions(counted, rows));
  // What was picked stands as [batch, ...positions, ...rest]; the positions belong where the axis was.
  const count = positions.shape.length - 1;
  const order = picked.shape.map((_, at) => at);
  const places = order.splice(1, count);
  order.splice(1 + axis, 0, ...places);
  return [transpose(picked, order)];
});

function flatSize([first = 1, second = 1]: readonly (number | string)[]): number | string {
  return typeof first === "number" && typeof second === "number" ? first * second : `${first}*${second}`;
}

/** Positions with the number of their batch element before each. */
function batchedPositions(context: BatchContext, index: number): Value {
  const positions = withBatchAxis(context, index);
  const shape = positions.shape.slice(0, -1);
  const column = batchPositions(positions, shape, [positions]);
  return concat([unsqueeze(column, -1), positions], positions.shape.length - 1);
}

defineBatch("GatherND", (context) => {
  const batchAxes = intAttribute(context.attributes, "batch_dims", 0);
  if (!context.batched[0] && batchAxes === 0) return applyToBatch(context, context.inputs);
  if (batchAxes === 0) return applyToBatch(context, [inputOf(context, 0), batchedPositions(context, 1)]);
  return applyToBatch(context, [withBatchAxis(context, 0), withBatchAxis(context, 1)], {
    batch_dims: { int: batchAxes + 1 },
  });
});

defineBatch("ScatterND", (context) =>
  applyToBatch(context, [withBatchAxis(context, 0), batchedPositions(context, 1), withBatchAxis(context, 2)]),
);

for (const name of ["GatherElements", "ScatterElements"])
  defineBatch(name, (context) => {
    const axis = normalAxis(
      name,
      intAttribute(context.attributes, "axis", 0),
      elementShape(context, 0).length,
    );
    const inputs = context.inputs.map((_, index) => withBatchAxis(context, index));
    return applyToBatch(context, inputs, { ...context.attributes, axis: { int: axis + 1 } });
  });
