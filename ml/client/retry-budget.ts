/**
 * @file How many calls may be made again: a share of the calls that are made, so that a server in trouble isn't given a multiple
 * of its load by those who wait for it.
 */

const most = 10;

/** A budget of calls that are made again. */
export class RetryBudget {
  readonly #share: number;
  #left = most;

  /** @param share how many calls may be made again for each call */
  constructor(share: number) {
    this.#share = share;
  }

  /** Counts a call. */
  deposit(): void {
    this.#left = Math.min(most, this.#left + this.#share);
  }

  /** Whether a call may be made again; counts it where it may. */
  withdraw(): boolean {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
