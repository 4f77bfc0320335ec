/** @file `progress` for programs: the notebook's own bar inside one, a line of text on stderr elsewhere. */
import { notebookHost } from "../notebook-host.ts";
import type { Progress, ProgressHandle, ProgressOptions } from "./progress-types.ts";
import { TerminalBars, type TerminalBar } from "./terminal-bar.ts";

type Source = Iterable<unknown> | AsyncIterable<unknown> | number | undefined;

/** A `progress` that draws on the given bars, whether in a notebook or not. */
export function terminalProgress(bars: TerminalBars): Progress {
  const progress = (source?: Source, options: ProgressOptions | string = {}): unknown => {
    const { label = "", unit = "", total } = typeof options === "string" ? { label: options } : options;
    const start = (): TerminalBar => bars.start(label, unit, total ?? totalOf(source));
    if (typeof source === "number" || source === undefined) return handle(start());
    if (Symbol.asyncIterator in Object(source)) {
      // SAFETY: the line above has looked.
      return overAsync(source as AsyncIterable<unknown>, start);
    }
    if (Symbol.iterator in Object(source)) {
      // SAFETY: the line above has looked.
      return overSync(source as Iterable<unknown>, start);
    }
    throw new TypeError("progress takes an iterable, an async iterable, or the number of steps");
  };
  // SAFETY: the overloads of Progress are the cases above.
  return progress as Progress;
}

let onStderr: Progress | undefined;

const anywhere = (source?: Source, options?: ProgressOptions | string): unknown => {
  const chosen = notebookHost()?.progress ?? (onStderr ??= terminalProgress(new TerminalBars()));
  // SAFETY: both are Progress; which overload it is, the callee looks at itself.
  return (chosen as (source?: Source, options?: ProgressOptions | string) => unknown)(source, options);
};

/**
 * Shows a live bar over an iterable, an async iterable or a number of steps: in a notebook below the cell, in a
 * terminal on stderr.
 *
 * @example
 * for (const batch of progress(batches, { label: "training" })) train(batch);
 */
// SAFETY: the call is passed on to an implementation of Progress unchanged.
export const progress: Progress = anywhere as Progress;

function totalOf(source: Source): number | undefined {
  if (typeof source === "number") return source;
  if (source === undefined) return undefined;
  if ("length" in source && typeof source.length === "number") return source.length;
  return "size" in source && typeof source.size === "number" ? source.size : undefined;
}

function* overSync<T>(source: Iterable<T>, start: () => TerminalBar): Generator<T, void, undefined> {
  const bar = start();
  let failed = false;
  try {
    for (const item of source) {
      yield item;
      bar.advance(1);
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    bar.end(failed);
  }
}

async function* overAsync<T>(
  source: AsyncIterable<T>,
  start: () => TerminalBar,
): AsyncGenerator<T, void, undefined> {
  const bar = start();
  let failed = false;
  try {
    for await (const item of source) {
      yield item;
      bar.advance(1);
    }
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    bar.end(failed);
  }
}

function handle(bar: TerminalBar): ProgressHandle {
  return {
    advance: (count = 1) => bar.advance(count),
    set: (done) => bar.set(done),
    note: (text) => bar.note(text),
    finish: () => bar.end(false),
    fail: () => bar.end(true),
    [Symbol.dispose]: () => bar.end(false),
  };
}
