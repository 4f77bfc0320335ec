/**
 * @file The global `progress`: a bar over an iterable, an async iterable or a number of steps.
 *
 * Bars that start while another of the same cell runs are drawn below it, in one output. An output is redrawn at
 * most ten times a second, and always when a bar ends. Iteration stops with the cell's abort signal.
 */
import { randomUUID } from "node:crypto";
import { previewValue } from "../rich/preview.ts";
import { readAny } from "../rich/safe-read.ts";
import type { GlobalsHost } from "./globals-host.ts";
import { hidden } from "./hidden.ts";
import { progressBundle } from "./progress-render.ts";
import type { ProgressState } from "./progress-state.ts";

const redrawEvery = 100;

type Source = number | Iterable<unknown> | AsyncIterable<unknown> | undefined;

/** The global `progress` and what the executor does about it. */
export interface ProgressBars {
  readonly progress: Tenon.Progress;
  /** Draws what is still to be drawn; the cell is about to end. */
  flush(this: void): void;
}

/** Makes the global `progress` for a host. */
export function createProgress(host: GlobalsHost, now: () => number = () => performance.now()): ProgressBars {
  const boards = new WeakMap<AbortSignal, Board>();
  const undrawn = new Set<Board>();

  const start = (source: Source, options: Tenon.ProgressOptions): Bar => {
    const signal = host.signal();
    let board = boards.get(signal);
    if (board === undefined || board.closed) {
      board = new Board(host, now, undrawn);
      boards.set(signal, board);
    }
    const total = options.total ?? totalOf(source);
    return new Bar(board, signal, now, { label: options.label ?? "", unit: options.unit ?? "", total });
  };

  const progress = (source?: Source, options: Tenon.ProgressOptions | string = {}): unknown => {
    const settings = typeof options === "string" ? { label: options } : options;
    if (typeof source === "number" || source === undefined || source === null)
      return handle(start(source, settings));
    if (isAsync(source)) return overAsync(source, start(source, settings));
    if (typeof readAny(Object(source) as object, Symbol.iterator) === "function") {
      return overSync(source, () => start(source, settings));
    }
    throw new TypeError("progress takes an iterable, an async iterable, or the number of steps");
  };
  // SAFETY: the overloads of Tenon.Progress are the cases above.
  return { progress: progress as Tenon.Progress, flush: () => undrawn.forEach((board) => board.draw(true)) };
}

function isAsync(source: Iterable<unknown> | AsyncIterable<unknown>): source is AsyncIterable<unknown> {
  return typeof readAny(Object(source) as object, Symbol.asyncIterator) === "function";
}

/** How many items a source will give, where it says so without being read. */
function totalOf(source: Source): number | undefined {
  if (typeof source === "number") return source;
  if (source === undefined || source === null) return undefined;
  const object = Object(source) as object;
  const size = readAny(object, "length") ?? readAny(object, "size");
  return typeof size === "number" && size >= 0 ? size : undefined;
}

function* overSync<T>(source: Iterable<T>, begin: () => Bar): Generator<T, void, undefined> {
  const bar = begin();
  try {
    for (const item of source) {
      bar.check();
      yield item;
      bar.advance(1);
    }
    bar.end("finished");
  } catch (thrown) {
    bar.end("failed");
    throw thrown;
  } finally {
    bar.end("stopped");
  }
}

async function* overAsync<T>(source: AsyncIterable<T>, bar: Bar): AsyncGenerator<T, void, undefined> {
  try {
    for await (const item of source) {
      bar.check();
      yield item;
      bar.advance(1);
    }
    bar.end("finished");
  } catch (thrown) {
    bar.end("failed");
    throw thrown;
  } finally {
    bar.end("stopped");
  }
}

function handle(bar: Bar): Tenon.ProgressHandle {
  const end = (): void => bar.end(bar.complete ? "finished" : "stopped");
  return hidden({
    advance: (count = 1) => {
      bar.check();
      bar.advance(count);
    },
    set: (done) => {
      bar.check();
      bar.set(done);
    },
    note: (text) => bar.note(text),
    finish: () => bar.end("finished"),
    fail: () => bar.end("failed"),
    [Symbol.dispose]: end,
  });
}

