/** @file Parts of values by position, axis by axis. */
import { GraphError } from "../errors.ts";
import type { AxisPick } from "../pick-types.ts";
import { showShape } from "../shape.ts";
import { scalar, type Value } from "../value.ts";
import { gather } from "./gather.ts";
import { slice, squeeze, type Range } from "./shape-ops.ts";

/**
 * What the picks take of the first axes; further axes stay whole.
 * @throws {@link GraphError} for more picks than axes, or a position that is not there
 */
export function pick(x: Value, picks: readonly AxisPick[]): Value {
  if (picks.length > x.shape.length)
    throw new GraphError(`slice: ${picks.length} positions in a tensor of shape ${showShape(x.shape)}`);
  const ranges = picks.flatMap((each, axis) => rangeOf(x, each, axis));
  const single = picks.flatMap((each, axis) => (typeof each === "number" ? [axis] : []));
  // A single position of an axis whose size is not known can't be told from an empty range: it is gathered.
  const named = single.filter((axis) => typeof x.shape[axis] === "string");
  const sliced = slice(x, ranges);
  const gathered = named.reduceRight((value, axis) => {
    const position = scalar("int64", Number(picks[axis]));
    return gather(value, position, axis);
  }, sliced);
  const gone = single.filter((axis) => !named.includes(axis));
  const before = (axis: number): number => named.filter((each) => each < axis).length;
  return gone.length === 0
    ? gathered
    : squeeze(
        gathered,
        gone.map((axis) => axis - before(axis)),
      );
}

function rangeOf(x: Value, pick: AxisPick, axis: number): readonly Range[] {
  if (pick === null) return [];
  const size = x.shape[axis];
  if (typeof pick === "number") {
    if (typeof size !== "number") return [];
    if (!Number.isInteger(pick) || pick < -size || pick >= size)
      throw new GraphError(`slice: axis ${axis} of ${showShape(x.shape)} has no position ${pick}`);
    return [{ axis, start: pick, ...(pick !== -1 && { end: pick + 1 }) }];
  }
  const { start, end, step = 1 } = isPair(pick) ? { start: pick[0], end: pick[1] } : pick;
  if (![start ?? 0, end ?? 0, step].every(Number.isInteger) || step === 0)
    throw new GraphError("slice: start and end are whole numbers, the step one that isn't 0");
  return [{ axis, start: start ?? (step > 0 ? 0 : -1), ...(end !== undefined && { end }), step }];
}

function isPair(pick: Exclude<AxisPick, null | number>): pick is readonly [start: number, end?: number] {
  return Array.isArray(pick);
}
