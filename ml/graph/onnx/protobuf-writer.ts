/**
 * @file Writes the wire format of Protocol Buffers as a list of chunks, so that large tensors are neither copied nor
 * held twice. Source: https://protobuf.dev/programming-guides/encoding/
 */

/** Bytes fields from this size on stay views on the caller's memory. */
const smallestChunk = 4096;

/** One message, field by field. */
export class ProtobufWriter {
  readonly #chunks: Uint8Array[] = [];
  #current = new Uint8Array(256);
  #used = 0;
  #length = 0;

  /** Bytes of the message. */
  get length(): number {
    return this.#length;
  }

  /** The message's bytes, in pieces. The writer must not be used afterwards. */
  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#chunks;
  }

  /** An int32, int64 or enum field. */
  integer(field: number, value: number): void {
    this.#tag(field, 0);
    this.#varint(BigInt.asUintN(64, BigInt(value)));
  }

  /** A float field. */
  float(field: number, value: number): void {
    this.#tag(field, 5);
    this.#floats([value]);
  }

  /** A bytes field. Large ones are not copied: they must not change until the message is written out. */
  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, 2);
    this.#varint(BigInt(value.length));
    if (value.length < smallestChunk) this.#append(value);
    else {
      this.#flush();
      this.#chunks.push(value);
      this.#length += value.length;
    }
  }

  /** A string field. */
  text(field: number, value: string): void {
    this.bytes(field, new TextEncoder().encode(value));
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
    const writer = new ProtobufWriter();
    write(writer);
    this.#tag(field, 2);
    this.#varint(BigInt(writer.length));
    const chunks = writer.chunks();
    for (const chunk of chunks) {
      if (chunk.length < smallestChunk) this.#append(chunk);
      else {
        this.#flush();
        this.#chunks.push(chunk);
        this.#length += chunk.length;
      }
    }
  }

  #tag(field: number, wire: number): void {
    this.#varint(BigInt(field * 8 + wire));
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#append(bytes);
  }

  #floats(values: readonly number[]): void {
    this.#append(new Uint8Array(Float32Array.from(values).buffer));
  }

  #append(bytes: ArrayLike<number>): void {
    if (this.#used + bytes.length > this.#current.length) {
      const larger = new Uint8Array(2 * (this.#used + bytes.length));
      larger.set(this.#current.subarray(0, this.#used));
      this.#current = larger;
    }
    this.#current.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#length += bytes.length;
  }

  #flush(): void {
    if (this.#used > 0) this.#chunks.push(this.#current.subarray(0, this.#used));
    this.#current = new Uint8Array(256);
    this.#used = 0;
  }
}
