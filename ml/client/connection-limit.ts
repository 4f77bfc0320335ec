/** @file How many calls are on their way at a time; the others wait in turn. */

/** A number of places. */
export class ConnectionLimit {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Waits for a place. It must be given back by {@link leave}.
   * @throws the signal's reason when it is aborted before
   */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        const at = this.#waiting.indexOf(start);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(
          signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause: signal.reason }),
        );
      };
      const start = (): void => {
        signal.removeEventListener("abort", abort);
        resolve();
      };
      this.#waiting.push(start);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
