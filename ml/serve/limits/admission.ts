/**
 * @file How many calls of a model run and wait at a time. What is over is refused at once, while it is cheap; what waits is
 * refused when its deadline passes or its caller has gone. A running call keeps its place until the model is done with it,
 * also when its caller was refused in the meantime, so that the bound holds for the work and not only for the answers.
 */
import { requireCount, requireIndex } from "../../settings.ts";
import {
  type CallContext,
  type Infer,
  type InferenceRequest,
  type InferenceResponse,
  ServingError,
} from "../inference.ts";
import { PriorityQueue } from "./priority-queue.ts";

/** The bounds of a model. */
export interface AdmissionSettings {
  /** Calls that run at a time. */
  readonly maxConcurrency: number;
  /** Calls that wait at a time. */
  readonly maxQueue: number;
}

interface Waiting {
  readonly start: () => void;
  isGone: boolean;
  hasPlace: boolean;
}

/** Lets calls of one model through, has them wait, or refuses them. */
export class Admission {
  readonly #next: Infer;
  readonly #settings: AdmissionSettings;
  readonly #waiting = new PriorityQueue<Waiting>();
  #running = 0;
  #queued = 0;
  #meanTime = 10;
  /** Calls that found the queue full. */
  refused = 0;
  /** Calls whose deadline passed before their answer. */
  expired = 0;

  /** @throws {InvalidInputError} for bounds that are no counts */
  constructor(next: Infer, settings: AdmissionSettings) {
    requireCount("maxConcurrency", settings.maxConcurrency);
    requireIndex("maxQueue", settings.maxQueue);
    this.#next = next;
    this.#settings = settings;
  }

  /** Calls that run. */
  get running(): number {
    return this.#running;
  }

  /** Calls that wait. */
  get queued(): number {
    return this.#queued;
  }

  /** Calls that are held: those that wait, and some that have gone. */
  get held(): number {
    return this.#waiting.length;
  }

  readonly infer: Infer = (request, context) => {
    if (context.deadline !== Infinity && performance.now() >= context.deadline) throw this.#tooLate();
    // A signal is made where it is asked for, which costs more than many a model: calls that wait for nothing don't.
    if (this.#running < this.#settings.maxConcurrency) return this.#start(request, context);
    if (context.signal?.aborted) throw gone();
    if (this.#queued >= this.#settings.maxQueue) {
      this.refused += 1;
      throw new ServingError("overloaded", `too many requests wait for ${request.model}`, {
        retryAfter: this.#patience(),
      });
    }
    return this.#enqueue(request, context);
  };

  #start(request: InferenceRequest, context: CallContext): InferenceResponse | Promise<InferenceResponse> {
    this.#running += 1;
    let answer: InferenceResponse | Promise<InferenceResponse>;
    try {
      answer = this.#next(request, context);
    } catch (error) {
      this.#running -= 1;
      throw error;
    }
    if (!(answer instanceof Promise)) {
      this.#running -= 1;
      return answer;
    }
    const begun = performance.now();
    const release = (): void => {
      this.#meanTime += (performance.now() - begun - this.#meanTime) / 16;
      this.#running -= 1;
      this.#startWaiting();
    };
    // Only what is told here is awaited here: the answer's failure is the caller's.
    void answer.then(release, release);
    // Whether the caller has gone isn't asked of a call that runs: to ask costs more than many a model.
    return context.deadline === Infinity ? answer : this.#untilRefused(answer, context.deadline, undefined);
  }

  async #enqueue(request: InferenceRequest, context: CallContext): Promise<InferenceResponse> {
    this.#queued += 1;
    let begin: () => void = () => {};
    const turn = new Promise<void>((resolve) => (begin = resolve));
    const waiting: Waiting = { start: begin, isGone: false, hasPlace: false };
    // Those that have gone, whose requests are held with them, are let go of when they are most of what waits.
    if (this.#waiting.length > 64 + 2 * this.#queued) this.#waiting.keep(({ isGone }) => !isGone);
    this.#waiting.push(waiting, context.priority);
    try {
      await this.#untilRefused(turn, context.deadline, context.signal);
    } catch (error) {
      waiting.isGone = true;
      this.#leave(waiting);
      throw error;
    } finally {
      this.#queued -= 1;
    }
    this.#leave(waiting, false);
    try {
      return await this.#start(request, context);
    } finally {
      this.#startWaiting();
    }
  }

  #startWaiting(): void {
    while (this.#running < this.#settings.maxConcurrency) {
      const first = this.#waiting.shift();
      if (!first) return;
      if (first.isGone) continue;
      // The place is taken now, not when the promise is heard, or another call would take it too.
      this.#running += 1;
      first.hasPlace = true;
      first.start();
    }
  }

  #leave(waiting: Waiting, callsNext = true): void {
    if (!waiting.hasPlace) return;
    waiting.hasPlace = false;
    this.#running -= 1;
    if (callsNext) this.#startWaiting();
  }

  /** What a promise gives, unless the deadline passes or the caller goes before. */
  #untilRefused<T>(promise: Promise<T>, deadline: number, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        leave();
        reject(gone());
      };
      const timer =
        deadline === Infinity
          ? undefined
          : setTimeout(
              () => {
                leave();
                reject(this.#tooLate());
              },
              Math.min(2 ** 31 - 1, Math.max(0, deadline - performance.now())),
            );
      signal?.addEventListener("abort", abort, { once: true });
      promise.then(
        (value) => {
          leave();
          resolve(value);
        },
        (error: unknown) => {
          leave();
          reject(error instanceof Error ? error : new Error("the model failed", { cause: error }));
        },
      );
    });
  }

  #tooLate(): ServingError {
    this.expired += 1;
    return new ServingError("deadline", "the deadline passed before the answer was there");
  }

  /** Seconds in which what waits now will be done. */
  #patience(): number {
    return Math.max(1, ((this.#queued + 1) * this.#meanTime) / this.#settings.maxConcurrency / 1000);
  }
}

function gone(): ServingError {
  return new ServingError("cancelled", "the caller has gone");
}

/**
 * An {@link Infer} with an {@link Admission} for each model. `settings` are asked once a model and are undefined for what is no
 * model: a name that a caller made up must leave nothing behind.
 */
export function admittedInfer(
  next: Infer,
  settings: (model: string) => AdmissionSettings | undefined,
): { readonly infer: Infer; readonly admissions: ReadonlyMap<string, Admission> } {
  const admissions = new Map<string, Admission>();
  const infer: Infer = (request, context) => {
    let admission = admissions.get(request.model);
    if (!admission) {
      const found = settings(request.model);
      if (!found) return next(request, context);
      admissions.set(request.model, (admission = new Admission(next, found)));
    }
    return admission.infer(request, context);
  };
  return { infer, admissions };
}
