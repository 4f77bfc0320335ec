/** @file A memory's layout while it is written: constants one after the other behind a part that the runs use. */

/** Bytes that grow from an address on, a multiple of 8. Numbers are little-endian, as WebAssembly and all machines of Node's have them. */
export class Layout {
  /** Where the constants begin. */
  readonly start: number;
  #bytes = new ArrayBuffer(4096);
  #uint32 = new Uint32Array(this.#bytes);
  #float32 = new Float32Array(this.#bytes);
  #float64 = new Float64Array(this.#bytes);
  #length = 0;

  constructor(start: number) {
    this.start = start;
  }

  /** The address of so many bytes, zeros, that begin at a multiple of 8. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#length / 8) * 8;
    this.#length = at + bytes;
    if (this.#length > this.#bytes.byteLength) {
      const larger = new ArrayBuffer(Math.ceil(Math.max(this.#length, this.#bytes.byteLength * 2) / 8) * 8);
      new Uint8Array(larger).set(new Uint8Array(this.#bytes));
      this.#bytes = larger;
      this.#uint32 = new Uint32Array(larger);
      this.#float32 = new Float32Array(larger);
      this.#float64 = new Float64Array(larger);
    }
    return this.start + at;
  }

  uint32(address: number, value: number): void {
    this.#uint32[(address - this.start) / 4] = value;
  }

  float32(address: number, value: number): void {
    this.#float32[(address - this.start) / 4] = value;
  }

  float64(address: number, value: number): void {
    this.#float64[(address - this.start) / 8] = value;
  }

  /** What was written. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#bytes, 0, this.#length);
  }
}
