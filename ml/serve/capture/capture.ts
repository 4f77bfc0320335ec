/**
 * @file A share of calls and their answers, kept for later work on drift. A call is only remembered here; files are written by the
 * way, and what comes while too much waits is left out and counted.
 */
import { requireCount, requirePositive } from "../../settings.ts";
import { InvalidInputError } from "../../errors.ts";
import { requestElements, requestRows } from "../addressed-request.ts";
import type { InferenceRequest, InferenceResponse, InferenceTensor } from "../inference.ts";
import type { CallObserver, FinishedCall } from "../observe/observed-infer.ts";

/** What is kept, and where. */
export interface CaptureSettings {
  /** Files are `model=NAME/version=VERSION/TIME.parquet` in it. */
  readonly folder: string;
  /** The share of calls that are kept, from 0 to 1. */
  readonly share: number;
  /** Inputs and outputs that are left out, by model; those of `*` for all models. */
  readonly redact?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Rows that wait to be written at most; 100,000 where absent. */
  readonly maxWaitingRows?: number | undefined;
  /** Seconds between files; 60 where absent. */
  readonly flushSeconds?: number | undefined;
}

/** A call that waits to be written. */
export interface CapturedCall {
  readonly time: number;
  readonly duration: number;
  readonly protocol: string;
  readonly caller: string | undefined;
  readonly traceparent: string | undefined;
  readonly request: InferenceRequest;
  readonly response: InferenceResponse;
  readonly rows: number;
  /** Of all its tensors. */
  readonly elements: number;
}

/** Elements that wait to be written at most, for rows may be as large as images are. */
const mostElements = 2 ** 25;

/** Keeps a share of the calls that were answered. */
export class Capture implements CallObserver {
  readonly #settings: CaptureSettings;
  readonly #maxRows: number;
  readonly #onError: (error: unknown) => void;
  readonly #random: () => number;
  readonly #timer: NodeJS.Timeout;
  #waiting: CapturedCall[] = [];
  #rows = 0;
  #elements = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Rows that were written. */
  written = 0;
  /** Rows that were left out because too many waited, or whose file could not be written. */
  dropped = 0;

  /**
   * @param onError told when a file can't be written
   * @throws {InvalidInputError} for settings out of their ranges
   */
  constructor(
    settings: CaptureSettings,
    onError: (error: unknown) => void,
    random: () => number = Math.random,
  ) {
    if (!(settings.share >= 0 && settings.share <= 1))
      throw new InvalidInputError(
        `the share of calls that are captured must be from 0 to 1, not ${settings.share}`,
      );
    const { maxWaitingRows = 100_000, flushSeconds = 60 } = settings;
    requireCount("maxWaitingRows", maxWaitingRows);
    requirePositive("flushSeconds", flushSeconds);
    this.#settings = settings;
    this.#maxRows = maxWaitingRows;
    this.#onError = onError;
    this.#random = random;
    this.#timer = setInterval(() => void this.flush(), flushSeconds * 1000).unref();
  }

  answered({ request, context, duration }: FinishedCall, response: InferenceResponse): void {
    if (this.#random() >= this.#settings.share) return;
    const rows = requestRows(request);
    const elements = requestElements(request) + answerElements(response);
    if (this.#rows + rows > this.#maxRows || this.#elements + elements > mostElements) {
      this.dropped += rows;
      return;
    }
    this.#rows += rows;
    this.#elements += elements;
    this.#waiting.push({
      elements,
      time: Date.now(),
      duration,
      protocol: context.protocol,
      caller: context.caller.name,
      traceparent: context.traceparent,
      request,
      // Engines may use the memory of their outputs again.
      response: { ...response, outputs: response.outputs.map(copyOf) },
      rows,
    });
    if (this.#rows >= this.#maxRows / 2 || this.#elements >= mostElements / 2) void this.flush();
  }

  failed(): void {}

  /** Writes what waits. Fulfilled when all that came before is written or was given up. */
  flush(): Promise<void> {
    const calls = this.#waiting;
    this.#waiting = [];
    if (calls.length === 0) return this.#writing;
    return (this.#writing = this.#writing.then(() => this.#write(calls)));
  }

  /** Writes what waits and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #write(calls: readonly CapturedCall[]): Promise<void> {
    const groups = new Map<string, CapturedCall[]>();
    for (const call of calls) {
      const key = `${call.response.version}/${call.response.model}`;
      const group = groups.get(key);
      if (group) group.push(call);
      else groups.set(key, [call]);
    }
    for (const group of groups.values()) {
      const rows = group.reduce((sum, call) => sum + call.rows, 0);
      try {
        // DuckDB is loaded when there is something to write, not when the service starts.
        const { writeCaptured } = await import("./write-captured.ts");
        await writeCaptured(this.#settings.folder, group, this.#settings.redact ?? {});
        this.written += rows;
      } catch (error) {
        this.dropped += rows;
        this.#onError(error);
      }
      this.#rows -= rows;
      for (const { elements } of group) this.#elements -= elements;
    }
  }
}

function answerElements({ outputs }: InferenceResponse): number {
  return outputs.reduce((sum, { data }) => sum + data.length, 0);
}

function copyOf({ name, datatype, shape, data }: InferenceTensor): InferenceTensor {
  return { name, datatype, shape, data: data.slice() };
}
