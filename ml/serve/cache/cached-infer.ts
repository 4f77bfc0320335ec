/**
 * @file Answers that were given before. Only models whose answer depends on nothing but the call may have a cache. A cache that
 * is shared and fails or is slow is as good as empty.
 */
import type { CallContext, Infer, InferenceRequest, InferenceResponse } from "../inference.ts";
import { addressed } from "../addressed-request.ts";
import { AnswerStore } from "./answer-store.ts";
import { answerText, parseAnswer } from "./answer-text.ts";
import { contentKey, portableKey } from "./content-key.ts";

/** A cache that several processes share. */
export interface SharedCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, milliseconds: number): Promise<void>;
  /** Removes all keys that begin so. */
  removeAll(prefix: string): Promise<void>;
  close(): Promise<void>;
}

/** The version that answers a call now, and what stands for its loaded state: another object after it was loaded again. */
export interface ResolvedVersion {
  readonly version: string;
  /** Tells packages apart that had one version after the other, in all processes. */
  readonly packageId?: string | undefined;
  readonly loaded: object;
}

/** How answers are kept. */
export interface CacheOptions {
  /** Seconds for which an answer is fresh, undefined for a model without a cache. */
  readonly ttlSeconds: (model: string) => number | undefined;
  /** Memory for answers; 64 MiB where absent. */
  readonly maxBytes?: number | undefined;
  /** Undefined for what is no model, or no version of it. */
  readonly resolve: (model: string, version: string | undefined) => ResolvedVersion | undefined;
  readonly shared?: SharedCache | undefined;
}

/** What was found and not found. */
export interface CacheCounts {
  hits: number;
  misses: number;
}

/** In how many milliseconds a shared cache must answer. */
const sharedTime = 100;

/** Answers of models, by content. */
export class PredictionCache {
  readonly #options: CacheOptions;
  readonly #store: AnswerStore;
  readonly #numbers = new WeakMap<object, number>();
  readonly #counts = new Map<string, CacheCounts>();
  #loads = 0;
  /** Times that the shared cache failed or was late. */
  sharedFailures = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#store = new AnswerStore(options.maxBytes ?? 2 ** 26);
  }

  /** About how much memory the answers take. */
  get bytes(): number {
    return this.#store.bytes;
  }

  /** Answers that went because of the bound. */
  get evictions(): number {
    return this.#store.evictions;
  }

  /** Hits and misses by model. */
  get counts(): ReadonlyMap<string, CacheCounts> {
    return this.#counts;
  }

  /** An {@link Infer} that gives what `next` gave before, as long as it is fresh. */
  wrap(next: Infer): Infer {
    return (request, context) => {
      const ttl = this.#options.ttlSeconds(request.model);
      const found = ttl === undefined ? undefined : this.#options.resolve(request.model, request.version);
      // An answer in parts is read once.
      if (ttl === undefined || !found || request.isStream) return next(request, context);
      const key = this.#keyOf(request, found);
      const kept = this.#store.get(key);
      const counts = this.#countsOf(request.model);
      if (kept && kept.until > performance.now()) {
        counts.hits += 1;
        return request.id === undefined ? kept.response : { ...kept.response, id: request.id };
      }
      counts.misses += 1;
      const { version, packageId } = found;
      const call = { key, ttl, request: addressed(request, request.model, version), packageId, context };
      if (this.#options.shared) return this.#askShared(next, this.#options.shared, call);
      const answer = next(call.request, context);
      return answer instanceof Promise
        ? answer.then((response) => this.#keep(call, response))
        : this.#keep(call, answer);
    };
  }

  /** The last answer to the same content, fresh or not; undefined where there is none. */
  readonly lastAnswer = (request: InferenceRequest): InferenceResponse | undefined => {
    const found = this.#options.resolve(request.model, request.version);
    return found && this.#store.get(this.#keyOf(request, found))?.response;
  };

  /** Forgets the answers of a model, or of one of its versions, here and where they are shared. Returns how many it had here. */
  async invalidate(model: string, version?: string): Promise<number> {
    const removed = this.#store.invalidate(model, version);
    await this.#options.shared?.removeAll(sharedPrefix(model, version));
    return removed;
  }

  async #askShared(next: Infer, shared: SharedCache, call: KeptCall): Promise<InferenceResponse> {
    const { request, packageId, context, ttl } = call;
    const key = sharedPrefix(request.model, request.version) + portableKey(request, packageId);
    const text = await this.#inTime(shared.get(key));
    if (text !== undefined) {
      try {
        const response = parseAnswer(text);
        this.#store.put(call.key, response, performance.now() + ttl * 1000);
        return { ...response, id: request.id };
      } catch {
        this.sharedFailures += 1;
      }
    }
    const response = await next(request, context);
    // Nobody waits for it: the next one who asks may find it or not.
    void this.#inTime(shared.set(key, answerText(response), ttl * 1000));
    return this.#keep(call, response);
  }

  #inTime<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.sharedFailures += 1;
        resolve(undefined);
      }, sharedTime);
      promise.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        () => {
          clearTimeout(timer);
          this.sharedFailures += 1;
          resolve(undefined);
        },
      );
    });
  }

  #keep({ key, ttl }: KeptCall, response: InferenceResponse): InferenceResponse {
    this.#store.put(key, response, performance.now() + ttl * 1000);
    return response;
  }

  #keyOf(request: InferenceRequest, { loaded }: ResolvedVersion): string {
    let number = this.#numbers.get(loaded);
    if (number === undefined) this.#numbers.set(loaded, (number = this.#loads++));
    return `${number}/${contentKey(request)}`;
  }

  #countsOf(model: string): CacheCounts {
    let counts = this.#counts.get(model);
    if (!counts) this.#counts.set(model, (counts = { hits: 0, misses: 0 }));
    return counts;
  }
}

interface KeptCall {
  readonly key: string;
  readonly ttl: number;
  readonly request: InferenceRequest;
  readonly packageId: string | undefined;
  readonly context: CallContext;
}

function sharedPrefix(model: string, version: string | undefined): string {
  const beginning = `tenon:answers:${encodeURIComponent(model)}:`;
  return version === undefined ? beginning : `${beginning}${encodeURIComponent(version)}:`;
}
