/**
 * @file Overload of the whole process: where the event loop comes later and later to its timers, every caller waits for all
 * others, and some must be refused for the rest to be answered in time.
 */
import { requirePositive } from "../../settings.ts";
import { type Infer, ServingError } from "../inference.ts";

const every = 50;

/** Watches how late the event loop is. */
export class LoopDelay {
  readonly #longest: number;
  readonly #timer: NodeJS.Timeout;
  #last = performance.now();
  #smoothed = 0;
  /** Calls that were refused. */
  refused = 0;

  /** @param longest how late it may be, in milliseconds */
  constructor(longest: number) {
    requirePositive("maxEventLoopDelay", longest);
    this.#longest = longest;
    this.#timer = setInterval(() => this.#measure(), every).unref();
  }

  /** How late the loop was of late, in milliseconds: half of it the last measurement. */
  get delay(): number {
    return this.#smoothed;
  }

  get isOverloaded(): boolean {
    return this.#smoothed > this.#longest;
  }

  /** Ends the watching. */
  close(): void {
    clearInterval(this.#timer);
  }

  #measure(): void {
    const now = performance.now();
    this.#smoothed = (this.#smoothed + Math.max(0, now - this.#last - every)) / 2;
    this.#last = now;
  }
}

/** An {@link Infer} that refuses calls of ordinary or lower priority while the process is overloaded. */
export function sheddingInfer(next: Infer, loop: LoopDelay): Infer {
  return (request, context) => {
    if (loop.isOverloaded && context.priority <= 0) {
      loop.refused += 1;
      throw new ServingError("unavailable", "the server is overloaded", { retryAfter: 1 });
    }
    return next(request, context);
  };
}
