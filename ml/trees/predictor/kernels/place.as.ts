/** The place behind all others; of four bytes, one that is still below what no place reaches. */
function largest<T>(): T {
  return sizeof<T>() == 4 ? <T>0x7fff_fffe : <T>-1;
}

/** Writes one row's place, plus 1 where missing values come first (as 0), itself where they come last. */
function write<V, T>(x: V, found: usize, row: usize, leftColumn: usize, rightColumn: usize): void {
  const isMissing = x != x;
  if (leftColumn != 0) store<T>(leftColumn + row * sizeof<T>(), isMissing ? <T>0 : <T>(found + 1));
  if (rightColumn != 0) store<T>(rightColumn + row * sizeof<T>(), isMissing ? largest<T>() : <T>found);
}

/**
 * Each value's place among its feature's thresholds, column by column. The table has for each feature: its number, the
 * thresholds' address, half the list's size, and the columns for missing values that go left and right; 0 is no column.
 * Numbers from `-zero` to `zero` are missing.
 */
export function place<V, T>(
  rows: usize,
  count: u32,
  width: u32,
  table: usize,
  features: u32,
  zero: f64,
): void {
  const stride = <usize>width * sizeof<V>();
  for (let each: u32 = 0; each < features; each++, table += 20) {
    const thresholds = <usize>load<u32>(table, 4);
    const half = load<u32>(table, 8);
    const leftColumn = <usize>load<u32>(table, 12);
    const rightColumn = <usize>load<u32>(table, 16);
    let from = rows + <usize>load<u32>(table) * sizeof<V>();
    // Four rows at once: a search waits for each of its steps. Rows behind the last are zeros or left from before.
    for (let row: usize = 0; row < count; row += 4, from += 4 * stride) {
      let a = load<V>(from);
      let b = load<V>(from + stride);
      let c = load<V>(from + 2 * stride);
      let d = load<V>(from + 3 * stride);
      if (zero >= 0) {
        a = abs<V>(a) <= <V>zero ? <V>NaN : a;
        b = abs<V>(b) <= <V>zero ? <V>NaN : b;
        c = abs<V>(c) <= <V>zero ? <V>NaN : c;
        d = abs<V>(d) <= <V>zero ? <V>NaN : d;
      }
      let atA = thresholds;
      let atB = thresholds;
      let atC = thresholds;
      let atD = thresholds;
      for (let step: usize = <usize>half * sizeof<V>(); step >= sizeof<V>(); step >>= 1) {
        const before = step - sizeof<V>();
        atA = select(atA + step, atA, load<V>(atA + before) <= a);
        atB = select(atB + step, atB, load<V>(atB + before) <= b);
        atC = select(atC + step, atC, load<V>(atC + before) <= c);
        atD = select(atD + step, atD, load<V>(atD + before) <= d);
      }
      write<V, T>(a, (atA - thresholds) / sizeof<V>(), row, leftColumn, rightColumn);
      write<V, T>(b, (atB - thresholds) / sizeof<V>(), row + 1, leftColumn, rightColumn);
      write<V, T>(c, (atC - thresholds) / sizeof<V>(), row + 2, leftColumn, rightColumn);
      write<V, T>(d, (atD - thresholds) / sizeof<V>(), row + 3, leftColumn, rightColumn);
    }
  }
}

/**
 * Whether each value is in a set, column by column: 0 where it is, the largest place where it isn't. The table has for
 * each set: the feature's number, the bits' address, how many bits, what a missing value gets, and the column.
 */
export function placeSets<V, T>(rows: usize, count: u32, width: u32, table: usize, sets: u32): void {
  const stride = <usize>width * sizeof<V>();
  for (let each: u32 = 0; each < sets; each++, table += 20) {
    const bits = <usize>load<u32>(table, 4);
    const size = load<u32>(table, 8);
    const missing = load<T>(table, 12);
    let to = <usize>load<u32>(table, 16);
    let from = rows + <usize>load<u32>(table) * sizeof<V>();
    for (let row: u32 = 0; row < count; row++, from += stride, to += sizeof<T>()) {
      const value = load<V>(from);
      let result = largest<T>();
      if (value != value) result = missing;
      else if (value >= 0 && value < <V>size) {
        const category = <u32>value;
        if ((load<u32>(bits + ((<usize>(category >> 5)) << 2)) >> (category & 31)) & 1) result = 0;
      }
      store<T>(to, result);
    }
  }
}
