/** @file How often each of many clients may do something: a bucket for each, which fills again with time. */

interface Bucket {
  readonly level: number;
  /** When the level was right. */
  readonly at: number;
}

/** The most clients that are remembered: those that came last. */
const mostClients = 10_000;

export class RateLimit {
  readonly #rate: number;
  readonly #burst: number;
  readonly #now: () => number;
  /** The client that came last is the last. */
  readonly #buckets = new Map<string, Bucket>();

  /** `rate` times a second, and `burst` times at once. `now` is a clock in milliseconds that does not go back. */
  constructor(rate: number, burst: number, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#burst = burst;
    this.#now = now;
  }

  /** In how many seconds the client may do it again; 0 for now. Asking alone has no client remembered, nor another forgotten. */
  wait(client: string): number {
    const level = this.#level(client, this.#now());
    return level >= 1 ? 0 : (1 - level) / this.#rate;
  }

  /** Counts so many times; fewer than none gives them back. */
  take(client: string, times: number): void {
    const now = this.#now();
    const level = this.#level(client, now) - times;
    this.#buckets.delete(client);
    this.#buckets.set(client, { level, at: now });
    if (this.#buckets.size <= mostClients) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      break;
    }
  }

  #level(client: string, now: number): number {
    const known = this.#buckets.get(client);
    return known ? Math.min(this.#burst, known.level + ((now - known.at) / 1000) * this.#rate) : this.#burst;
  }
}
