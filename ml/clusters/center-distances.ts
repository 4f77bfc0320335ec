/** @file Squared Euclidean distances of rows from centers, in blocks of rows. */
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries, mostRows, PackedRows } from "../distances/packed-rows.ts";

/** Centers that rows are measured from; they can be replaced. */
export class CenterDistances {
  readonly #packed: PackedRows;
  readonly #distances: Float64Array;
  /** Of {@link findNearest}: the nearest center of each row of the block, the first of equals. */
  readonly nearest = new Int32Array(mostQueries);
  /** Of {@link findNearest}: the squared distances of the nearest and of the second nearest center. */
  readonly nearestDistances = new Float64Array(2 * mostQueries);

  /** @param count how many centers, at most, of `width` numbers */
  constructor(count: number, width: number) {
    this.#packed = new PackedRows(count, width);
    this.#distances = new Float64Array(mostQueries * count);
  }

  /** Replaces the centers. */
  place(centers: Float64Array): void {
    this.#packed.pack(centers);
  }

  /** Takes a row as the one of that number in the block, below `mostQueries`. */
  take(number: number, { data }: DenseMatrix, row: number): void {
    const { width, queries } = this.#packed;
    for (let to = number * width, from = row * width; to < (number + 1) * width; to++, from++)
      queries[to] = data[from] ?? 0;
  }

  /** The distances of the first `taken` rows of the block from the first `count` centers, `count` for each row. */
  measure(taken: number, count: number): Float64Array {
    const { results } = this.#packed;
    for (let from = 0; from < count; from += mostRows) {
      const to = Math.min(count, from + mostRows);
      this.#packed.compute("squaredDistances", taken, from, to);
      for (let number = 0; number < taken; number++)
        for (let at = from; at < to; at++)
          this.#distances[number * count + at] = results[number * mostRows + at - from] ?? 0;
    }
    return this.#distances;
  }

  /** Finds the nearest of the first `count` centers, and how far the second nearest is, for the first `taken` rows. */
  findNearest(taken: number, count: number): void {
    const packed = this.#packed;
    const { nearestPlaces, nearestResults } = packed;
    for (let from = 0; from < count; from += mostRows) {
      const to = Math.min(count, from + mostRows);
      packed.compute("squaredDistances", taken, from, to);
      packed.nearestTwo(taken, to - from);
      if (from === 0) {
        this.nearest.set(nearestPlaces);
        this.nearestDistances.set(nearestResults);
        continue;
      }
      for (let number = 0; number < taken; number++) {
        const at = 2 * number;
        const first = nearestResults[at] ?? 0;
        const before = this.nearestDistances[at] ?? 0;
        if (first < before) {
          this.nearest[number] = from + (nearestPlaces[number] ?? 0);
          this.nearestDistances[at] = first;
          this.nearestDistances[at + 1] = Math.min(before, nearestResults[at + 1] ?? 0);
        } else this.nearestDistances[at + 1] = Math.min(first, this.nearestDistances[at + 1] ?? 0);
      }
    }
  }
}
