/** @file A memory's layout while it is written: constants one after the other behind a part that the runs use. */

/** Bytes that grow, little-endian as WebAssembly has them, from an address on. */
export class Layout {
  /** Where the constants begin. */
  readonly start: number;
  #bytes = new ArrayBuffer(4096);
  #view = new DataView(this.#bytes);
  #length = 0;

  constructor(start: number) {
    this.start = start;
  }

  /** The address of so many bytes, zeros, that begin at a multiple of 8. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#length / 8) * 8;
    this.#length = at + bytes;
    if (this.#length > this.#bytes.byteLength) {
      const larger = new ArrayBuffer(Math.max(this.#length, this.#bytes.byteLength * 2));
      new Uint8Array(larger).set(new Uint8Array(this.#bytes));
      this.#bytes = larger;
      this.#view = new DataView(larger);
    }
    return this.start + at;
  }

  uint32(address: number, value: number): void {
    this.#view.setUint32(address - this.start, value, true);
  }

  float32(address: number, value: number): void {
    this.#view.setFloat32(address - this.start, value, true);
  }

  float64(address: number, value: number): void {
    this.#view.setFloat64(address - this.start, value, true);
  }

  /** What was written. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#bytes, 0, this.#length);
  }
}
