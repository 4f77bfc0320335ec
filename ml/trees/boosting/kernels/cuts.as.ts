/** @file Where a feature is cut into bins: its values sorted by radix, then as much weight in each bin as ties allow. */

/** Turns float32 values into uint32 keys of the same order; -0 becomes 0. */
export function orderedKeys(values: usize, count: usize): void {
  const end = values + (count << 2);
  for (let at = values; at < end; at += 4) {
    const bits = reinterpret<i32>(load<f32>(at) + <f32>0);
    store<u32>(at, bits ^ ((bits >> 31) | 0x80000000));
  }
}

/** The value of a key. */
function valueOf(key: u32): f32 {
  const bits = <i32>key;
  return reinterpret<f32>(bits ^ ((~bits >> 31) | 0x80000000));
}

const digits: usize = 2048;

/** Counts the three digits of all keys: `counts` gets 3 x 2048 numbers. */
function countDigits(keys: usize, count: usize, counts: usize): void {
  memory.fill(counts, 0, (3 * digits) << 2);
  const end = keys + (count << 2);
  for (let at = keys; at < end; at += 4) {
    const key = <usize>load<u32>(at);
    let slot = counts + ((key & 2047) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
    slot = counts + (digits << 2) + (((key >> 11) & 2047) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
    slot = counts + (digits << 3) + ((key >> 22) << 2);
    store<u32>(slot, load<u32>(slot) + 1);
  }
}

/** Turns counts into first places; tells whether all keys have one digit, so that there is nothing to sort by. */
function places(counts: usize, count: u32): bool {
  let sum: u32 = 0;
  for (let slot = counts; slot < counts + (digits << 2); slot += 4) {
    const here = load<u32>(slot);
    if (here == count) return true;
    store<u32>(slot, sum);
    sum += here;
  }
  return false;
}

/** Sorts keys ascending. `spare` has room for as many, `counts` for 3 x 2048 numbers. Gives where they are then. */
export function sortKeys(keys: usize, count: usize, spare: usize, counts: usize): usize {
  countDigits(keys, count, counts);
  let from = keys;
  let to = spare;
  for (let digit: usize = 0; digit < 3; digit++) {
    const slots = counts + (digit << 13);
    if (places(slots, <u32>count)) continue;
    const shift = <u32>digit * 11;
    const end = from + (count << 2);
    for (let at = from; at < end; at += 4) {
      const key = load<u32>(at);
      const slot = slots + (((<usize>(key >> shift)) & 2047) << 2);
      const place = load<u32>(slot);
      store<u32>(slot, place + 1);
      store<u32>(to + ((<usize>place) << 2), key);
    }
    const other = from;
    from = to;
    to = other;
  }
  return from;
}

/**
 * As {@link sortKeys}, and carries a number for each key along, which starts `offset` bytes behind the keys, also in
 * `spare`.
 */
export function sortKeysWithRows(
  keys: usize,
  count: usize,
  spare: usize,
  counts: usize,
  offset: usize,
): usize {
  countDigits(keys, count, counts);
  let from = keys;
  let to = spare;
  for (let digit: usize = 0; digit < 3; digit++) {
    const slots = counts + (digit << 13);
    if (places(slots, <u32>count)) continue;
    const shift = <u32>digit * 11;
    const end = from + (count << 2);
    for (let at = from; at < end; at += 4) {
      const key = load<u32>(at);
      const slot = slots + (((<usize>(key >> shift)) & 2047) << 2);
      const place = load<u32>(slot);
      store<u32>(slot, place + 1);
      const target = to + ((<usize>place) << 2);
      store<u32>(target, key);
      store<u32>(target + offset, load<u32>(at + offset));
    }
    const other = from;
    from = to;
    to = other;
  }
  return from;
}

/** The number halfway between two values as float32: above the lower one, at most the higher one. */
function between(low: f32, high: f32): f32 {
  const middle = <f32>(<f64>low + (<f64>high - <f64>low) * 0.5);
  return middle > low ? middle : high;
}

/**
 * Cuts sorted keys into at most `bins` bins; gives how many cuts it wrote to `cuts` (float32). Where values have no more
 * than `bins` different ones, each is a bin. Otherwise bins are filled from below until they hold their share of what is
 * left, and a value that is heavier than a share gets a bin of its own. `weights`, where not 0, has a float32 for each
 * key, in the keys' order.
 */
export function cutsOf(keys: usize, count: usize, weights: usize, bins: i32, cuts: usize): i32 {
  const end = keys + (count << 2);
  let different = 1;
  let total: f64 = weights == 0 ? <f64>count : 0;
  for (let at = keys + 4; at < end; at += 4) {
    if (load<u32>(at) != load<u32>(at - 4)) different++;
  }
  if (weights != 0) {
    for (let at = weights; at < weights + (count << 2); at += 4) total += <f64>load<f32>(at);
  }
  const each = different <= bins;
  let left = total;
  let made = 0;
  let held: f64 = 0;
  let at = keys;
  let previous: u32 = 0;
  while (at < end) {
    const key = load<u32>(at);
    let weight: f64 = 0;
    if (weights == 0) {
      const start = at;
      while (at < end && load<u32>(at) == key) at += 4;
      weight = <f64>((at - start) >> 2);
    } else {
      while (at < end && load<u32>(at) == key) {
        weight += <f64>load<f32>(weights + (at - keys));
        at += 4;
      }
    }
    if (previous != 0 && made < bins - 1) {
      const share = left / <f64>(bins - made);
      if (each || held >= share || (held > 0 && (weight >= share || held + weight * 0.5 > share))) {
        store<f32>(cuts + ((<usize>made) << 2), between(valueOf(previous), valueOf(key)));
        made++;
        left -= held;
        held = 0;
      }
    }
    held += weight;
    previous = key;
  }
  return made;
}
