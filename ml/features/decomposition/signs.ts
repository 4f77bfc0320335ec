/**
 * Turns vectors so that the number of largest magnitude in each is positive, which makes decompositions of the same data
 * equal whichever way they were computed: scikit-learn's `svd_flip` with `u_based_decision=False`. Vectors are rows of
 * `length` numbers; they are changed in place.
 */
export function flipSigns(vectors: Float64Array, length: number): void {
  for (let start = 0; start < vectors.length; start += length) {
    let largest = 0;
    for (let at = start; at < start + length; at++) {
      if (Math.abs(vectors[at] ?? 0) > Math.abs(largest)) largest = vectors[at] ?? 0;
    }
    if (largest >= 0) continue;
    for (let at = start; at < start + length; at++) vectors[at] = -(vectors[at] ?? 0);
  }
}
