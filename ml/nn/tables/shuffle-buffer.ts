/**
 * @file Rows in a random order, in one pass and in memory for some of them: the buffer is filled, then each row that comes
 * takes the place of one that is drawn (as TensorFlow's `Dataset.shuffle` does). The more rows the buffer has, the further
 * a row can be from where it came; with as many as the table it is a uniform shuffle.
 */
import type { Random } from "../../random.ts";
import type { RowArray, RowBlock } from "./row-blocks.ts";

/** Rows that are being put in another order. */
export class ShuffleBuffer {
  readonly #widths: readonly number[];
  readonly #held: readonly RowArray[];
  readonly #random: Random;
  readonly #capacity: number;
  #rows = 0;

  /**
   * @param widths the elements of a row in each array
   * @param capacity how many rows are held; 0 keeps the order
   */
  constructor(like: readonly RowArray[], widths: readonly number[], capacity: number, random: Random) {
    this.#widths = widths;
    this.#held = like.map((array, index) => emptyLike(array, capacity * (widths[index] ?? 0)));
    this.#random = random;
    this.#capacity = capacity;
  }

  /** Takes the rows of a block; hands over those that are drawn, each before the next is taken. */
  add({ rows, arrays }: RowBlock, give: (from: readonly RowArray[], row: number) => void): void {
    for (let row = 0; row < rows; row++) {
      if (this.#capacity === 0) {
        give(arrays, row);
      } else if (this.#rows < this.#capacity) {
        this.#copy(arrays, row, this.#rows++);
      } else {
        const place = this.#draw();
        give(this.#held, place);
        this.#copy(arrays, row, place);
      }
    }
  }

  /** Hands over the rows that are still held. */
  drain(give: (from: readonly RowArray[], row: number) => void): void {
    while (this.#rows > 0) {
      const place = this.#draw();
      give(this.#held, place);
      this.#rows--;
      this.#copy(this.#held, this.#rows, place);
    }
  }

  #draw(): number {
    return Math.floor(this.#random.uniform() * this.#rows);
  }

  #copy(from: readonly RowArray[], row: number, place: number): void {
    for (const [index, held] of this.#held.entries())
      copyRow(from[index], row, held, place, this.#widths[index] ?? 0);
  }
}

/** An array of the class of another. */
export function emptyLike(array: RowArray, length: number): RowArray {
  return array instanceof Float32Array ? new Float32Array(length) : new BigInt64Array(length);
}

/** Copies a row of so many elements from one array to another of its class. */
export function copyRow(
  from: RowArray | undefined,
  row: number,
  to: RowArray,
  place: number,
  width: number,
): void {
  // SAFETY: both are arrays of one class, which is all that matters to a copy.
  const [source, target] = [from as Float32Array, to as Float32Array];
  if (width === 1) target[place] = source[row] as number;
  else target.set(source.subarray(row * width, (row + 1) * width), place * width);
}
