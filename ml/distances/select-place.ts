/**
 * Orders `keys` between `from` and `to`, and `places` alike, so that what stands at `target` is what would in ascending
 * order, with nothing larger before it and nothing smaller behind it (Hoare's selection, the middle of three as pivot).
 */
export function selectPlace(
  keys: Float64Array,
  places: Int32Array,
  from: number,
  to: number,
  target: number,
): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = middleOf(keys[low] ?? 0, keys[(low + high) >> 1] ?? 0, keys[high] ?? 0);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((keys[left] ?? 0) < pivot) left++;
      while ((keys[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const [key, place] = [keys[left] ?? 0, places[left] ?? 0];
      keys[left] = keys[right] ?? 0;
      places[left] = places[right] ?? 0;
      keys[right] = key;
      places[right] = place;
      left++;
      right--;
    }
    if (target <= right) high = right;
    else if (target >= left) low = left;
    else return;
  }
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
