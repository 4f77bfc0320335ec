/**
 * @file A model that keeps failing is left alone for a while. Closed, calls go through and failures are counted; open, they
 * are answered by something else or refused; then a few are let through, and how they go decides.
 */
import { requireCount, requirePositive } from "../../settings.ts";
import { InvalidInputError } from "../../errors.ts";
import { ServingError } from "../inference.ts";
import { RollingCounts } from "./rolling-counts.ts";

/** When a circuit opens. */
export interface CircuitSettings {
  /** The share of calls that fail, above 0 and up to 1. */
  readonly failureRate: number;
  /** Calls within the window below which nothing is decided. */
  readonly minimumRequests: number;
  /** Seconds that are looked back. */
  readonly windowSeconds: number;
  /** Seconds until calls are tried again. */
  readonly openSeconds: number;
  /** Calls that are tried, all of which must go well. */
  readonly trialRequests: number;
}

export type CircuitState = "closed" | "open" | "trial";

/** What a circuit says of a call: through, through as a trial, or not. */
export type Passage = "pass" | "trial" | "refuse";

/** The circuit of one model or version. Times are milliseconds of `performance.now()`. */
export class CircuitBreaker {
  readonly #settings: CircuitSettings;
  readonly #counts: RollingCounts;
  #state: CircuitState = "closed";
  #openedAt = 0;
  #triedAt = 0;
  #trials = 0;
  #passed = 0;
  /** How often it opened. */
  opened = 0;

  /** @throws {InvalidInputError} for settings out of their ranges */
  constructor(settings: CircuitSettings) {
    if (!(settings.failureRate > 0 && settings.failureRate <= 1))
      throw new InvalidInputError(`failureRate must be above 0 and at most 1, not ${settings.failureRate}`);
    requireCount("minimumRequests", settings.minimumRequests);
    requirePositive("windowSeconds", settings.windowSeconds);
    requirePositive("openSeconds", settings.openSeconds);
    requireCount("trialRequests", settings.trialRequests);
    this.#settings = settings;
    this.#counts = new RollingCounts(settings.windowSeconds * 1000);
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether a call may go through. What may must be told by {@link succeeded}, {@link failed} or {@link abandoned}. */
  ask(now: number): Passage {
    if (this.#state === "closed") return "pass";
    if (this.#state === "open") {
      if (now - this.#openedAt < this.#settings.openSeconds * 1000) return "refuse";
      this.#state = "trial";
      this.#trials = 0;
      this.#passed = 0;
    }
    if (this.#trials >= this.#settings.trialRequests) {
      if (now - this.#triedAt < this.#settings.openSeconds * 1000) return "refuse";
      // Trials that never end would have the model left alone for ever.
      this.#trials = this.#passed;
    }
    this.#triedAt = now;
    this.#trials += 1;
    return "trial";
  }

  succeeded(passage: Passage, now: number): void {
    if (this.#state === "closed") this.#counts.add(false, now);
    else if (passage === "trial" && this.#state === "trial") {
      this.#passed += 1;
      if (this.#passed < this.#settings.trialRequests) return;
      this.#state = "closed";
      this.#counts.clear();
    }
  }

  failed(passage: Passage, now: number): void {
    if (this.#state === "trial" && passage === "trial") this.#open(now);
    if (this.#state !== "closed") return;
    this.#counts.add(true, now);
    const { total, failures } = this.#counts.read(now);
    if (total >= this.#settings.minimumRequests && failures >= total * this.#settings.failureRate)
      this.#open(now);
  }

  /** A call that says nothing of the model, such as one that was wrong itself. */
  abandoned(passage: Passage): void {
    if (passage === "trial" && this.#state === "trial") this.#trials -= 1;
  }

  /** Seconds until calls are tried again. */
  retryAfter(now: number): number {
    return Math.max(1, this.#settings.openSeconds - (now - this.#openedAt) / 1000);
  }

  #open(now: number): void {
    this.#state = "open";
    this.#openedAt = now;
    this.opened += 1;
  }
}

/**
 * Whether an error is the model's failure rather than the caller's or a refusal before the model. A deadline that passed in a
 * queue is none: too many callers must not have a model that is well left alone or rolled back.
 */
export function isModelFailure(error: unknown): boolean {
  if (!(error instanceof ServingError)) return true;
  if (error.isBeforeModel) return false;
  return error.kind === "internal" || error.kind === "unavailable" || error.kind === "deadline";
}
