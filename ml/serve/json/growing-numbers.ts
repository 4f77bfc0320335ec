/** @file An array of numbers whose length is known at its end. */
import type { TensorElements } from "../inference.ts";

/** Numbers of an array type. */
type NumberArray = Float64Array | Float32Array;

/** Grows as numbers come; one whose first size was right is never copied. */
export class GrowingNumbers<T extends NumberArray> {
  readonly #Type: new (length: number) => T;
  #array: T;
  length = 0;

  constructor(Type: new (length: number) => T, size: number) {
    this.#Type = Type;
    this.#array = new Type(size);
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const grown = new this.#Type(Math.max(16, 2 * this.length));
      grown.set(this.#array);
      this.#array = grown;
    }
    this.#array[this.length++] = value;
  }

  /** The numbers. */
  finish(): T & TensorElements {
    const { length } = this;
    // SAFETY: a part of such an array is such an array.
    return (length === this.#array.length ? this.#array : this.#array.slice(0, length)) as T & TensorElements;
  }
}
