/** @file The rows of a node: numbered, sent to its children, given their leaf's value. */

/** Writes the numbers from `first` on. */
export function numberRows(rows: usize, first: u32, count: usize): void {
  for (let at: usize = 0; at < count; at++) store<u32>(rows + (at << 2), first + <u32>at);
}

/**
 * Puts the rows that go left first in `rows`, and those that go right in `spare`, each side in its order; gives how many go
 * left. `column` has the rows' bins, `table` a byte for each bin: 1 goes left, 0 right. `spare` has room for `count`
 * numbers.
 */
export function divide(column: usize, table: usize, rows: usize, count: usize, spare: usize): usize {
  let left = rows;
  let right = spare;
  const end = rows + (count << 2);
  for (let at = rows; at < end; at += 4) {
    const row = load<u32>(at);
    const goesLeft = <usize>load<u8>(table + <usize>load<u8>(column + <usize>row));
    store<u32>(left, row);
    store<u32>(right, row);
    left += goesLeft << 2;
    right += (1 - goesLeft) << 2;
  }
  return (left - rows) >> 2;
}

/** Copies `count` row numbers, also between places that overlap. */
export function copyRows(to: usize, from: usize, count: usize): void {
  memory.copy(to, from, count << 2);
}

/** Adds a value to the float32 of each row that `rows` names. */
export function addToRows(values: usize, rows: usize, count: usize, value: f32): void {
  for (let at = rows; at < rows + (count << 2); at += 4) {
    const to = values + ((<usize>load<u32>(at)) << 2);
    store<f32>(to, load<f32>(to) + value);
  }
}
