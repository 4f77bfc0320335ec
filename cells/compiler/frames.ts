/**
 * @file The wire format of the native compiler's API: MessagePack tuples `[kind, method, payload]`, the last two as
 * binary strings. Only the part of MessagePack that the compiler writes is understood.
 */

/** What the compiler's API sends and takes; the numbers are those of TypeScript 7.0. */
export const frameKind = { request: 1, response: 4, error: 5 } as const;

/** One tuple, its payload as text. */
export interface Frame {
  readonly kind: number;
  readonly method: string;
  readonly payload: string;
}

/** The bytes are not what the pinned compiler writes. */
export class MalformedFrameError extends Error {
  override readonly name = "MalformedFrameError";
}

const tupleOfThree = 0x93;
const binary8 = 0xc4;
const binary16 = 0xc5;
const binary32 = 0xc6;

/** Encodes one tuple. */
export function encodeFrame(kind: number, method: string, payload: string): Buffer {
  const methodLength = Buffer.byteLength(method);
  const payloadLength = Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(12 + methodLength + payloadLength);
  frame[0] = tupleOfThree;
  frame[1] = kind;
  let offset = writeHeader(frame, 2, methodLength);
  offset += frame.write(method, offset);
  offset = writeHeader(frame, offset, payloadLength);
  offset += frame.write(payload, offset);
  return frame.subarray(0, offset);
}

function writeHeader(frame: Buffer, offset: number, length: number): number {
  if (length < 0x100) {
    frame[offset] = binary8;
    return frame.writeUInt8(length, offset + 1);
  }
  if (length < 0x1_0000) {
    frame[offset] = binary16;
    return frame.writeUInt16BE(length, offset + 1);
  }
  frame[offset] = binary32;
  return frame.writeUInt32BE(length, offset + 1);
}

/** Splits the compiler's output into tuples. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes have to be there before another try is worth while. */
  #needed = 6;
  readonly #onFrame: (frame: Frame) => void;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      const bytes =
        this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      const end = this.#read(bytes);
      if (end === undefined) return;
      this.#chunks = end === bytes.length ? [] : [bytes.subarray(end)];
      this.#length -= end;
      this.#needed = 6;
    }
  }

  /** Reads one tuple and returns where it ends; `undefined`, with `#needed` set, where it is not whole. */
  #read(bytes: Buffer): number | undefined {
    if (bytes[0] !== tupleOfThree)
      throw new MalformedFrameError("the compiler sent something that is no tuple");
    const method = this.#span(bytes, 2);
    if (method === undefined) return undefined;
    const payload = this.#span(bytes, method.end);
    if (payload === undefined) return undefined;
    this.#onFrame({
      kind: bytes[1] ?? 0,
      method: bytes.toString("latin1", method.start, method.end),
      payload: bytes.toString("utf8", payload.start, payload.end),
    });
    return payload.end;
  }

  #span(bytes: Buffer, offset: number): { start: number; end: number } | undefined {
    const marker = bytes[offset];
    const width = marker === binary8 ? 1 : marker === binary16 ? 2 : 4;
    if (marker !== undefined && width === 4 && marker !== binary32) {
      throw new MalformedFrameError("the compiler sent something that is no binary string");
    }
    const start = offset + 1 + width;
    if (marker === undefined || bytes.length < start) {
      this.#needed = start;
      return undefined;
    }
    const end = start + bytes.readUIntBE(offset + 1, width);
    if (bytes.length < end) {
      this.#needed = end;
      return undefined;
    }
    return { start, end };
  }
}
