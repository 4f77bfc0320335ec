/**
 * @file A repeated number of a protobuf message: its elements' bytes, gathered while the message is read and decoded
 * at its end, when the number of elements that there should be is known.
 */
import { OnnxFileError } from "../errors.ts";
import { readVarint } from "./protobuf-reader.ts";

/** The bytes of a repeated field. A single packed chunk, which is what writers make, is kept as a view. */
export class PackedNumbers {
  #bytes: Uint8Array = new Uint8Array();
  #length = 0;
  #owned = false;

  /** Appends the elements of one occurrence of the field. */
  append(bytes: Uint8Array): void {
    if (this.#length === 0) {
      this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.#length = bytes.length;
      this.#owned = false;
      return;
    }
    const length = this.#length + bytes.length;
    if (!this.#owned || length > this.#bytes.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.bytes);
      this.#bytes = larger;
      this.#owned = true;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  /** All elements' bytes, one after another. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Whether there is no element. */
  get empty(): boolean {
    return this.#length === 0;
  }

  /** The elements of a repeated int32, int64 or uint64, as unsigned numbers of 64 bits. */
  *varints(): Generator<bigint> {
    const { bytes } = this;
    for (let position = 0; position < bytes.length;) {
      const { value, end } = readVarint(bytes, position);
      yield value;
      position = end;
    }
  }

  /** The elements of a repeated float. */
  floats(what: string): number[] {
    const { bytes } = this;
    if (bytes.length % 4 !== 0) throw new OnnxFileError(`${what} is no whole number of floats`);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
  }
}
