/** @file What the sums over a forest's trees become. */
import type { ForestLink } from "../forest.ts";

/** Applies a link to a row's numbers, in place: those from `start` on. */
export function applyLink(link: ForestLink, numbers: Float64Array, start: number, count: number): void {
  if (link === "identity") return;
  if (link === "softmax") return softmax(numbers, start, count);
  for (let at = start; at < start + count; at++) {
    const sum = numbers[at] ?? 0;
    numbers[at] = link === "exp" ? Math.exp(sum) : 1 / (1 + Math.exp(-sum));
  }
}

/** `e^z / Σ e^z`, by differences from the largest. */
function softmax(numbers: Float64Array, start: number, count: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = start; at < start + count; at++) largest = Math.max(largest, numbers[at] ?? 0);
  let total = 0;
  for (let at = start; at < start + count; at++) {
    const power = Math.exp((numbers[at] ?? 0) - largest);
    numbers[at] = power;
    total += power;
  }
  for (let at = start; at < start + count; at++) numbers[at] = (numbers[at] ?? 0) / total;
}
