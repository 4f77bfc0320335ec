/** @file The bins of values: how many of a feature's cuts are not above a value; missing values have a bin of their own. */

/**
 * Bins a block of float32 rows. Feature j stands in the block's column `columns[j]`, has 256 cuts at `cuts + 1024 j`
 * (beyond its own: +Infinity), at most 254 of its own; NaN becomes bin 255. Row i's bins go to `rowBins + i * stride + j` and to
 * `columnBins + j * columnStride + i`.
 */
export function binRows(
  block: usize,
  rows: usize,
  width: usize,
  columns: usize,
  features: usize,
  cuts: usize,
  rowBins: usize,
  stride: usize,
  columnBins: usize,
  columnStride: usize,
): void {
  for (let feature: usize = 0; feature < features; feature++) {
    const base = cuts + (feature << 10);
    let from = block + ((<usize>load<u32>(columns + (feature << 2))) << 2);
    let toRow = rowBins + feature;
    const toColumn = columnBins + feature * columnStride;
    for (let row: usize = 0; row < rows; row++) {
      const value = load<f32>(from);
      let at = base + ((<usize>(load<f32>(base, 508) <= value)) << 9);
      at += (<usize>(load<f32>(at, 252) <= value)) << 8;
      at += (<usize>(load<f32>(at, 124) <= value)) << 7;
      at += (<usize>(load<f32>(at, 60) <= value)) << 6;
      at += (<usize>(load<f32>(at, 28) <= value)) << 5;
      at += (<usize>(load<f32>(at, 12) <= value)) << 4;
      at += (<usize>(load<f32>(at, 4) <= value)) << 3;
      at += (<usize>(load<f32>(at) <= value)) << 2;
      const bin = value == value ? <u32>((at - base) >> 2) : 255;
      store<u8>(toRow, bin);
      store<u8>(toColumn + row, bin);
      from += width << 2;
      toRow += stride;
    }
  }
}
