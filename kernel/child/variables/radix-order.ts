/**
 * @file A stable order of rows by numeric keys in linear time: least-significant-digit radix sort over the bits of
 * the keys, 16 at a time. NaN comes last in both directions.
 */

const digits = 4;
const buckets = 1 << 16;

/** The rows ordered by `keys[row]`; rows with equal keys keep their order. */
export function orderByKeys(rows: Uint32Array, keys: Float64Array, descending: boolean): Uint32Array {
  const words = sortableWords(rows, keys, descending);
  let from = rows.slice();
  let to = new Uint32Array(rows.length);
  // Positions, not rows, index the words.
  for (let position = 0; position < from.length; position += 1) from[position] = position;
  const counts = new Uint32Array(buckets);
  for (let digit = 0; digit < digits; digit += 1) {
    counts.fill(0);
    for (let position = 0; position < from.length; position += 1) {
      const bucket = words[position * digits + digit] ?? 0;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    // All in one bucket: this digit orders nothing.
    if (counts[words[digit] ?? 0] === from.length) continue;
    let start = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const count = counts[bucket] ?? 0;
      counts[bucket] = start;
      start += count;
    }
    for (const position of from) {
      const bucket = words[position * digits + digit] ?? 0;
      const place = counts[bucket] ?? 0;
      to[place] = position;
      counts[bucket] = place + 1;
    }
    [from, to] = [to, from];
  }
  return from.map((position) => rows[position] ?? 0);
}

/**
 * The keys as unsigned integers in the same order, four 16-bit words each, the least significant first: IEEE 754
 * doubles order as their bits do once the sign bit is flipped, and all bits of negative ones.
 */
function sortableWords(rows: Uint32Array, keys: Float64Array, descending: boolean): Uint16Array {
  const ordered = new Float64Array(rows.length);
  for (let position = 0; position < rows.length; position += 1) {
    const key = keys[rows[position] ?? 0] ?? Number.NaN;
    // Adding zero makes -0 equal to 0.
    ordered[position] = (descending ? -key : key) + 0;
  }
  const halves = new Uint32Array(ordered.buffer);
  for (let position = 0; position < rows.length; position += 1) {
    const low = position * 2;
    const high = low + 1;
    if (Number.isNaN(ordered[position])) {
      halves[low] = 0xffffffff;
      halves[high] = 0xffffffff;
      continue;
    }
    const negative = (halves[high] ?? 0) >>> 31 === 1;
    if (negative) halves[low] = ~(halves[low] ?? 0);
    halves[high] = negative ? ~(halves[high] ?? 0) : (halves[high] ?? 0) | 0x80000000;
  }
  return new Uint16Array(ordered.buffer);
}
