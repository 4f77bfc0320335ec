/**
 * @file Rows in the order of their scores, by a radix sort: three passes over the upper 32 bits of each number, which
 * leave only runs of equal ones to be looked at again.
 */
import type { Scores } from "./scores.ts";

const bits = 11;
const buckets = 1 << bits;
const mask = buckets - 1;

/** Row numbers by falling score; rows of equal score stay in their order. No score may be NaN. */
export function byFallingScore(scores: Scores): Uint32Array {
  const values = Array.isArray(scores) ? Float64Array.from(scores) : (scores as Float32Array | Float64Array);
  const keys = fallingKeys(values);
  const order = sortedByKey(keys);
  if (!(values instanceof Float32Array)) sortRuns(order, values, keys);
  return order;
}

/** The upper 32 bits of each number, so turned that they rise as the number falls. */
function fallingKeys(values: Float32Array | Float64Array): Uint32Array {
  const rows = values.length;
  const keys = new Uint32Array(rows);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.byteLength / 4);
  const step = values instanceof Float32Array ? 1 : 2;
  for (let row = 0; row < rows; row++) {
    // The little-endian order of all platforms of Node: the upper half of a double is its second word.
    const word = words[step * row + step - 1] ?? 0;
    const isZero = values[row] === 0;
    keys[row] = isZero ? 0x7f_ff_ff_ff : word >>> 31 === 1 ? word : word ^ 0x7f_ff_ff_ff;
  }
  return keys;
}

/** Row numbers by rising key, stable. */
function sortedByKey(keys: Uint32Array): Uint32Array {
  const rows = keys.length;
  const counts = [new Uint32Array(buckets), new Uint32Array(buckets), new Uint32Array(buckets)] as const;
  const [low, middle, high] = counts;
  for (let row = 0; row < rows; row++) {
    const key = keys[row] ?? 0;
    low[key & mask] = (low[key & mask] ?? 0) + 1;
    middle[(key >>> bits) & mask] = (middle[(key >>> bits) & mask] ?? 0) + 1;
    high[key >>> (2 * bits)] = (high[key >>> (2 * bits)] ?? 0) + 1;
  }
  let order: Uint32Array = new Uint32Array(rows);
  let other: Uint32Array = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) order[row] = row;
  for (const [pass, histogram] of counts.entries()) {
    if (isOneBucket(histogram, rows)) continue;
    toStarts(histogram);
    const shift = pass * bits;
    for (let at = 0; at < rows; at++) {
      const row = order[at] ?? 0;
      const bucket = ((keys[row] ?? 0) >>> shift) & mask;
      const place = histogram[bucket] ?? 0;
      histogram[bucket] = place + 1;
      other[place] = row;
    }
    [order, other] = [other, order];
  }
  return order;
}

function isOneBucket(histogram: Uint32Array, rows: number): boolean {
  return histogram.includes(rows);
}

function toStarts(histogram: Uint32Array): void {
  let start = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const count = histogram[bucket] ?? 0;
    histogram[bucket] = start;
    start += count;
  }
}

/** Sorts rows of equal key by the whole number. */
function sortRuns(order: Uint32Array, values: Float64Array, keys: Uint32Array): void {
  const rows = order.length;
  let start = 0;
  let key = keys[order[0] ?? 0];
  for (let at = 1; at <= rows; at++) {
    const next = at < rows ? keys[order[at] ?? 0] : -1;
    if (next === key) continue;
    if (at - start > 1) sortRun(order, values, start, at);
    start = at;
    key = next;
  }
}

const shortRun = 24;

function sortRun(order: Uint32Array, values: Float64Array, start: number, end: number): void {
  if (isFalling(order, values, start, end)) return;
  if (end - start > shortRun) {
    order.subarray(start, end).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
    return;
  }
  for (let at = start + 1; at < end; at++) {
    const row = order[at] ?? 0;
    const value = values[row] ?? 0;
    let place = at;
    while (place > start && (values[order[place - 1] ?? 0] ?? 0) < value) {
      order[place] = order[place - 1] ?? 0;
      place -= 1;
    }
    order[place] = row;
  }
}

function isFalling(order: Uint32Array, values: Float64Array, start: number, end: number): boolean {
  let last = values[order[start] ?? 0] ?? 0;
  for (let at = start + 1; at < end; at++) {
    const value = values[order[at] ?? 0] ?? 0;
    if (value > last) return false;
    last = value;
  }
  return true;
}
