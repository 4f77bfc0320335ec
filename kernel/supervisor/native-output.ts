/**
 * @file What native code and grandchildren write to the child's fd 1 or 2.
 *
 * {@link drainNow} reads without waiting for the event loop: what was written before the child's `done` is already in
 * the pipe when `done` arrives, so that it can be passed on first.
 */
import { readSync } from "node:fs";
import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

const chunk = Buffer.allocUnsafeSlow(64 * 1024);

export class NativeOutput {
  readonly #socket: Socket;
  readonly #decoder = new StringDecoder("utf8");
  readonly #onText: (text: string) => void;

  constructor(socket: Socket, onText: (text: string) => void) {
    this.#socket = socket;
    this.#onText = onText;
    socket.on("data", (data: Buffer) => this.#decode(data));
    socket.on("error", () => undefined);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  drainNow(): void {
    const descriptor = this.#descriptor();
    if (descriptor === undefined) return;
    const { stackTraceLimit } = Error;
    // The usual end is an EAGAIN, whose stack nobody reads.
    Error.stackTraceLimit = 0;
    try {
      for (;;) {
        const length = readSync(descriptor, chunk, 0, chunk.length, null);
        if (length === 0) return;
        this.#decode(chunk.subarray(0, length));
      }
    } catch {
      // Nothing more to read now.
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /** The pipe's descriptor, where the platform has one. */
  #descriptor(): number | undefined {
    if (this.#socket.destroyed || !this.#socket.readable) return undefined;
    // SAFETY: checked; without it output is still read, just not always before `done`.
    const { _handle: handle } = this.#socket as unknown as { _handle?: { fd?: unknown } | null };
    const descriptor = handle?.fd;
    return typeof descriptor === "number" && descriptor >= 0 ? descriptor : undefined;
  }

  #decode(data: Buffer): void {
    const text = this.#decoder.write(data);
    if (text !== "") this.#onText(text);
  }
}
