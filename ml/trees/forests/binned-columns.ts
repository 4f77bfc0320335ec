/**
 * @file Columns cut into bins of equally many rows: one for each value where a column has up to 255, so that splits are
 * exact there.
 */
import type { Turns } from "../../turns.ts";
import type { FeatureColumns } from "./feature-columns.ts";

/** The bin of missing values. */
export const missingBin = 255;

/** More rows than these are sampled for where bins end. */
const mostRowsForEdges = 2 ** 17;

/** A column's bins. */
export interface BinnedColumn {
  /** Each row's bin. */
  readonly bins: Uint8Array;
  /** The smallest and the largest value in each bin. */
  readonly lowest: Float32Array;
  readonly highest: Float32Array;
}

/** Cuts all columns. */
export async function binColumns(
  { columns }: FeatureColumns,
  turns: Turns,
): Promise<readonly BinnedColumn[]> {
  const binned: BinnedColumn[] = [];
  for (const column of columns) {
    binned.push(binColumn(column));
    if (turns.due) await turns.give();
  }
  return binned;
}

function binColumn(column: Float32Array): BinnedColumn {
  const edges = edgesOf(column);
  const bins = new Uint8Array(column.length);
  const lowest = new Float32Array(missingBin).fill(Infinity);
  const highest = new Float32Array(missingBin).fill(-Infinity);
  for (let row = 0; row < column.length; row++) {
    const value = column[row] ?? 0;
    if (Number.isNaN(value)) {
      bins[row] = missingBin;
      continue;
    }
    let [low, high] = [0, edges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((edges[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    bins[row] = low;
    if (value < (lowest[low] ?? 0)) lowest[low] = value;
    if (value > (highest[low] ?? 0)) highest[low] = value;
  }
  return { bins, lowest, highest };
}

/** The largest value of each bin but the last, up to 254. */
function edgesOf(column: Float32Array): Float32Array {
  const step = Math.max(1, Math.ceil(column.length / mostRowsForEdges));
  const sorted = Float32Array.from(
    { length: Math.ceil(column.length / step) },
    (_, at) => column[at * step] ?? 0,
  );
  sorted.sort();
  let count = sorted.length;
  while (count > 0 && Number.isNaN(sorted[count - 1])) count--;
  const different: number[] = [];
  for (let at = 0; at < count && different.length <= missingBin; at++)
    if (at === 0 || sorted[at] !== sorted[at - 1]) different.push(sorted[at] ?? 0);
  if (different.length <= missingBin) return Float32Array.from(different.slice(0, -1));
  const edges: number[] = [];
  for (let bin = 1; bin < missingBin; bin++) {
    const edge = sorted[Math.floor((bin * count) / missingBin)] ?? 0;
    if (edge !== edges.at(-1)) edges.push(edge);
  }
  return Float32Array.from(edges);
}
