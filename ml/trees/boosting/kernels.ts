/**
 * @file The compiled kernels (`kernels/*.as.ts`) bound to a memory. They are WebAssembly without relaxed instructions, so
 * the same input gives the same bits on every machine.
 */
import { readFileSync } from "node:fs";
import { BoostingKernelsError } from "./errors.ts";

/** A place in the memory, in bytes; 0 stands for none. */
export type Pointer = number;

/** The exports of the module; what each computes stands with its source. */
export interface Kernels {
  orderedKeys(values: Pointer, count: number): void;
  sortKeys(keys: Pointer, count: number, spare: Pointer, counts: Pointer): Pointer;
  sortKeysWithRows(keys: Pointer, count: number, spare: Pointer, counts: Pointer, offset: number): Pointer;
  cutsOf(keys: Pointer, count: number, weights: Pointer, bins: number, cuts: Pointer): number;
  binRows(
    block: Pointer,
    rows: number,
    width: number,
    columns: Pointer,
    features: number,
    cuts: Pointer,
    rowBins: Pointer,
    stride: number,
    columnBins: Pointer,
    columnStride: number,
  ): void;
  histogram(
    bins: Pointer,
    stride: number,
    width: number,
    rows: Pointer,
    count: number,
    pairs: Pointer,
    sums: Pointer,
    scratch: Pointer,
  ): void;
  clear(sums: Pointer, bytes: number): void;
  subtract(sums: Pointer, others: Pointer, bytes: number): void;
  addHistogram(sums: Pointer, others: Pointer, bytes: number): void;
  numberRows(rows: Pointer, first: number, count: number): void;
  divide(column: Pointer, table: Pointer, rows: Pointer, count: number, spare: Pointer): number;
  copyRows(to: Pointer, from: Pointer, count: number): void;
  addToRows(values: Pointer, rows: Pointer, count: number, value: number): void;
  addTree(
    nodes: Pointer,
    tables: Pointer,
    bins: Pointer,
    stride: number,
    count: number,
    values: Pointer,
  ): void;
  bestSplit(
    sums: Pointer,
    features: Pointer,
    count: number,
    about: Pointer,
    gradient: number,
    second: number,
    lambda: number,
    minChildWeight: number,
    floor: number,
    out: Pointer,
  ): void;
  bestBoundedSplit(
    sums: Pointer,
    features: Pointer,
    count: number,
    about: Pointer,
    gradient: number,
    second: number,
    lambda: number,
    minChildWeight: number,
    floor: number,
    out: Pointer,
    alpha: number,
    low: number,
    high: number,
  ): void;
  squaredErrorPairs(scores: Pointer, targets: Pointer, weights: Pointer, count: number, pairs: Pointer): void;
  logisticPairs(scores: Pointer, targets: Pointer, weights: Pointer, count: number, pairs: Pointer): void;
  poissonPairs(
    scores: Pointer,
    targets: Pointer,
    weights: Pointer,
    count: number,
    pairs: Pointer,
    raise: number,
  ): void;
  quantilePairs(
    scores: Pointer,
    targets: Pointer,
    weights: Pointer,
    count: number,
    pairs: Pointer,
    alpha: number,
  ): void;
  softmaxPairs(
    scores: Pointer,
    targets: Pointer,
    weights: Pointer,
    count: number,
    pairs: Pointer,
    classes: number,
    scoreBytes: number,
    pairBytes: number,
  ): void;
  roundPairs(pairs: Pointer, count: number, bits: number): number;
}

let compiled: WebAssembly.Module | undefined;

/** A WebAssembly memory that threads share, as far as others than the kernels use it. */
export interface SharedMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

/** A new memory that may grow to all that there can be, 4 GiB. */
export function newSharedMemory(): SharedMemory {
  return new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true });
}

/**
 * The kernels on a memory that {@link newSharedMemory} gave, in this thread or another.
 * @throws {@link BoostingKernelsError} when the compiled module is missing or cannot be read
 */
export function bindKernels(memory: SharedMemory): Kernels {
  compiled ??= load();
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  // SAFETY: the module is built with this file, from sources whose exports have these parameters.
  return exports as unknown as Kernels;
}

function load(): WebAssembly.Module {
  const file = new URL("./kernels.wasm", import.meta.url);
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (cause) {
    throw new BoostingKernelsError(
      "the compiled kernels of gradient boosting cannot be read: install tenon again, or `npm run build` where it is a checkout",
      { cause },
    );
  }
}
