/**
 * @file What all messages share: protobufjs reads and writes the wire format (varints, lengths, bounds); the files beside this
 * one say which field is what, as code that protobufjs generates would. They do so because a tensor is a typed array at once:
 * reading 100 rows of typed contents takes a fifteenth of the time that protobufjs's objects take, and raw ones as much as there.
 */
import protobuf from "protobufjs/minimal.js";
import type { Reader, Writer } from "protobufjs/minimal.js";
import { InvalidInputError } from "../../errors.ts";
import { ServingError } from "../inference.ts";

export type { Reader, Writer };

export const { Reader: WireReader, Writer: WireWriter } = protobuf;

/** The ways in which a field's value stands on the wire. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** The tag of a field. */
export const tag = (field: number, type: number): number => (field << 3) | type;

/**
 * Reads the fields of a message until its end; `read` takes the value of those that it knows and says whether it did.
 * @throws {RangeError} where the message is longer than what holds it.
 */
export function readFields(reader: Reader, end: number, read: (fieldTag: number) => boolean): void {
  while (reader.pos < end) {
    const found = reader.uint32();
    if (!read(found)) reader.skipType(found & 7);
  }
  if (reader.pos !== end) throw new RangeError("a field is longer than its message");
}

/** Where the message in a field ends, whose length comes next. @throws {RangeError} where that is beyond all bytes. */
export function messageEnd(reader: Reader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError("a message is longer than what holds it");
  return end;
}

/** A text. @throws {RangeError} where it is longer than all bytes, which protobufjs would let pass. */
export function readText(reader: Reader): string {
  const end = messageEnd(reader);
  // SAFETY: `readMessage` gives readers buffers only.
  const text = (reader.buf as Buffer).toString("utf8", reader.pos, end);
  reader.pos = end;
  return text;
}

/**
 * A whole message, read.
 * @throws {ServingError} of kind `invalid` where the bytes are not of the wire format; what `read` throws of what they hold.
 */
export function readMessage<Message>(
  name: string,
  bytes: Buffer,
  read: (reader: Reader, end: number) => Message,
): Message {
  const reader = WireReader.create(bytes);
  try {
    return read(reader, reader.len);
  } catch (error) {
    if (error instanceof ServingError || error instanceof InvalidInputError) throw error;
    throw new ServingError("invalid", `the bytes are no ${name}`, { cause: error });
  }
}

/** What protobufjs gives for 64-bit integers: their two halves. */
export interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

/** A 64-bit integer as a number. @throws {ServingError} of kind `invalid` where no number is exactly it. */
export function safeInteger(what: string, { low, high, unsigned }: Long): number {
  const number = (unsigned ? high >>> 0 : high) * 2 ** 32 + (low >>> 0);
  if (!Number.isSafeInteger(number))
    throw new ServingError("invalid", `${what} is beyond the whole numbers that are exact`);
  return number;
}
