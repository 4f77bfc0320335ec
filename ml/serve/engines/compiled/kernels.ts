/** @file The compiled kernels (`kernels/*.as.ts`) and a memory of theirs, out of which arrays are cut. Addresses are bytes. */
import { readFileSync } from "node:fs";

type Address = number;

/** The exports of the module; what each computes stands with its source. */
export interface DenseKernels {
  dense(
    from: Address,
    rows: number,
    inputs: number,
    inStride: number,
    weights: Address,
    bias: Address,
    outStride: number,
    out: Address,
    relu: boolean,
  ): void;
}

const pageBytes = 65_536;

let compiled: WebAssembly.Module | undefined;

/** A memory of so many numbers of float32, with the kernels on it. */
export class KernelMemory {
  readonly kernels: DenseKernels;
  readonly #buffer: ArrayBuffer;
  #used = 0;

  /** Throws the engine's RangeError where there is no such memory. */
  constructor(numbers: number) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL("./kernels.wasm", import.meta.url)));
    const pages = Math.max(1, Math.ceil((numbers * 4) / pageBytes));
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    // SAFETY: the module is built with this file, from sources whose exports have these parameters.
    this.kernels = exports as unknown as DenseKernels;
    this.#buffer = memory.buffer;
  }

  /** The next array, whose length is a multiple of 4; its `byteOffset` is its address. */
  take(length: number): Float32Array<ArrayBuffer> {
    const array = new Float32Array(this.#buffer, this.#used, length);
    this.#used += length * 4;
    return array;
  }
}
