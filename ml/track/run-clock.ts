/** @file The time of what is logged: the clock's, but it never goes back. */

/**
 * Milliseconds since 1970 as a run sees them. Where the machine's clock is set back, time goes on from where it was at the clock's
 * pace, so that a later point of a metric is never taken for an earlier one.
 */
export class RunClock {
  readonly #read: () => number;
  #last = 0;
  #ahead = 0;

  constructor(read: () => number = Date.now) {
    this.#read = read;
  }

  now(): number {
    const clock = this.#read();
    const time = clock + this.#ahead;
    if (time >= this.#last) return (this.#last = time);
    this.#ahead = this.#last - clock;
    return this.#last;
  }
}
