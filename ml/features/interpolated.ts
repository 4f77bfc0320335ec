/** @file A piecewise linear function of a tensor, by binary search among its knots. */
import { tensor } from "../graph/create.ts";
import { clip, where } from "../graph/functions/elementwise.ts";
import { take } from "../graph/functions/indexing.ts";
import type { Tensor } from "../graph/tensor.ts";

/**
 * The function that rises from 0 at the first knot to 1 at the last in equal steps, linear between (float64). Where knots
 * are equal, it is the middle of the values just below and just above them. The knots ascend.
 */
export function interpolated(x: Tensor, knots: readonly number[]): Tensor {
  const last = knots.length - 1;
  if (last === 0) return x.mul(0);
  const table = tensor(knots, "float64");
  const slopes = tensor(
    knots.slice(1).map((knot, at) => (knot === knots[at] ? 0 : 1 / last / (knot - (knots[at] ?? 0)))),
    "float64",
  );
  const line = (start: Tensor): Tensor =>
    start
      .cast("float64")
      .div(last)
      .add(x.sub(take(table, start)).mul(take(slopes, start)));
  const above = line(clip(countOf(x, table, knots.length, "atMost").sub(1), 0, last - 1));
  const below = line(clip(countOf(x, table, knots.length, "below").sub(1), 0, last - 1));
  return above.add(below).mul(0.5);
}

/** How many knots are at most x, or below it: the largest number that the last of so many knots allows. */
function countOf(x: Tensor, table: Tensor, knots: number, which: "atMost" | "below"): Tensor {
  let count = x.mul(0).cast("int64");
  for (let step = 2 ** Math.floor(Math.log2(knots)); step >= 1; step /= 2) {
    const tried = count.add(step);
    const knot = take(table, clip(tried, 1, knots).sub(1));
    const isBefore = which === "atMost" ? knot.lessOrEqual(x) : knot.less(x);
    count = where(isBefore.and(tried.lessOrEqual(knots)), tried, count);
  }
  return count;
}
