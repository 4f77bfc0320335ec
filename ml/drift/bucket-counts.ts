/** @file Counts by a whole number, in one growing array. What is lowest beyond the bound is counted in the lowest kept. */

/** Buckets that are kept: with an accuracy of 0.1 %, values over more than 20 orders of magnitude. */
const maxBuckets = 32_768;

/** Counts by the number of a bucket. */
export class BucketCounts {
  #counts = new Float64Array(64);
  /** The number of the first bucket of the array. */
  #first = 0;
  #isEmpty = true;

  add(bucket: number, count: number): void {
    if (this.#isEmpty) {
      this.#first = bucket - 32;
      this.#isEmpty = false;
    }
    let at = bucket - this.#first;
    if (at < 0 || at >= this.#counts.length) at = this.#makeRoom(bucket);
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** Buckets that have counts, lowest first. */
  *entries(): IterableIterator<readonly [bucket: number, count: number]> {
    for (let at = 0; at < this.#counts.length; at++) {
      const count = this.#counts[at] ?? 0;
      if (count > 0) yield [at + this.#first, count];
    }
  }

  #makeRoom(bucket: number): number {
    const { length } = this.#counts;
    const last = this.#first + length - 1;
    // Room in proportion, so that growing costs little altogether.
    const room = Math.max(32, length >> 2);
    const wantedLast = bucket > last ? bucket + room : last;
    const wantedFirst = Math.max(
      wantedLast - maxBuckets + 1,
      bucket < this.#first ? bucket - room : this.#first,
    );
    const grown = new Float64Array(wantedLast - wantedFirst + 1);
    const shift = this.#first - wantedFirst;
    for (let at = 0; at < length; at++) {
      const target = Math.max(0, at + shift);
      grown[target] = (grown[target] ?? 0) + (this.#counts[at] ?? 0);
    }
    this.#counts = grown;
    this.#first = wantedFirst;
    return Math.max(0, bucket - wantedFirst);
  }
}
