/**
 * @file Writes the wire format of Protocol Buffers as a list of chunks, so that large tensors are neither copied nor
 * held twice. Source: https://protobuf.dev/programming-guides/encoding/
 *
 * All but large bytes fields stands in one buffer. A message's length is put before it when it is complete: messages are
 * small and lie close, so moving them costs less than a buffer for each.
 */

/** Bytes fields from this size on stay views on the caller's memory. */
const smallestChunk = 4096;
const utf8 = new TextEncoder();

/** A large bytes field, and where in the buffer it belongs. */
interface Large {
  position: number;
  readonly bytes: Uint8Array;
}

/** One message, field by field, with the messages in it. */
export class ProtobufWriter {
  #buffer = new Uint8Array(1024);
  #used = 0;
  readonly #large: Large[] = [];
  #length = 0;

  /** Bytes of the message. */
  get length(): number {
    return this.#length;
  }

  /** The message's bytes, in pieces. The writer must not be used afterwards. */
  chunks(): readonly Uint8Array[] {
    const chunks: Uint8Array[] = [];
    let start = 0;
    for (const { position, bytes } of this.#large) {
      chunks.push(this.#buffer.subarray(start, position), bytes);
      start = position;
    }
    return [...chunks, this.#buffer.subarray(start, this.#used)];
  }

  /** An int32, int64 or enum field. */
  integer(field: number, value: number): void {
    this.#varint(field * 8);
    if (value >= 0) this.#varint(value);
    else this.#negative(value);
  }

  /** A float field. */
  float(field: number, value: number): void {
    this.#varint(field * 8 + 5);
    this.#reserve(4);
    new DataView(this.#buffer.buffer).setFloat32(this.#used, value, true);
    this.#advance(4);
  }

  /** A double field. */
  double(field: number, value: number): void {
    this.#varint(field * 8 + 1);
    this.#reserve(8);
    new DataView(this.#buffer.buffer).setFloat64(this.#used, value, true);
    this.#advance(8);
  }

  /** A bytes field. Large ones are not copied: they must not change until the message is written out. */
  bytes(field: number, value: Uint8Array): void {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    if (value.length < smallestChunk) {
      this.#reserve(value.length);
      this.#buffer.set(value, this.#used);
      this.#advance(value.length);
    } else {
      this.#large.push({ position: this.#used, bytes: value });
      this.#length += value.length;
    }
  }

  /** A string field. */
  text(field: number, value: string): void {
    this.bytes(field, utf8.encode(value));
  }

  /** A string field that is left out where it is empty. */
  textUnlessEmpty(field: number, value: string): void {
    if (value !== "") this.text(field, value);
  }

  /** A repeated int64, one by one: as proto2 has those that are not declared packed. */
  integers(field: number, values: Iterable<number>): void {
    for (const value of values) this.integer(field, value);
  }

  /** A repeated float, one by one. */
  floats(field: number, values: Iterable<number>): void {
    for (const value of values) this.float(field, value);
  }

  /** A field that is a message itself. */
  message(field: number, write: (writer: ProtobufWriter) => void): void {
    this.#varint(field * 8 + 2);
    const start = this.#used;
    const large = this.#large.length;
    const before = this.#length;
    write(this);
    const length = this.#length - before;
    const end = this.#used;
    this.#varint(length);
    const prefix = this.#buffer.slice(end, this.#used);
    this.#buffer.copyWithin(start + prefix.length, start, end);
    this.#buffer.set(prefix, start);
    for (const moved of this.#large.slice(large)) moved.position += prefix.length;
  }

  /** A number from 0 to 2⁵³ − 1. */
  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    let length = 0;
    for (; rest > 0x7f; length++) {
      this.#buffer[this.#used + length] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#used + length] = rest;
    this.#advance(length + 1);
  }

  /** Ten bytes: the number's two's complement of 64 bits. */
  #negative(value: number): void {
    this.#reserve(10);
    const bits = BigInt.asUintN(64, BigInt(value));
    for (let index = 0; index < 10; index++) {
      const group = Number((bits >> BigInt(7 * index)) & 127n);
      this.#buffer[this.#used + index] = index < 9 ? group | 0x80 : group;
    }
    this.#advance(10);
  }

  #advance(count: number): void {
    this.#used += count;
    this.#length += count;
  }

  #reserve(count: number): void {
    if (this.#used + count <= this.#buffer.length) return;
    const larger = new Uint8Array(2 * (this.#used + count));
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
  }
}
