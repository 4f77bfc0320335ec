/**
 * @file The compiled kernels (`kernels/*.as.ts`) and the memory that they work in.
 *
 * All addresses are of bytes. They are single-threaded WebAssembly without relaxed instructions, so the same input gives
 * the same bits on every machine.
 */
import { readFileSync } from "node:fs";
import { reserveMemory } from "../graph/optimizers/kernels.ts";

type Pointer = number;

/** The exports of the module; what each computes stands with its source. */
export interface LinearKernels {
  widen(from: Pointer, to: Pointer, count: number): void;
  margins(rows: Pointer, count: number, width: number, coefficients: Pointer, out: Pointer): void;
  addSlopes(rows: Pointer, count: number, width: number, slopes: Pointer, gradient: Pointer): void;
  pack(rows: Pointer, count: number, width: number, stride: number, shift: Pointer, to: Pointer): void;
  addProducts(rows: Pointer, count: number, stride: number, weights: Pointer, products: Pointer): void;
}

/** A build of the library without its compiled kernels. */
export class LinearKernelsError extends Error {
  override readonly name = "LinearKernelsError";
}

const pageBytes = 65_536;

let compiled: WebAssembly.Module | undefined;

/** A memory of the kernels, out of which arrays are cut one after the other. */
export class KernelArrays {
  readonly kernels: LinearKernels;
  readonly #buffer: ArrayBuffer;
  #used = 0;

  /**
   * @param numbers how many float64 numbers all arrays together have, each array's rounded up to an even number
   * @throws {@link LinearKernelsError} where the compiled module is missing or cannot be read
   */
  constructor(numbers: number) {
    const memory = reserveMemory(Math.ceil((numbers * 8) / pageBytes));
    compiled ??= load();
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    // SAFETY: the module is built with this file, from sources whose exports have these parameters.
    this.kernels = exports as unknown as LinearKernels;
    this.#buffer = memory.buffer;
  }

  /** The next array; its `byteOffset` is its address. */
  take(length: number): Float64Array<ArrayBuffer> {
    const array = new Float64Array(this.#buffer, this.#used, length);
    this.#used += (length + (length % 2)) * 8;
    return array;
  }
}

function load(): WebAssembly.Module {
  const file = new URL("./kernels.wasm", import.meta.url);
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (cause) {
    throw new LinearKernelsError(
      "the linear models' compiled kernels cannot be read: install tenon again, or `npm run build` where it is a checkout",
      { cause },
    );
  }
}
