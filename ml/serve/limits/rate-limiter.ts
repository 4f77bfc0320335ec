/**
 * @file How often each client may call: the generic cell rate algorithm (ITU-T I.371), which keeps one number a client, the
 * time at which its next call would be on schedule.
 */
import { requireCount, requirePositive } from "../../settings.ts";
import { type Caller, ServingError } from "../inference.ts";

/** What a client may do. */
export interface RateLimitSettings {
  /** Calls a second in the long run. */
  readonly requestsPerSecond: number;
  /** Calls that may come at once. */
  readonly burst: number;
  /** Clients that are remembered; the one that called first is forgotten beyond that. 100,000 where absent. */
  readonly maxClients?: number;
}

/** Says which calls come too fast. */
export class RateLimiter {
  readonly #interval: number;
  readonly #tolerance: number;
  readonly #maxClients: number;
  readonly #clients = new Map<string, number>();
  /** Calls that were refused. */
  refused = 0;

  /** @throws {InvalidInputError} for a rate that isn't above 0, or a burst or number of clients below 1 */
  constructor({ requestsPerSecond, burst, maxClients = 100_000 }: RateLimitSettings) {
    requirePositive("requestsPerSecond", requestsPerSecond);
    requireCount("burst", burst);
    requireCount("maxClients", maxClients);
    this.#interval = 1000 / requestsPerSecond;
    this.#tolerance = (burst - 1) * this.#interval;
    this.#maxClients = maxClients;
  }

  /**
   * Counts a call of a client. Returns 0 where it may be made, otherwise in how many milliseconds it may.
   * @param now milliseconds of a clock that never goes back
   */
  take(client: string, now: number): number {
    const scheduled = Math.max(this.#clients.get(client) ?? 0, now);
    const early = scheduled - now - this.#tolerance;
    // Times are sums of intervals, so that a call exactly on time may be early by the last digit.
    if (early > 1e-6) {
      this.refused += 1;
      return early;
    }
    if (this.#clients.size >= this.#maxClients && !this.#clients.has(client)) this.#forget(now);
    this.#clients.set(client, scheduled + this.#interval);
    return 0;
  }

  /** Clients whose schedule has passed are as good as unknown. */
  #forget(now: number): void {
    for (const [client, scheduled] of this.#clients) if (scheduled <= now) this.#clients.delete(client);
    if (this.#clients.size < this.#maxClients) return;
    const { value } = this.#clients.keys().next();
    if (value !== undefined) this.#clients.delete(value);
  }
}

/** Throws a {@link ServingError} for callers, by their name or else their address, that call too often. */
export function admitAtRate(limiter: RateLimiter): (caller: Caller) => void {
  return ({ name, address }) => {
    const wait = limiter.take(name ?? address, performance.now());
    if (wait > 0)
      throw new ServingError("rate-limited", "too many requests from this client", {
        retryAfter: wait / 1000,
      });
  };
}
