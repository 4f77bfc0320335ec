/** @file A line of JSON for each call. Lines are gathered and written some at a time; a slow reader loses lines, not calls. */
import type { Writable } from "node:stream";
import { requestRows } from "../addressed-request.ts";
import { type InferenceResponse, ServingError } from "../inference.ts";
import type { CallObserver, FinishedCall } from "./observed-infer.ts";

const flushLength = 16_384;
const flushMilliseconds = 250;
/** What may wait in the stream. */
const maxWaiting = 4 * 2 ** 20;

/** Writes calls to a stream. */
export class RequestLog implements CallObserver {
  readonly #stream: Writable;
  readonly #timer: NodeJS.Timeout;
  #text = "";
  /** Bytes that were left out because the stream's reader was too slow. */
  dropped = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
    this.#timer = setInterval(() => this.flush(), flushMilliseconds).unref();
  }

  answered(call: FinishedCall, { version }: InferenceResponse): void {
    this.#line(call, version, "ok");
  }

  failed(call: FinishedCall, error: unknown): void {
    this.#line(call, call.request.version, error instanceof ServingError ? error.kind : "internal");
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#text === "") return;
    if (this.#stream.writableLength > maxWaiting) this.dropped += this.#text.length;
    else this.#stream.write(this.#text);
    this.#text = "";
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush();
  }

  #line({ request, context, duration }: FinishedCall, version: string | undefined, outcome: string): void {
    const { caller, protocol, traceparent } = context;
    this.#text +=
      `{"time":${Date.now()},"model":${shown(request.model)},` +
      `"version":${version === undefined ? "null" : shown(version)},"outcome":"${outcome}",` +
      `"ms":${duration.toFixed(3)},"rows":${requestRows(request)},"protocol":"${protocol}",` +
      `"address":${JSON.stringify(caller.address)}` +
      (caller.name === undefined ? "" : `,"caller":${JSON.stringify(caller.name)}`) +
      (request.id === undefined ? "" : `,"id":${shown(request.id)}`) +
      (traceparent === undefined ? "" : `,"traceparent":${shown(traceparent)}`) +
      "}\n";
    if (this.#text.length >= flushLength) this.flush();
  }
}

/** A text of a caller, which may be of any length, as JSON. */
function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
