/** @file Bins of equal width, and counting in them. */
import type { RowValue } from "../query-result.ts";
import { numbersOf } from "./aggregate-query.ts";

/**
 * The edges of at most `most` bins from the least to the greatest value. Bins of integers hold equally many integers each
 * and have their edges between them. One bin where the values do not differ.
 */
export function histogramEdges(low: number, high: number, isInteger: boolean, most: number): number[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [low, high];
  const integers = high - low + 1;
  if (isInteger && Number.isSafeInteger(integers)) {
    const width = Math.ceil(integers / most);
    const count = Math.ceil(integers / width);
    return Array.from({ length: count + 1 }, (_, at) => low - 0.5 + at * width);
  }
  const step = (high - low) / most;
  return Array.from({ length: most + 1 }, (_, at) => (at === most ? high : low + at * step));
}

/**
 * An aggregate that counts the values of an expression in the bins `[edge, next edge)`, all values from the last lower edge
 * on being in the last. DuckDB's bins have their upper edge, so both are counted with the sign changed.
 */
export function histogramAggregate(number: string, edges: readonly number[]): string {
  const turned = edges.slice(0, -1).map((edge) => `${-edge}::DOUBLE`);
  return `map_values(histogram(-(${number}), [${turned.toReversed().join(", ")}]))`;
}

/** The counts that {@link histogramAggregate} came to, by rising value. */
export function histogramCounts(value: RowValue, edges: readonly number[]): number[] {
  return numbersOf(value)
    .slice(0, edges.length - 1)
    .toReversed();
}
