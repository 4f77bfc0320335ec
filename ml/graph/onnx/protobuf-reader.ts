/**
 * @file Reads the wire format of Protocol Buffers, as far as onnx.proto uses it.
 *
 * For bytes that nobody vouches for: every length is checked against what is there before it is used, nothing is
 * allocated by a declared size, groups are refused, messages nest 100 deep at most, as in Google's readers, and there
 * are two million at most, each of which becomes an object many times its size.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
import { OnnxFileError } from "../errors.ts";

const deepest = 100;
const mostMessages = 2_000_000;
const varintWire = 0;
const fixed64Wire = 1;
const bytesWire = 2;
const fixed32Wire = 5;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** One message's fields, in the order in which they stand. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #depth: number;
  readonly #count: { messages: number };
  #position = 0;
  #wire = varintWire;

  /**
   * @param count the messages read so far of the whole that this is a part of
   * @throws {OnnxFileError} for a message inside a hundred others, or one of more than two million
   */
  constructor(bytes: Uint8Array, depth = 0, count = { messages: 0 }) {
    if (++count.messages > mostMessages)
      throw new OnnxFileError(`the model has more than ${mostMessages} parts`);
    if (depth > deepest) throw new OnnxFileError(`messages are nested more than ${deepest} deep`);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#depth = depth;
    this.#count = count;
  }

  /** The next field's number; undefined at the message's end. The field's value must then be read or skipped. */
  next(): number | undefined {
    if (this.#position === this.#bytes.length) return undefined;
    const tag = this.#tagOrLength();
    if (tag > 0xffffffff) throw this.#damaged("a field has no valid number");
    this.#wire = tag % 8;
    const field = Math.floor(tag / 8);
    if (field === 0) throw this.#damaged("a field has number 0");
    return field;
  }

  /** An int64 field. */
  int64(): bigint {
    this.#expect(varintWire);
    return BigInt.asIntN(64, this.#varint());
  }

  /** An int64 field of which only numbers that are exact in JavaScript make sense. */
  integer(what: string): number {
    return safeInteger(this.int64(), what);
  }

  /** A float field. */
  float(): number {
    this.#expect(fixed32Wire);
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** A bytes field: a view, no copy. */
  bytes(): Uint8Array {
    this.#expect(bytesWire);
    return this.#lengthPrefixed();
  }

  /** A string field. */
  text(what: string): string {
    return textOfBytes(this.bytes(), what);
  }

  /** A field that is a message itself. */
  message(): ProtobufReader {
    return new ProtobufReader(this.bytes(), this.#depth + 1, this.#count);
  }

  /**
   * The bytes of a repeated number, packed or not: elements one after another, as a packed field has them. No copy.
   * @param element how an element is encoded
   */
  numbers(element: "varint" | "fixed32" | "fixed64"): Uint8Array {
    if (this.#wire === bytesWire) return this.#lengthPrefixed();
    const start = this.#position;
    this.#expect(element === "varint" ? varintWire : element === "fixed32" ? fixed32Wire : fixed64Wire);
    this.skip();
    return this.#bytes.subarray(start, this.#position);
  }

  /** Passes over the field. */
  skip(): void {
    if (this.#wire === varintWire) this.#varint();
    else if (this.#wire === fixed64Wire) this.#take(8);
    else if (this.#wire === bytesWire) this.#lengthPrefixed();
    else if (this.#wire === fixed32Wire) this.#take(4);
    else throw this.#damaged(`a field has the encoding ${this.#wire}, which no ONNX file uses`);
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw this.#damaged("a field is encoded as another type than its own");
  }

  #varint(): bigint {
    const { value, end } = readVarint(this.#bytes, this.#position);
    this.#position = end;
    return value;
  }

  /** Rounded where it is beyond 2⁵³, which is more than either can be. */
  #tagOrLength(): number {
    const first = this.#bytes[this.#position];
    // Nearly always one byte, for which a big number would take most of the time.
    if (first === undefined || first >= 0x80) return Number(this.#varint());
    this.#position++;
    return first;
  }

  #lengthPrefixed(): Uint8Array {
    const length = this.#tagOrLength();
    if (length > this.#bytes.length - this.#position) {
      throw this.#damaged(`a field says it is ${length} bytes long, which is past the end`);
    }
    const start = this.#take(length);
    // Of this kind also where the file is a Buffer, whose methods share memory where an array's copy it.
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#bytes.length - start) throw this.#damaged("a field is cut off");
    this.#position = start + length;
    return start;
  }

  #damaged(what: string): OnnxFileError {
    return new OnnxFileError(`not an ONNX model, or damaged: ${what} (byte ${this.#position} of a message)`);
  }
}

/** A varint at a position, as an unsigned number of 64 bits, and where it ends. */
export function readVarint(bytes: Uint8Array, start: number): { value: bigint; end: number } {
  let low = 0;
  // In ordinary numbers as far as they reach: nearly all varints are short.
  for (let index = 0; index < 4; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw cutOff();
    low |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value: BigInt(low), end: start + index + 1 };
  }
  let value = BigInt(low);
  for (let index = 4; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) throw cutOff();
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + index + 1 };
  }
  throw new OnnxFileError("not an ONNX model, or damaged: a number is longer than ten bytes");
}

function cutOff(): OnnxFileError {
  return new OnnxFileError("not an ONNX model, or damaged: a number is cut off");
}

/** UTF-8 as text. Throws {@link OnnxFileError} for what isn't. */
export function textOfBytes(bytes: Uint8Array, what: string): string {
  // Names are short and plain, and a decoder takes longer to call than to decode them.
  if (bytes.length < 32 && bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new OnnxFileError(`${what} is no UTF-8 text`, { cause });
  }
}

/** An int64 as a number. Throws {@link OnnxFileError} beyond ±(2⁵³ − 1), where numbers are no longer exact. */
export function safeInteger(value: bigint, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new OnnxFileError(`${what} is ${value}, beyond 2^53`);
  return number;
}
