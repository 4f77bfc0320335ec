/**
 * @file stdout and stderr of user code, gathered into frames.
 *
 * Text leaves when 64 KiB have come together, when it is 30 ms old, before any other message, and when the event loop
 * is free. The first few writes of a request in each 30 ms leave at once: what follows may be a long computation, in
 * which no timer fires. For what is left waiting by such a one the control thread looks, and has it flushed between two of
 * its steps. Each frame belongs to one request and one stream, in the order of writing.
 */
import { StringDecoder } from "node:string_decoder";
import { Writable } from "node:stream";
import { currentRequest } from "./cell-request.ts";
import { drain, enqueue } from "./channel.ts";
import { now, setImmediate, setTimeout } from "./clock.ts";
import { outputFlag } from "./interrupt-state.ts";
import type { ChildMessage } from "./protocol.ts";

type StreamName = "stdout" | "stderr";

const largestText = 64 * 1024;
const largestAge = 30;
const promptWrites = 8;

let text = "";
let textName: StreamName = "stdout";
let textRequest = "";
let startedAt = 0;
let flushedAt = 0;
let windowStart = 0;
let windowWrites = 0;
let windowRequest = "";
let scheduled = false;
/** Set while the books are kept here: what comes between two steps must not touch them. */
let isBusy = false;
let flags: Int32Array = new Int32Array(outputFlag + 1);
let onWaiting = (): void => {};
let toldAt = 0;

/** Has the control thread told that text waits for the event loop; whether it still does stands in `shared`. */
export function watchOutput(shared: Int32Array, tell: () => void): void {
  flags = shared;
  onWaiting = tell;
}

/** Sends what was written so far. */
export function flushOutput(): void {
  isBusy = true;
  flush();
  isBusy = false;
}

/** Sends what waits, for the control thread: called between two steps of whatever runs. Not in the midst of the books. */
export function flushBetweenSteps(): void {
  if (!isBusy) flushOutput();
}

/** Sends a message after all output before it. */
export function sendMessage(message: ChildMessage): void {
  isBusy = true;
  flush();
  enqueue(message);
  drain();
  isBusy = false;
}

function flush(): void {
  if (text !== "") {
    enqueue({ type: "stream", request: textRequest, name: textName, text });
    text = "";
    flushedAt = now();
    Atomics.store(flags, outputFlag, 0);
  }
  drain();
}

function write(name: StreamName, chunk: string): void {
  if (chunk === "") return;
  const request = currentRequest().id;
  isBusy = true;
  if (text !== "" && (name !== textName || request !== textRequest)) flush();
  const time = now();
  if (text === "") {
    startedAt = time;
    textName = name;
    textRequest = request;
  }
  text += chunk;
  if (time - windowStart >= largestAge || request !== windowRequest) {
    windowStart = time;
    windowWrites = 0;
    windowRequest = request;
  }
  windowWrites += 1;
  if (windowWrites <= promptWrites || text.length >= largestText || time - startedAt >= largestAge) flush();
  else waitForEventLoop(time);
  isBusy = false;
}

function waitForEventLoop(time: number): void {
  Atomics.store(flags, outputFlag, 1);
  if (time - toldAt >= largestAge) {
    toldAt = time;
    onWaiting();
  }
  if (!scheduled) schedule(time);
}

function schedule(time: number): void {
  scheduled = true;
  const wait = flushedAt + largestAge - time;
  if (wait > 0) setTimeout(flushScheduled, wait);
  else setImmediate(flushScheduled);
}

function flushScheduled(): void {
  scheduled = false;
  flushOutput();
}

/** After an interrupt stopped arbitrary code: bookkeeping that may have been cut short is set right. */
export function recoverOutput(): void {
  scheduled = false;
  flushOutput();
}

/** `process.stdout` and `process.stderr` of user code. */
export class OutputStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;
  readonly #name: StreamName;
  readonly #decoder = new StringDecoder("utf8");

  constructor(name: StreamName) {
    super({ decodeStrings: false });
    this.#name = name;
    this.fd = name === "stdout" ? 1 : 2;
  }

  /** Skips the queue of Writable: writing never waits. */
  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    if (typeof chunk === "string" && (encoding === undefined || encoding === "utf8"))
      write(this.#name, chunk);
    else if (typeof chunk === "string" && typeof encoding === "string") {
      // SAFETY: Buffer.from throws on an encoding that it doesn't know, as Writable does.
      write(this.#name, Buffer.from(chunk, encoding as BufferEncoding).toString());
    } else if (typeof chunk === "string") write(this.#name, chunk);
    else if (chunk instanceof Uint8Array)
      write(this.#name, this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)));
    else
      throw new TypeError(
        'The "chunk" argument must be of type string or an instance of Buffer or Uint8Array.',
      );
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") process.nextTick(done);
    return true;
  }

  /** Ends nothing: other cells go on writing. */
  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function") this.write(chunk, encoding);
    const done = [chunk, encoding, callback].find((argument) => typeof argument === "function");
    if (typeof done === "function") process.nextTick(done);
    return this;
  }

  override destroy(): this {
    return this;
  }

  /** As on a terminal of 256 colours: frontends show ANSI colours. */
  getColorDepth(): number {
    return 8;
  }

  hasColors(count?: unknown): boolean {
    return typeof count !== "number" || count <= 256;
  }
}
