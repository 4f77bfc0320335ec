/**
 * @file Spearman's correlation of many columns, each pair ranked over the rows where both have a value.
 *
 * SQL would sort once for each pair; here each column is sorted once, and a pair's ranks are one walk along that order.
 */

/** A column ready to be ranked with others; NaN stands for a missing value. */
interface Ordered {
  readonly values: Float64Array;
  /** The rows with a value, by rising value. */
  readonly order: Uint32Array;
  readonly isWhole: boolean;
  /** Ranks over all its rows, moved to mean 0 and length 1; undefined for a constant column. */
  readonly ranks: Float64Array | undefined;
}

/**
 * Spearman's rho of each pair of columns of equal length: Pearson's r of the ranks, ties with their mean rank, over the
 * rows where neither is NaN, as pandas' `corr(method="spearman")`. Gives a function of two column indices; null where a
 * column is constant over those rows.
 */
export function spearman(columns: readonly Float64Array[]): (a: number, b: number) => number | null {
  const ordered = columns.map(orderColumn);
  const rows = columns[0]?.length ?? 0;
  const [first, second] = [new Float64Array(rows), new Float64Array(rows)];
  return (a, b) => {
    const [x, y] = [ordered[a], ordered[b]];
    if (x === undefined || y === undefined) return null;
    if (x.isWhole && y.isWhole) return x.ranks && y.ranks ? dot(x.ranks, y.ranks) : null;
    if (!rankInto(first, x, y.values) || !rankInto(second, y, x.values)) return null;
    return dot(first, second);
  };
}

function orderColumn(values: Float64Array): Ordered {
  // NaN is sorted behind all numbers.
  const all = values.toSorted();
  const sorted = all.subarray(0, firstNaN(all));
  const order = new Uint32Array(sorted.length);
  const taken = new Uint32Array(sorted.length);
  // Iterators of typed arrays make an array for each entry.
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const at = firstAtLeast(sorted, value);
    order[at + (taken[at] ?? 0)] = row;
    taken[at] = (taken[at] ?? 0) + 1;
  }
  const column = { values, order, isWhole: order.length === values.length, ranks: undefined };
  const ranks = new Float64Array(values.length);
  return column.isWhole && rankInto(ranks, column, values) ? { ...column, ranks } : column;
}

function firstNaN(sorted: Float64Array): number {
  let count = sorted.length;
  while (count > 0 && Number.isNaN(sorted[count - 1])) count -= 1;
  return count;
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Writes the ranks of a column's values where the other has one too, centred and of length 1; false where all are equal. */
function rankInto(ranks: Float64Array, { values, order }: Ordered, other: Float64Array): boolean {
  ranks.fill(0);
  const rows = new Uint32Array(order.length);
  let count = 0;
  for (let at = 0; at < order.length; at++) {
    const row = order[at] ?? 0;
    if (!Number.isNaN(other[row])) rows[count++] = row;
  }
  const mean = (count + 1) / 2;
  let squares = 0;
  for (let from = 0, to = 0; from < count; from = to) {
    const value = values[rows[from] ?? 0];
    while (to < count && values[rows[to] ?? 0] === value) to += 1;
    // Ranks from + 1 to `to`, all with their mean.
    const rank = (from + 1 + to) / 2 - mean;
    for (let at = from; at < to; at++) ranks[rows[at] ?? 0] = rank;
    squares += rank * rank * (to - from);
  }
  if (squares === 0) return false;
  const scale = 1 / Math.sqrt(squares);
  for (let row = 0; row < ranks.length; row++) ranks[row] = (ranks[row] ?? 0) * scale;
  return true;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let row = 0; row < a.length; row++) sum += (a[row] ?? 0) * (b[row] ?? 0);
  return sum;
}
