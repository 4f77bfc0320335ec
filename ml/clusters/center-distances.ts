/** @file Squared Euclidean distances of rows from few centers, in blocks. */
import type { DenseMatrix } from "../dense-matrix.ts";
import { mostQueries, mostRows, PackedRows } from "../distances/packed-rows.ts";

/** Centers that rows are measured from; they can be replaced. */
export class CenterDistances {
  readonly #packed: PackedRows;
  /** Squared distances of a row taken, center by center, after each other. */
  readonly distances: Float64Array;

  /** @param count how many centers, at most, of `width` numbers */
  constructor(count: number, width: number) {
    this.#packed = new PackedRows(count, width);
    this.distances = new Float64Array(mostQueries * count);
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

  /** Writes the distances of the first `taken` rows of the block from the first `count` centers, `count` for each row. */
  compute(taken: number, count: number): void {
    const { results } = this.#packed;
    for (let from = 0; from < count; from += mostRows) {
      const to = Math.min(count, from + mostRows);
      this.#packed.compute("squaredDistances", taken, from, to);
      for (let number = 0; number < taken; number++)
        for (let at = from; at < to; at++)
          this.distances[number * count + at] = results[number * mostRows + at - from] ?? 0;
    }
  }
}
