/**
 * @file A typed array whose length nobody knows before. It grows by pieces, which are put together once, in the end: so its
 * memory is there twice only then, and an array of known or rightly expected length is never copied.
 */

/** The typed arrays of columns. */
export type NumberArray =
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;
export type LongArray = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

const [firstLength, mostOfPiece] = [4096, 262_144];

/** See this file's head. `make` makes one of its arrays. */
export class GrowingArray<A extends NumberArray | LongArray> {
  readonly #make: (length: number) => A;
  #full: A[] = [];
  #last: A;
  #filled = 0;

  constructor(make: (length: number) => A, length: number | undefined) {
    this.#make = make;
    this.#last = make(length ?? firstLength);
  }

  /** The next places, to be written at once. */
  next(length: number): A {
    if (this.#filled + length > this.#last.length) {
      this.#full.push(part(this.#last, 0, this.#filled));
      this.#last = this.#make(Math.max(length, Math.min(2 * this.#last.length, mostOfPiece)));
      this.#filled = 0;
    }
    this.#filled += length;
    return part(this.#last, this.#filled - length, this.#filled);
  }

  /**
   * Makes room for this many in all, where they are more than there are: if so many come, nothing is copied any more. Where there
   * is no such room it goes on growing: fewer may come than were expected.
   */
  reserve(length: number): void {
    const pieces = [...this.#full, part(this.#last, 0, this.#filled)];
    const written = lengthOf(pieces);
    if (length <= written) return;
    let whole: A;
    try {
      whole = this.#make(length);
    } catch (error) {
      if (error instanceof RangeError) return;
      throw error;
    }
    this.#last = joined(pieces, whole);
    this.#full = [];
    this.#filled = written;
  }

  /** All that was written, in an array of its own memory; nothing can be added after. */
  finish(): A {
    if (this.#full.length === 0 && this.#filled === this.#last.length) return this.#last;
    const pieces = [...this.#full, part(this.#last, 0, this.#filled)];
    this.#full = [];
    return joined(pieces, this.#make(lengthOf(pieces)));
  }
}

function lengthOf(pieces: readonly (NumberArray | LongArray)[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}

/** Writes pieces one after the other into an array, which it gives. */
function joined<A extends NumberArray | LongArray>(pieces: readonly A[], whole: A): A {
  let filled = 0;
  for (const piece of pieces) {
    copyInto(part(whole, filled, filled + piece.length), piece);
    filled += piece.length;
  }
  return whole;
}

/** Copies an array into another one of its class. */
export function copyInto(target: NumberArray | LongArray, source: NumberArray | LongArray): void {
  // SAFETY: both are of one class, so that one holds the other's values.
  (target as { set(values: unknown): void }).set(source);
}

function part<A extends NumberArray | LongArray>(array: A, from: number, to: number): A {
  // SAFETY: a typed array's subarray is of its class, and of its memory.
  return array.subarray(from, to) as A;
}
