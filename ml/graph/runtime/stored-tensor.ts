/** @file A tensor that the runtime's thread keeps, so that state stays on the device between steps. */
import { RuntimeError } from "../errors.ts";
import type { Runtime } from "./runtime.ts";
import type { TensorData } from "./tensor-data.ts";

// Memory that nobody freed is freed when the tensor is garbage: late, but without a leak.
const forgotten = new FinalizationRegistry<{ readonly runtime: Runtime; readonly number: number }>(
  ({ runtime, number }) => runtime.free([number]),
);

/** A tensor in the thread of a runtime. */
export class StoredTensor implements Disposable {
  readonly runtime: Runtime;
  readonly #number: number;
  #freed = false;

  constructor(runtime: Runtime, number: number) {
    this.runtime = runtime;
    this.#number = number;
    forgotten.register(this, { runtime, number }, this);
  }

  /** The number under which the thread keeps it. Throws {@link RuntimeError} after it was freed. */
  get number(): number {
    if (this.#freed) throw new RuntimeError("a tensor was used after it was freed");
    return this.#number;
  }

  /** Its elements. */
  async read(): Promise<TensorData> {
    return this.runtime.fetch(this.number);
  }

  /** Frees its memory. */
  [Symbol.dispose](): void {
    if (this.#freed) return;
    this.#freed = true;
    forgotten.unregister(this);
    this.runtime.free([this.#number]);
  }
}
