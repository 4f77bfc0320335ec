/**
 * @file Rows in the order of their scores, by a radix sort: three passes over the upper 32 bits of each number, which
 * leave only runs of equal ones to be looked at again.
 */
import type { Scores } from "./scores.ts";

const bits = 11;
const buckets = 1 << bits;
const mask = buckets - 1;

/** Rows in order, and what they were sorted by. */
export interface FallingOrder {
  readonly order: Uint32Array;
  /** The upper 32 bits of each score in that order: scores whose keys differ are different. */
  readonly keys: Uint32Array;
  readonly values: Float32Array | Float64Array;
}

/** Row numbers by falling score; rows of equal score stay in their order. No score may be NaN. */
export function byFallingScore(scores: Scores): Uint32Array {
  return fallingOrder(scores).order;
}

/** As {@link byFallingScore}, with the keys that tell most scores apart without a look at them. */
export function fallingOrder(scores: Scores): FallingOrder {
  const values = Array.isArray(scores) ? Float64Array.from(scores) : (scores as Float32Array | Float64Array);
  const { order, keys } = sortedByKey(fallingKeys(values));
  if (values instanceof Float64Array) sortRuns(order, values, keys);
  return { order, keys, values };
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

/** Row numbers by rising key, stable, and the keys in that order. */
function sortedByKey(unsorted: Uint32Array): { readonly order: Uint32Array; readonly keys: Uint32Array } {
  const rows = unsorted.length;
  const low = new Uint32Array(buckets);
  const middle = new Uint32Array(buckets);
  const high = new Uint32Array(buckets);
  let order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const key = unsorted[row] ?? 0;
    order[row] = row;
    low[key & mask] = (low[key & mask] ?? 0) + 1;
    middle[(key >>> bits) & mask] = (middle[(key >>> bits) & mask] ?? 0) + 1;
    high[key >>> (2 * bits)] = (high[key >>> (2 * bits)] ?? 0) + 1;
  }
  let keys: Uint32Array = unsorted;
  let otherKeys: Uint32Array = new Uint32Array(rows);
  let otherOrder = new Uint32Array(rows);
  for (const [pass, histogram] of [low, middle, high].entries()) {
    if (isOneBucket(histogram, rows)) continue;
    toStarts(histogram);
    scatter({ keys, order }, { keys: otherKeys, order: otherOrder }, histogram, pass * bits);
    [keys, otherKeys] = [otherKeys, keys];
    [order, otherOrder] = [otherOrder, order];
  }
  return { order, keys };
}

interface Keyed {
  readonly keys: Uint32Array;
  readonly order: Uint32Array;
}

function scatter(from: Keyed, to: Keyed, places: Uint32Array, shift: number): void {
  const { keys, order } = from;
  const { keys: newKeys, order: newOrder } = to;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] ?? 0;
    const bucket = (key >>> shift) & mask;
    const place = places[bucket] ?? 0;
    places[bucket] = place + 1;
    newKeys[place] = key;
    newOrder[place] = order[at] ?? 0;
  }
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
  let key = keys[0];
  for (let at = 1; at <= rows; at++) {
    const next = at < rows ? keys[at] : -1;
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
