/**
 * @file Long computations on the event loop: they give it a turn now and then, so that a notebook stays alive, progress
 * is drawn and a Stop is heard.
 */
import { setImmediate } from "node:timers/promises";
import { notebookHost } from "./notebook-host.ts";

/** How long a computation may hold the event loop, in milliseconds. */
const longestHold = 30;

/** The turns that a computation gives the event loop. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  /** Without a signal it is the running cell's, where there is a notebook. */
  constructor(signal?: AbortSignal) {
    this.#signal = signal ?? notebookHost()?.signal;
    this.#signal?.throwIfAborted();
  }

  /**
   * Whether it is time to `await` {@link give}: cheap enough to ask every few thousand operations.
   */
  get due(): boolean {
    return performance.now() - this.#since >= longestHold;
  }

  /**
   * Lets the event loop run.
   * @throws the signal's reason when it was aborted
   */
  async give(): Promise<void> {
    await setImmediate();
    this.#signal?.throwIfAborted();
    this.#since = performance.now();
  }
}
