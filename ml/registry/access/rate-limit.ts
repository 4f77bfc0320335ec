/** @file How often each of many clients may do something: a bucket for each, which fills again with time. */

interface Bucket {
  level: number;
  /** When the level was right. */
  at: number;
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

  /** In how many seconds the client may do it again; 0 for now. */
  wait(client: string): number {
    const { level } = this.#bucket(client);
    return level >= 1 ? 0 : (1 - level) / this.#rate;
  }

  /** Counts so many times; fewer than none gives them back. */
  take(client: string, times: number): void {
    this.#bucket(client).level -= times;
  }

  #bucket(client: string): Bucket {
    const now = this.#now();
    const known = this.#buckets.get(client);
    const bucket = known ?? { level: this.#burst, at: now };
    if (known) {
      bucket.level = Math.min(this.#burst, bucket.level + ((now - bucket.at) / 1000) * this.#rate);
      bucket.at = now;
      this.#buckets.delete(client);
    }
    this.#buckets.set(client, bucket);
    if (this.#buckets.size > mostClients)
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    return bucket;
  }
}
