/** @file A piecewise linear function of a tensor, by binary search among its knots. */
import { tensor } from "../graph/create.ts";
import { clip, where } from "../graph/functions/elementwise.ts";
import { take } from "../graph/functions/indexing.ts";
import type { Tensor } from "../graph/tensor.ts";
import { zerosLike } from "./traced.ts";

/**
 * The function that rises from 0 at the first knot to 1 at the last in equal steps, linear between (float64). Where knots
 * are equal, it is the middle of the values just below and just above them. The knots ascend.
 */
export function interpolated(x: Tensor, knots: readonly number[]): Tensor {
  const last = knots.length - 1;
  if (last === 0) return zerosLike(x, "float64");
  const starts = tensor(knots, "float64");
  const slopes = tensor(
    knots.slice(1).map((knot, at) => (knot === knots[at] ? 0 : 1 / last / (knot - (knots[at] ?? 0)))),
    "float64",
  );
  const line = (count: Tensor): Tensor => {
    const start = clip(count.sub(1), 0, last - 1);
    const rise = x.sub(take(starts, start)).mul(take(slopes, start));
    return start.cast("float64").div(last).add(rise);
  };
  const above = line(countOf(x, knots, "atMost"));
  // Without equal knots both lines meet.
  if (knots.every((knot, at) => at === 0 || knot > (knots[at - 1] ?? 0))) return above;
  return above.add(line(countOf(x, knots, "below"))).mul(0.5);
}

/** How many knots are at most x, or below it: as a binary number, digit by digit. */
function countOf(x: Tensor, knots: readonly number[], which: "atMost" | "below"): Tensor {
  const digits = Math.floor(Math.log2(knots.length)) + 1;
  // At `count` the last knot of so many; what no count reaches is above all.
  const beyond = Array.from({ length: 2 ** digits - 1 - knots.length }, () => Number.POSITIVE_INFINITY);
  const table = tensor([Number.NEGATIVE_INFINITY, ...knots, ...beyond], "float64");
  let count = zerosLike(x, "int64");
  for (let step = 2 ** (digits - 1); step >= 1; step /= 2) {
    const tried = count.add(step);
    const knot = take(table, tried);
    count = where(which === "atMost" ? knot.lessOrEqual(x) : knot.less(x), tried, count);
  }
  return count;
}