/** One output with its bars, outermost first. */
class Board {
  closed = false;
  readonly #id = randomUUID();
  #bars: Bar[] = [];
  readonly #host: GlobalsHost;
  readonly #now: () => number;
  #shown = false;
  readonly #undrawn: Set<Board>;
  #lastDraw = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /** The board is in `undrawn` while its output lags behind its bars. */
  constructor(host: GlobalsHost, now: () => number, undrawn: Set<Board>) {
    this.#host = host;
    this.#now = now;
    this.#undrawn = undrawn;
  }

  add(bar: Bar): void {
    // Inner bars that have ended make room: the next round of the outer loop draws its own.
    this.#bars = this.#bars.filter((other) => other.running);
    this.#bars.push(bar);
    this.draw(true);
  }

  draw(force: boolean): void {
    const wait = this.#lastDraw + redrawEvery - this.#now();
    if (!force && wait > 0) {
      // A last redraw comes even if the program then waits for something else.
      this.#timer ??= setTimeout(() => this.draw(true), wait).unref();
      this.#undrawn.add(this);
      return;
    }
    this.#undrawn.delete(this);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastDraw = this.#now();
    const bundle = progressBundle(this.#bars.map((bar) => bar.state()));
    if (this.#shown) this.#host.emitUpdate(this.#id, bundle);
    else this.#host.emitDisplay(bundle, { id: this.#id });
    this.#shown = true;
  }

  ended(): void {
    if (this.#bars.every((bar) => !bar.running)) this.closed = true;
    this.draw(this.closed);
  }
}

class Bar {
  running = true;
  readonly #board: Board;
  readonly #signal: AbortSignal;
  readonly #now: () => number;
  readonly #label: string;
  readonly #unit: string;
  readonly #total: number | undefined;
  readonly #start: number;
  #done = 0;
  #note = "";
  #status: ProgressState["status"] = "running";
  #end: number | undefined;
  #rate: number | undefined;
  #rateAt: number;
  #rateDone = 0;

  constructor(
    board: Board,
    signal: AbortSignal,
    now: () => number,
    options: { readonly label: string; readonly unit: string; readonly total: number | undefined },
  ) {
    this.#board = board;
    this.#signal = signal;
    this.#now = now;
    this.#label = options.label;
    this.#unit = options.unit;
    this.#total = options.total;
    this.#start = now();
    this.#rateAt = this.#start;
    board.add(this);
  }

  get complete(): boolean {
    return this.#total !== undefined && this.#done >= this.#total;
  }

  /** Throws the signal's reason once the cell was interrupted. */
  check(): void {
    if (this.#signal.aborted) {
      this.end("stopped");
      this.#signal.throwIfAborted();
    }
  }

  advance(count: number): void {
    this.set(this.#done + count);
  }

  set(done: number): void {
    this.#done = done;
    if (this.running) this.#board.draw(false);
  }

  note(text: unknown): void {
    this.#note = typeof text === "string" ? text.slice(0, 200) : previewValue(text, 200);
    if (this.running) this.#board.draw(false);
  }

  /** Only the first end counts. */
  end(status: "finished" | "stopped" | "failed"): void {
    if (!this.running) return;
    this.running = false;
    this.#status = status;
    this.#end = this.#now();
    this.#board.ended();
  }

  /** The present state; called when the bar is drawn, so that an iteration costs no arithmetic. */
  state(): ProgressState {
    const time = this.#end ?? this.#now();
    const elapsed = time - this.#start;
    if (this.running && time - this.#rateAt >= redrawEvery) {
      const recent = ((this.#done - this.#rateDone) / (time - this.#rateAt)) * 1000;
      this.#rate = this.#rate === undefined ? recent : this.#rate * 0.7 + recent * 0.3;
      this.#rateAt = time;
      this.#rateDone = this.#done;
    }
    const overall = elapsed > 0 ? (this.#done / elapsed) * 1000 : undefined;
    return {
      label: this.#label,
      unit: this.#unit,
      done: this.#done,
      total: this.#total,
      elapsed,
      rate: this.running ? (this.#rate ?? overall) : overall,
      status: this.#status,
      note: this.#note,
    };
  }
}
