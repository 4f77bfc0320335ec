/** @file The rules of Pad. What a reflected or repeated edge receives goes back to the elements it was copied from. */
import { GraphError } from "../errors.ts";
import { normalAxis, sameShape, type Dimension } from "../shape.ts";
import type { Attributes, Value } from "../value.ts";
import { defineOperator, required, textAttribute, type Application } from "../ops/apply.ts";
import { add } from "../ops/elementwise.ts";
import { flip } from "../ops/arrange.ts";
import { sum } from "../ops/reduce.ts";
import { pad, reshape, slice } from "../ops/shape-ops.ts";
import { numbersOf } from "./shape-ops.ts";

type Padding = Pick<Application, "inputs"> & { readonly attributes: Attributes; readonly operator?: string };

/** The counts before all axes, then those after. */
function countsOf(padding: Padding): number[] {
  const x = required(padding, 0);
  const counts = numbersOf(padding, 1, "pads");
  if (!counts) throw new GraphError("Pad needs its counts");
  const named = numbersOf(padding, 3, "axes");
  if (!named) return [...counts];
  const rank = x.shape.length;
  const axes = named.map((axis) => normalAxis("pad", axis, rank));
  const full = Array.from({ length: 2 * rank }, () => 0);
  for (const [index, axis] of axes.entries()) {
    full[axis] = counts[index] ?? 0;
    full[axis + rank] = counts[index + axes.length] ?? 0;
  }
  return full;
}

defineOperator("Pad", {
  infer: (application) => {
    const x = required(application, 0);
    const counts = countsOf(application);
    const mode = textAttribute(application.attributes, "mode", "constant");
    const shape = x.shape.map((size, axis): Dimension => {
      const [before, after] = [counts[axis] ?? 0, counts[axis + x.shape.length] ?? 0];
      if (mode === "reflect" && typeof size === "number" && Math.max(before, after) >= size)
        throw new GraphError(`pad: axis ${axis} of size ${size} reflects at most ${size - 1} elements`);
      if (typeof size === "number") return size + before + after;
      return before + after === 0 ? size : `${size}+${before + after}`;
    });
    return [{ dtype: x.dtype, shape }];
  },
  gradient: (context) => {
    const x = required(context, 0);
    const counts = countsOf(context);
    const rank = x.shape.length;
    const mode = textAttribute(context.attributes, "mode", "constant");
    let { gradient } = context;
    for (const axis of x.shape.keys()) {
      const [before, after] = [counts[axis] ?? 0, counts[axis + rank] ?? 0];
      if (before === 0 && after === 0) continue;
      const inner = slice(gradient, [{ axis, start: before, ...(after > 0 && { end: -after }) }]);
      gradient = mode === "constant" ? inner : add(inner, returned(gradient, x, axis, before, after, mode));
    }
    const cut = sameShape(gradient.shape, x.shape) ? gradient : reshape(gradient, x.shape, [x]);
    return [cut, ...context.inputs.slice(1).map(() => undefined)];
  },
});

/** What the padded ends of an axis give back to the elements that they repeat. */
function returned(
  gradient: Value,
  x: Value,
  axis: number,
  before: number,
  after: number,
  mode: string,
): Value {
  const size = x.shape[axis];
  if (typeof size !== "number" || (mode !== "reflect" && mode !== "edge"))
    throw new GraphError(`the gradient of padding by "${mode}" along an axis of size ${size} is not known`);
  const around = (part: Value, start: number): Value => {
    const length = Number(part.shape[axis]);
    const none = part.shape.map(() => 0);
    return pad(part, none.with(axis, start), none.with(axis, size - length - start));
  };
  const parts: Value[] = [];
  if (before > 0) {
    const left = slice(gradient, [{ axis, start: 0, end: before }]);
    parts.push(
      mode === "reflect"
        ? around(flip(left, [axis]), 1)
        : around(sum(left, { axes: axis, keepAxes: true }), 0),
    );
  }
  if (after > 0) {
    const right = slice(gradient, [{ axis, start: before + size }]);
    parts.push(
      mode === "reflect"
        ? around(flip(right, [axis]), size - 1 - after)
        : around(sum(right, { axes: axis, keepAxes: true }), size - 1),
    );
  }
  return parts.reduce((total, part) => add(total, part));
}
