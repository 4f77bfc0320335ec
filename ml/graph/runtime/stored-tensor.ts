/** @file A tensor that the runtime's thread keeps, so that state stays on the device between steps. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { bytesPerElement } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { elementCount } from "../shape.ts";
import type { ValueType } from "../value.ts";
import type { Runtime } from "./runtime.ts";
import { noteInScope } from "./scope.ts";
import type { TensorData } from "./tensor-data.ts";

interface Kept {
  readonly runtime: Runtime;
  readonly number: number;
  readonly bytes: number;
}

// Memory that nobody freed is freed when the tensor is garbage: late, but without a leak.
const forgotten = new FinalizationRegistry<Kept>(free);

const collectAt = 256 * 2 ** 20;
let keptBytes = 0;
let nextCollection = collectAt;
let collectGarbage: (() => void) | undefined;

function free({ runtime, number, bytes }: Kept): void {
  keptBytes -= bytes;
  nextCollection = Math.min(nextCollection, Math.max(collectAt, 2 * keptBytes));
  runtime.free([number]);
}

/**
 * The garbage collector does not see memory outside its heap, and would let tensors that nobody uses pile up: it is
 * called when what is kept has doubled.
 */
function keep(bytes: number): void {
  keptBytes += bytes;
  if (keptBytes < nextCollection) return;
  nextCollection = 2 * keptBytes;
  if (!collectGarbage) {
    setFlagsFromString("--expose-gc");
    // SAFETY: the flag puts V8's function there.
    collectGarbage = runInNewContext("gc") as () => void;
  }
  collectGarbage();
}

/** A tensor in the thread of a runtime. */
export class StoredTensor implements Disposable {
  readonly runtime: Runtime;
  readonly #kept: Kept;
  #freed = false;

  constructor(runtime: Runtime, number: number, { dtype, shape }: ValueType) {
    this.runtime = runtime;
    this.#kept = { runtime, number, bytes: (elementCount(shape) ?? 0) * bytesPerElement[dtype] };
    forgotten.register(this, this.#kept, this);
    noteInScope(this);
    keep(this.#kept.bytes);
  }

  /** The number under which the thread keeps it. Throws {@link RuntimeError} after it was freed. */
  get number(): number {
    if (this.#freed) throw new RuntimeError("a tensor was used after it was freed");
    return this.#kept.number;
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
    free(this.#kept);
  }
}
