/**
 * Puts a row among the nearest of a query: lists of `k` from `start` on in both arrays, in ascending order of distance,
 * then of place. A row that is farther than the last must not be given.
 */
export function insertNearest(
  places: Int32Array,
  distances: Float64Array,
  start: number,
  k: number,
  place: number,
  distance: number,
): void {
  let at = start + k - 1;
  while (at > start) {
    const before = distances[at - 1] ?? 0;
    if (before < distance || (before === distance && (places[at - 1] ?? 0) < place)) break;
    distances[at] = before;
    places[at] = places[at - 1] ?? 0;
    at--;
  }
  distances[at] = distance;
  places[at] = place;
}
