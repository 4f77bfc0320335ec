/** @file The types of `progress`, as notebooks and terminals both offer it. */

/** How a bar is labelled and counted. */
export interface ProgressOptions {
  readonly label?: string;
  /** What is counted, for example `rows`. */
  readonly unit?: string;
  /** How many items there will be, where the source doesn't say. */
  readonly total?: number;
}

/** A bar that the program moves itself; `finish`, `fail`, or leaving a `using` block ends it. */
export interface ProgressHandle extends Disposable {
  /** Adds to the count; 1 unless told. */
  advance(count?: number): void;
  /** Sets the count. */
  set(done: number): void;
  /** Says something beside the bar, for example the present loss. */
  note(text: string): void;
  finish(): void;
  fail(): void;
}

/** A live bar over an iterable, an async iterable, or a number of steps. */
export interface Progress {
  <T>(source: Iterable<T>, options?: ProgressOptions | string): IterableIterator<T>;
  <T>(source: AsyncIterable<T>, options?: ProgressOptions | string): AsyncIterableIterator<T>;
  (total?: number, options?: ProgressOptions | string): ProgressHandle;
}
