/**
 * @file Histograms: for each feature and bin the sum of the pairs of the rows that lie there, in float64.
 *
 * Pairs are multiples of one power of two (see `round-pairs.as.ts`), so the sums are exact: their order doesn't matter, and
 * a difference of two is what adding up the other rows would give, to the bit.
 */

/** Rows are gathered into so many bytes before they are added up: eight features' histograms fit beside in the nearest cache. */
const gatheredBytes: usize = 16384;
/** How many features are gathered at a time. */
const together: usize = 64;

/** Adds rows that stand one behind another, eight features at a time; `width` is a multiple of 4. */
function addRows(bins: usize, stride: usize, width: usize, count: usize, pairs: usize, sums0: usize): void {
  let sums = sums0;
  const pairsEnd = pairs + (count << 3);
  for (let feature: usize = 0; feature + 8 <= width; feature += 8) {
    let bin = bins + feature;
    for (let at = pairs; at < pairsEnd; at += 8) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(at));
      let slot = sums + ((<usize>load<u8>(bin)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot), pair));
      slot = sums + ((<usize>load<u8>(bin, 1)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 4160), pair), 4160);
      slot = sums + ((<usize>load<u8>(bin, 2)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 8320), pair), 8320);
      slot = sums + ((<usize>load<u8>(bin, 3)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 12480), pair), 12480);
      slot = sums + ((<usize>load<u8>(bin, 4)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 16640), pair), 16640);
      slot = sums + ((<usize>load<u8>(bin, 5)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 20800), pair), 20800);
      slot = sums + ((<usize>load<u8>(bin, 6)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 24960), pair), 24960);
      slot = sums + ((<usize>load<u8>(bin, 7)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 29120), pair), 29120);
      bin += stride;
    }
    sums += 8 * 4160;
  }
  if (width & 4) {
    let bin = bins + (width & ~7);
    for (let at = pairs; at < pairsEnd; at += 8) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(at));
      let slot = sums + ((<usize>load<u8>(bin)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot), pair));
      slot = sums + ((<usize>load<u8>(bin, 1)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 4160), pair), 4160);
      slot = sums + ((<usize>load<u8>(bin, 2)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 8320), pair), 8320);
      slot = sums + ((<usize>load<u8>(bin, 3)) << 4);
      v128.store(slot, f64x2.add(v128.load(slot, 12480), pair), 12480);
      bin += stride;
    }
  }
}

/** Adds one block of features. */
function addBlock(
  bins: usize,
  stride: usize,
  width: usize,
  rows: usize,
  count: usize,
  pairs: usize,
  sums: usize,
  scratch: usize,
): void {
  const gathered = scratch + gatheredBytes;
  const step: usize = width > 32 ? 64 : width > 16 ? 32 : 16;
  const batch = gatheredBytes / step;
  for (let done: usize = 0; done < count; done += batch) {
    const here = min(batch, count - done);
    if (rows == 0) {
      addRows(bins + done * stride, stride, width, here, pairs + (done << 3), sums);
      continue;
    }
    let to = scratch;
    for (let row: usize = 0; row < here; row++) {
      const number = <usize>load<u32>(rows + ((done + row) << 2));
      const from = bins + number * stride;
      v128.store(to, v128.load(from));
      if (width > 16) v128.store(to, v128.load(from, 16), 16);
      if (width > 32) {
        v128.store(to, v128.load(from, 32), 32);
        v128.store(to, v128.load(from, 48), 48);
      }
      store<u64>(gathered + (row << 3), load<u64>(pairs + (number << 3)));
      to += step;
    }
    addRows(scratch, step, width, here, gathered, sums);
  }
}

/**
 * Makes a histogram of rows: those that `rows` names by number, or the first `count` where it is 0. `width`, a multiple of
 * 4, is the number of features with those that pad it. `scratch` has room for 24 KiB. Reads up to 63 bytes beyond a row.
 */
export function histogram(
  bins: usize,
  stride: usize,
  width: usize,
  rows: usize,
  count: usize,
  pairs: usize,
  sums: usize,
  scratch: usize,
): void {
  clear(sums, width * 4160);
  for (let from: usize = 0; from < width; from += together) {
    addBlock(
      bins + from,
      stride,
      min(together, width - from),
      rows,
      count,
      pairs,
      sums + from * 4160,
      scratch,
    );
  }
}

/** Sets `bytes` bytes to 0. */
export function clear(sums: usize, bytes: usize): void {
  memory.fill(sums, 0, bytes);
}

/** `sums -= others` over `bytes` bytes, a multiple of 64. */
export function subtract(sums: usize, others: usize, bytes: usize): void {
  for (let offset: usize = 0; offset < bytes; offset += 64) {
    const at = sums + offset;
    const other = others + offset;
    v128.store(at, f64x2.sub(v128.load(at), v128.load(other)));
    v128.store(at, f64x2.sub(v128.load(at, 16), v128.load(other, 16)), 16);
    v128.store(at, f64x2.sub(v128.load(at, 32), v128.load(other, 32)), 32);
    v128.store(at, f64x2.sub(v128.load(at, 48), v128.load(other, 48)), 48);
  }
}

/** `sums += others` over `bytes` bytes, a multiple of 64. */
export function addHistogram(sums: usize, others: usize, bytes: usize): void {
  for (let offset: usize = 0; offset < bytes; offset += 64) {
    const at = sums + offset;
    const other = others + offset;
    v128.store(at, f64x2.add(v128.load(at), v128.load(other)));
    v128.store(at, f64x2.add(v128.load(at, 16), v128.load(other, 16)), 16);
    v128.store(at, f64x2.add(v128.load(at, 32), v128.load(other, 32)), 32);
    v128.store(at, f64x2.add(v128.load(at, 48), v128.load(other, 48)), 48);
  }
}
