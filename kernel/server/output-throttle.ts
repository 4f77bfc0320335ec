/**
 * @file Keeps a runaway printer from drowning the frontend: bursts pass at full speed, sustained output is slowed.
 *
 * A token bucket over published bytes. When it is empty the child is paused, which blocks its writes; nothing is lost.
 */

/** A hundred thousand printed lines pass without a pause. */
const burstBytes = 32 * 1024 * 1024;
const sustainedBytesPerSecond = 8 * 1024 * 1024;

export class OutputThrottle {
  readonly #pause: () => void;
  readonly #resume: () => void;
  #tokens = burstBytes;
  #lastRefill = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(pause: () => void, resume: () => void) {
    this.#pause = pause;
    this.#resume = resume;
  }

  /** Accounts for `bytes` of output; pauses the source when too much came too fast. */
  spend(bytes: number): void {
    this.#refill();
    this.#tokens -= bytes;
    if (this.#tokens >= 0 || this.#timer !== undefined) return;
    this.#pause();
    // At least 50 ms at a time, so that pausing costs little; then half a second's worth has gathered at most.
    const wait = Math.min(500, Math.max(50, (-this.#tokens / sustainedBytesPerSecond) * 1000));
    this.#timer = setTimeout(() => this.release(), wait);
  }

  /** Lets the source go on at once, for example because it is being interrupted. */
  release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#resume();
  }

  #refill(): void {
    const now = performance.now();
    this.#tokens = Math.min(
      burstBytes,
      this.#tokens + ((now - this.#lastRefill) / 1000) * sustainedBytesPerSecond,
    );
    this.#lastRefill = now;
  }
}
