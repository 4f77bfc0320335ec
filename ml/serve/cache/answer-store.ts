/**
 * @file Answers by key, within a bound of memory: what was not asked for the longest time goes first. Answers past their time are
 * kept until then, for those who would rather have an old one than none.
 */
import { requirePositive } from "../../settings.ts";
import type { InferenceResponse, TensorElements } from "../inference.ts";

/** An answer that is kept; its elements are the store's own. */
export interface KeptAnswer {
  readonly response: InferenceResponse;
  /** When it is no longer fresh, in milliseconds of `performance.now()`. */
  readonly until: number;
  readonly bytes: number;
}

/** What an entry takes beside its elements and key. */
const overhead = 400;

/** Answers of all models. */
export class AnswerStore {
  readonly #answers = new Map<string, KeptAnswer>();
  readonly #maxBytes: number;
  #bytes = 0;
  /** Answers that went because of the bound. */
  evictions = 0;

  /** @throws {InvalidInputError} for a bound that isn't above 0 */
  constructor(maxBytes: number) {
    requirePositive("maxBytes", maxBytes);
    this.#maxBytes = maxBytes;
  }

  /** About how much memory the answers take. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#answers.size;
  }

  /** The answer of a key, fresh or not; it is the last to go from then on. */
  get(key: string): KeptAnswer | undefined {
    const found = this.#answers.get(key);
    if (!found) return undefined;
    this.#answers.delete(key);
    this.#answers.set(key, found);
    return found;
  }

  /** Keeps a copy of an answer, unless it is larger than a sixteenth of the bound. */
  put(key: string, response: InferenceResponse, until: number): void {
    this.delete(key);
    const copy = copyOf(response);
    const bytes = overhead + 2 * key.length + bytesOf(copy);
    if (bytes > this.#maxBytes / 16) return;
    this.#answers.set(key, { response: copy, until, bytes });
    this.#bytes += bytes;
    while (this.#bytes > this.#maxBytes) {
      const { value } = this.#answers.keys().next();
      if (value === undefined) return;
      this.delete(value);
      this.evictions += 1;
    }
  }

  delete(key: string): void {
    const found = this.#answers.get(key);
    if (!found) return;
    this.#answers.delete(key);
    this.#bytes -= found.bytes;
  }

  /** Removes the answers that a model, or a version of it, gave. Returns how many. */
  invalidate(model: string, version: string | undefined): number {
    let removed = 0;
    for (const [key, { response }] of this.#answers)
      if (response.model === model && (version === undefined || response.version === version)) {
        this.delete(key);
        removed += 1;
      }
    return removed;
  }
}

/** Engines may use the memory of their outputs again. */
function copyOf(response: InferenceResponse): InferenceResponse {
  // For whoever gets it from here nothing is computed.
  const { computeTime: _, ...rest } = response;
  return {
    ...rest,
    id: undefined,
    outputs: response.outputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape: [...shape],
      data: data.slice() as TensorElements,
    })),
  };
}

function bytesOf({ outputs }: InferenceResponse): number {
  let bytes = 0;
  for (const { data } of outputs)
    if (ArrayBuffer.isView(data)) bytes += data.byteLength + 200;
    else for (const text of data) bytes += 2 * text.length + 24;
  return bytes;
}
