/**
 * @file Length-prefixed frames for the pipes between parent and child.
 *
 * A frame is `u32 bodyLength, u32 jsonLength, JSON, buffer bytes`, little-endian. Binary buffers follow the JSON in
 * the order in which their lengths stand in the JSON's `$buffers`.
 */

const headerLength = 8;

/** Encodes one message. A `buffers` property is carried as raw bytes. */
export function encodeFrame(message: object): Buffer {
  const buffers = "buffers" in message ? (message.buffers as readonly Uint8Array[]) : [];
  const json =
    buffers.length === 0
      ? JSON.stringify(message)
      : JSON.stringify({
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

  readonly onMessage: (message: T) => void;

  constructor(onMessage: (message: T) => void) {
    this.onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingLength += chunk.length;
    for (;;) {
      const body = this.#takeFrame();
      if (body === undefined) return;
      this.onMessage(body);
    }
  }

  #takeFrame(): T | undefined {
    if (this.#pendingLength < headerLength) return undefined;
    const first = this.#pending[0];
    if (first === undefined) return undefined;
    if (first.length < headerLength) this.#join();
    const head = this.#pending[0] ?? first;
    const bodyLength = head.readUInt32LE(0);
    if (this.#pendingLength < headerLength + bodyLength) return undefined;
    if (head.length < headerLength + bodyLength) this.#join();
    const whole = this.#pending[0] ?? head;
    const jsonLength = whole.readUInt32LE(4);
    const end = headerLength + bodyLength;
    const json = whole.toString("utf8", headerLength, headerLength + jsonLength);
    // Copied: the buffers outlive the chunk that they came in.
    const tail =
      bodyLength > jsonLength ? Buffer.from(whole.subarray(headerLength + jsonLength, end)) : undefined;
    if (whole.length === end) this.#pending.shift();
    else this.#pending[0] = whole.subarray(end);
    this.#pendingLength -= end;
    // SAFETY: both ends are of one build and frames are written by encodeFrame only.
    const message = JSON.parse(json) as T & { $buffers?: readonly number[]; buffers?: Uint8Array[] };
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

  #join(): void {
    this.#pending = [Buffer.concat(this.#pending)];
  }
}
