/**
 * @file Length-prefixed frames for the pipes between parent and child.
 *
 * A frame is `u32 bodyLength, u32 jsonLength, u32 sequence, JSON, buffer bytes`, little-endian. Binary buffers follow
 * the JSON in the order in which their lengths stand in the JSON's `$buffers`. A writer that can be stopped between a
 * write and its bookkeeping numbers its frames from 1 and may send one twice; the reader drops the second.
 */

const headerLength = 12;

// User code may replace the globals.
const { parse, stringify } = JSON;

/** Encodes one message. A `buffers` property is carried as raw bytes. */
export function encodeFrame(message: object, sequence = 0): Buffer {
  const buffers = "buffers" in message ? (message.buffers as readonly Uint8Array[]) : [];
  const json =
    buffers.length === 0
      ? stringify(message)
      : stringify({
          ...message,
          buffers: undefined,
          $buffers: buffers.map((buffer) => buffer.byteLength),
        });
  const jsonLength = Buffer.byteLength(json);
  let bodyLength = jsonLength;
  for (const buffer of buffers) bodyLength += buffer.byteLength;
  const frame = Buffer.allocUnsafe(headerLength + bodyLength);
  frame.writeUInt32LE(bodyLength, 0);
  frame.writeUInt32LE(jsonLength, 4);
  frame.writeUInt32LE(sequence >>> 0, 8);
  frame.write(json, headerLength);
  let offset = headerLength + jsonLength;
  for (const buffer of buffers) {
    frame.set(buffer, offset);
    offset += buffer.byteLength;
  }
  return frame;
}

/**
 * Splits a byte stream into messages. The peer is our own build, so a message's JSON is trusted to be of type `T`;
 * whatever user code put into it is data.
 */
export class FrameReader<T extends object> {
  #pending: Buffer[] = [];
  #pendingLength = 0;
  #lastSequence = 0;

  readonly onMessage: (message: T) => void;

  constructor(onMessage: (message: T) => void) {
    this.onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingLength += chunk.length;
    while (this.#hasFrame()) {
      const message = this.#takeFrame();
      if (message !== undefined) this.onMessage(message);
    }
  }

  #hasFrame(): boolean {
    if (this.#pendingLength < headerLength) return false;
    if ((this.#pending[0]?.length ?? 0) < headerLength) this.#join();
    return this.#pendingLength >= headerLength + (this.#pending[0]?.readUInt32LE(0) ?? 0);
  }

  /** Takes the frame that {@link #hasFrame} found; undefined for one that came before. */
  #takeFrame(): T | undefined {
    let whole = this.#pending[0] ?? Buffer.alloc(headerLength);
    const bodyLength = whole.readUInt32LE(0);
    const jsonLength = whole.readUInt32LE(4);
    const sequence = whole.readUInt32LE(8);
    const end = headerLength + bodyLength;
    if (whole.length < end) whole = this.#join();
    if (whole.length === end) this.#pending.shift();
    else this.#pending[0] = whole.subarray(end);
    this.#pendingLength -= end;
    if (sequence !== 0) {
      // The numbers wrap; a repeated frame is always the one just before.
      if (sequence === this.#lastSequence) return undefined;
      this.#lastSequence = sequence;
    }
    const json = whole.toString("utf8", headerLength, headerLength + jsonLength);
    // Copied: the buffers outlive the chunk that they came in.
    const tail =
      bodyLength > jsonLength ? Buffer.from(whole.subarray(headerLength + jsonLength, end)) : undefined;
    // SAFETY: both ends are of one build and frames are written by encodeFrame only.
    const message = parse(json) as T & { $buffers?: readonly number[]; buffers?: Uint8Array[] };
    if (message.$buffers !== undefined) {
      const buffers: Uint8Array[] = [];
      let offset = 0;
      for (const length of message.$buffers) {
        buffers.push((tail ?? Buffer.alloc(0)).subarray(offset, offset + length));
        offset += length;
      }
      message.buffers = buffers;
      delete message.$buffers;
    } else if ("commId" in message) {
      message.buffers = [];
    }
    return message;
  }

  #join(): Buffer {
    const whole = Buffer.concat(this.#pending);
    this.#pending = [whole];
    return whole;
  }
}
