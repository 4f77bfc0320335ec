/**
 * @file The one memory of a training: arrays follow each other, each at a multiple of 64 bytes, and are freed in the
 * reverse order. Nothing is cleared; what was never used is zero.
 */
import { InvalidInputError } from "../../errors.ts";
import { bindKernels, newSharedMemory, type Kernels, type Pointer, type SharedMemory } from "./kernels.ts";

const pageBytes = 65_536;
const mostPages = 65_536;
/** Kernels read a little beyond a row's end. */
const slackBytes = 256;

/** Reserves arrays in a memory and looks at them. A view is valid as long as its array. */
export class TrainingMemory {
  readonly shared: SharedMemory = newSharedMemory();
  readonly kernels: Kernels = bindKernels(this.shared);
  // Asking a memory for its buffer costs a call into the engine.
  #buffer = this.shared.buffer;
  // Address 0 stands for none.
  #next = 1024;

  /**
   * Reserves so many bytes.
   * @throws {@link InvalidInputError} when a memory has no room for them, or the machine
   */
  reserve(bytes: number): Pointer {
    const pointer = this.#next;
    const end = pointer + Math.ceil(bytes / 64) * 64;
    const pages = Math.ceil((end + slackBytes) / pageBytes);
    if (pages > mostPages)
      throw new InvalidInputError(
        `the training needs ${(end / 2 ** 30).toFixed(1)} GiB, and a WebAssembly memory has 4: fewer rows, columns or classes fit`,
      );
    const missing = pages - this.#buffer.byteLength / pageBytes;
    if (missing > 0) this.#grow(missing);
    this.#next = end;
    return pointer;
  }

  /** Frees an array and all that were reserved after it. */
  release(pointer: Pointer): void {
    this.#next = pointer;
  }

  bytes(pointer: Pointer, count: number): Uint8Array {
    return new Uint8Array(this.#buffer, pointer, count);
  }

  uint32(pointer: Pointer, count: number): Uint32Array {
    return new Uint32Array(this.#buffer, pointer, count);
  }

  float32(pointer: Pointer, count: number): Float32Array {
    return new Float32Array(this.#buffer, pointer, count);
  }

  float64(pointer: Pointer, count: number): Float64Array {
    return new Float64Array(this.#buffer, pointer, count);
  }

  #grow(pages: number): void {
    try {
      this.shared.grow(pages);
      this.#buffer = this.shared.buffer;
    } catch (cause) {
      throw new InvalidInputError(`there is no memory for ${pages * pageBytes} more bytes of a training`, {
        cause,
      });
    }
  }
}
