/**
 * @file The compiled kernels (`kernels/*.as.ts`) and the memory that each user of them has.
 *
 * All addresses are of bytes. They are single-threaded WebAssembly without relaxed instructions, so the same input gives
 * the same bits on every machine.
 */
import { readFileSync } from "node:fs";
import { InvalidInputError } from "../errors.ts";

type Pointer = number;

type PairKernel = (
  queries: Pointer,
  count: number,
  panels: Pointer,
  panelCount: number,
  width: number,
  out: Pointer,
  stride: number,
) => void;

type NearKernel = (
  queries: Pointer,
  count: number,
  panels: Pointer,
  starts: Pointer,
  panelCount: number,
  width: number,
  limits: Pointer,
  first: number,
  lists: Pointer,
  capacity: number,
  lengths: Pointer,
) => void;

/** The exports of the module; what each computes stands with its source. */
export interface DistanceKernels {
  readonly products: PairKernel;
  readonly squaredDistances: PairKernel;
  readonly absoluteDistances: PairKernel;
  readonly nearProducts: NearKernel;
  readonly nearAbsolutes: NearKernel;
  nearestTwo(
    results: Pointer,
    queries: number,
    stride: number,
    count: number,
    places: Pointer,
    smallest: Pointer,
  ): void;
}

/** The compiled kernels are missing or damaged. */
export class DistanceKernelsError extends Error {
  override readonly name = "DistanceKernelsError";
}

const pageBytes = 65_536;
const mostPages = 65_535;
const alignment = 16;
let compiled: WebAssembly.Module | undefined;

/** A memory of the kernels, out of which arrays are cut one after the other. */
export class KernelMemory {
  readonly kernels: DistanceKernels;
  readonly #buffer: ArrayBuffer;
  #used = 0;

  /**
   * @param bytes of all arrays together, each rounded up to a multiple of 16
   * @throws {@link InvalidInputError} for more than 4 GiB
   * @throws {@link DistanceKernelsError} when the compiled module is missing or cannot be read
   */
  constructor(bytes: readonly number[]) {
    const all = bytes.reduce((sum, each) => sum + Math.ceil(each / alignment) * alignment, 0);
    const pages = Math.ceil(all / pageBytes);
    if (pages > mostPages)
      throw new InvalidInputError(`these rows need ${Math.ceil(all / 2 ** 30)} GiB, of which 4 can be had`);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    compiled ??= load();
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    // SAFETY: the module is built with this file, from sources whose exports have these parameters.
    this.kernels = exports as unknown as DistanceKernels;
    this.#buffer = memory.buffer;
  }

  /** The next array. Its `byteOffset` is its address. */
  doubles(length: number): Float64Array {
    return new Float64Array(this.#buffer, this.#take(length * 8), length);
  }

  /** The next array. Its `byteOffset` is its address. */
  floats(length: number): Float32Array {
    return new Float32Array(this.#buffer, this.#take(length * 4), length);
  }

  /** The next array. Its `byteOffset` is its address. */
  integers(length: number): Int32Array {
    return new Int32Array(this.#buffer, this.#take(length * 4), length);
  }

  #take(bytes: number): number {
    const start = this.#used;
    this.#used += Math.ceil(bytes / alignment) * alignment;
    return start;
  }
}

function load(): WebAssembly.Module {
  const file = new URL("./kernels.wasm", import.meta.url);
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (cause) {
    throw new DistanceKernelsError(
      "the compiled kernels of distances cannot be read: install tenon again, or `npm run build` where it is a checkout",
      { cause },
    );
  }
}
