/**
 * @file `fetch` for calls of models: answered in time or not at all, made again where that may help and never without end, made
 * twice where an answer is late. Connections stay open between calls and are so many at most.
 *
 * Asking a model changes nothing, so that every call may be made again. A body must be a text or bytes for that.
 */
import { requireCount, requireNotNegative, requirePositive } from "../settings.ts";
import { ConnectionLimit } from "./connection-limit.ts";
import { InferenceError } from "./errors.ts";
import { RecentTimes } from "./recent-times.ts";
import { RetryBudget } from "./retry-budget.ts";

/** How calls are made. */
export interface ReliableFetchOptions {
  /** Milliseconds in which an answer must be there, all tries together; 10,000 where absent. */
  readonly timeout?: number;
  /** How often a call is made again at most; 3 where absent. */
  readonly maxRetries?: number;
  /** Calls that may be made again, or twice, for each call in the long run; 0.2 where absent. */
  readonly retryBudget?: number;
  /** Makes a call a second time when the first is later than this share of the last calls, such as 0.95; never where absent. */
  readonly hedgeQuantile?: number;
  /** Calls that are on their way at a time; 64 where absent. */
  readonly maxConnections?: number;
  /** What makes a call; the global `fetch` where absent. */
  readonly fetch?: typeof fetch;
}

/** The statuses after which another try may go better. */
const passing = new Set([429, 502, 503, 504]);
const firstPause = 50;
const longestPause = 2000;

/**
 * A `fetch` with the options' promises. A status that stays is given back as any answer is; an error is thrown where there was
 * no answer.
 * @throws {InvalidInputError} for options out of their ranges
 */
export function reliableFetch(options: ReliableFetchOptions = {}): typeof fetch {
  const { timeout = 10_000, maxRetries = 3, retryBudget = 0.2, hedgeQuantile, maxConnections = 64 } = options;
  requirePositive("timeout", timeout);
  requireNotNegative("maxRetries", maxRetries);
  requireNotNegative("retryBudget", retryBudget);
  requireCount("maxConnections", maxConnections);
  if (hedgeQuantile !== undefined) requirePositive("hedgeQuantile", hedgeQuantile);
  const calls = new Calls(options.fetch ?? fetch, new RetryBudget(retryBudget), maxConnections);
  return async (input, init = {}) => {
    const limit = AbortSignal.timeout(timeout);
    const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
    const canRepeat = !(init.body instanceof ReadableStream) && !(input instanceof Request && input.body);
    try {
      return await calls.make(input, init, signal, {
        maxRetries: canRepeat ? maxRetries : 0,
        hedgeQuantile: canRepeat ? hedgeQuantile : undefined,
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      if (limit.aborted)
        throw new InferenceError(`there was no answer within ${timeout} ms`, { cause: error });
      throw new InferenceError(`the server cannot be reached: ${reasonOf(error)}`, { cause: error });
    }
  };
}

type Place = Parameters<typeof fetch>[0];

interface CallLimits {
  readonly maxRetries: number;
  readonly hedgeQuantile: number | undefined;
}

class Calls {
  readonly #fetch: typeof fetch;
  readonly #budget: RetryBudget;
  readonly #connections: ConnectionLimit;
  readonly #times = new RecentTimes();

  constructor(fetch: typeof globalThis.fetch, budget: RetryBudget, maxConnections: number) {
    this.#fetch = fetch;
    this.#budget = budget;
    this.#connections = new ConnectionLimit(maxConnections);
  }

  async make(
    input: Place,
    init: RequestInit,
    signal: AbortSignal,
    { maxRetries, hedgeQuantile }: CallLimits,
  ): Promise<Response> {
    this.#budget.deposit();
    for (let tries = 0; ; tries++) {
      let response: Response | undefined;
      let failure: unknown;
      try {
        response = await this.#hedged(input, init, signal, hedgeQuantile);
        if (!passing.has(response.status)) return response;
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
      }
      // A call that may not be made again ends as it is: with the server's own words, or without any.
      if (tries >= maxRetries || !this.#budget.withdraw()) {
        if (response) return response;
        throw failure;
      }
      const pause = pauseBefore(tries, response);
      await response?.body?.cancel();
      await wait(pause, signal);
    }
  }

  async #hedged(
    input: Place,
    init: RequestInit,
    signal: AbortSignal,
    quantile: number | undefined,
  ): Promise<Response> {
    const late = quantile === undefined ? undefined : this.#times.quantile(quantile);
    if (late === undefined) return this.#once(input, init, signal);
    const first = this.#attempt(input, init, signal);
    const isLate = await Promise.race([
      first.response.then(
        () => false,
        () => false,
      ),
      wait(late, AbortSignal.any([signal, first.ended.signal])).then(
        () => true,
        () => false,
      ),
    ]);
    if (!isLate || !this.#budget.withdraw()) return first.response;
    const second = this.#attempt(input, init, signal);
    const attempts = [first, second];
    try {
      return await Promise.any(
        attempts.map(async (attempt) => {
          const response = await attempt.response;
          for (const other of attempts) if (other !== attempt) other.lost.abort();
          return response;
        }),
      );
    } catch (error) {
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
  }

  #attempt(input: Place, init: RequestInit, signal: AbortSignal): Attempt {
    const [lost, ended] = [new AbortController(), new AbortController()];
    const response = this.#once(input, init, AbortSignal.any([signal, lost.signal])).finally(() =>
      ended.abort(),
    );
    // Of two that fail one is told; the other must not be an unheard rejection.
    response.catch(() => {});
    return { response, lost, ended };
  }

  /** A call is over, for the number of connections, when its answer begins: what follows is the reader's. */
  async #once(input: Place, init: RequestInit, signal: AbortSignal): Promise<Response> {
    await this.#connections.enter(signal);
    const begun = performance.now();
    try {
      const response = await this.#fetch(input, { ...init, signal });
      if (response.ok) this.#times.add(performance.now() - begun);
      return response;
    } finally {
      this.#connections.leave();
    }
  }
}

interface Attempt {
  readonly response: Promise<Response>;
  /** Aborted when the other one was first. */
  readonly lost: AbortController;
  /** Aborted when it has ended. */
  readonly ended: AbortController;
}

/** What the server asks for, or else anything up to a bound that doubles: callers that failed together come back apart. */
function pauseBefore(tries: number, response: Response | undefined): number {
  const random = Math.random() * Math.min(longestPause, firstPause * 2 ** tries);
  const asked = retryAfterOf(response?.headers.get("retry-after"));
  return asked === undefined ? random : asked * 1000 + random;
}

/** The seconds of a header `retry-after`, which may be a date. */
export function retryAfterOf(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(header.trim())) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, (time - Date.now()) / 1000);
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", abort, { once: true });
  });
}

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
