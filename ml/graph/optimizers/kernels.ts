/**
 * @file The compiled kernels (`kernels/*.as.ts`) bound to a memory.
 *
 * All take byte addresses and a length in bytes, multiples of 64. They are single-threaded WebAssembly without relaxed
 * instructions, so the same input gives the same bits on every machine.
 */
import { readFileSync } from "node:fs";
import { OptimizerKernelsError } from "./errors.ts";

type Pointer = number;

/** The exports of the module; what each computes stands with its source. Numbers are rounded to float32. */
export interface Kernels {
  sumOfSquares(start: Pointer, bytes: number): number;
  scaleAll(start: Pointer, bytes: number, factor: number): void;
  clampAll(start: Pointer, bytes: number, limit: number): void;
  sgd(parameters: Pointer, gradients: Pointer, bytes: number, rate: number, decay: number): void;
  sgdMomentum(
    parameters: Pointer,
    gradients: Pointer,
    velocities: Pointer,
    bytes: number,
    rate: number,
    decay: number,
    momentum: number,
    gain: number,
    gradientShare: number,
    velocityShare: number,
  ): void;
  adam(
    parameters: Pointer,
    gradients: Pointer,
    means: Pointer,
    squares: Pointer,
    bytes: number,
    rate: number,
    keep: number,
    decay: number,
    beta1: number,
    fresh1: number,
    beta2: number,
    fresh2: number,
    squareScale: number,
    eps: number,
  ): void;
  rmsProp(
    parameters: Pointer,
    gradients: Pointer,
    squares: Pointer,
    means: Pointer,
    velocities: Pointer,
    bytes: number,
    rate: number,
    decay: number,
    alpha: number,
    fresh: number,
    eps: number,
    momentum: number,
    centered: boolean,
  ): void;
  adagrad(
    parameters: Pointer,
    gradients: Pointer,
    squares: Pointer,
    bytes: number,
    rate: number,
    decay: number,
    eps: number,
  ): void;
  lambMoments(
    parameters: Pointer,
    gradients: Pointer,
    means: Pointer,
    squares: Pointer,
    bytes: number,
    decay: number,
    beta1: number,
    fresh1: number,
    beta2: number,
    fresh2: number,
    meanScale: number,
    squareScale: number,
    eps: number,
  ): number;
  lambMove(
    parameters: Pointer,
    means: Pointer,
    squares: Pointer,
    bytes: number,
    rate: number,
    decay: number,
    meanScale: number,
    squareScale: number,
    eps: number,
  ): void;
  lion(
    parameters: Pointer,
    gradients: Pointer,
    means: Pointer,
    bytes: number,
    rate: number,
    keep: number,
    beta1: number,
    fresh1: number,
    beta2: number,
    fresh2: number,
  ): void;
}

/** A WebAssembly memory, as far as others than the kernels use it. */
export interface KernelMemory {
  readonly buffer: ArrayBuffer;
}

let compiled: WebAssembly.Module | undefined;

/** Reserves a memory of so many pages of 64 KiB, filled with zeros. Throws the engine's RangeError where it gets none. */
export function reserveMemory(pages: number): KernelMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

/**
 * The kernels on a memory that {@link reserveMemory} gave.
 * @throws {@link OptimizerKernelsError} when the compiled module is missing or cannot be read
 */
export function bindKernels(memory: KernelMemory): Kernels {
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
    throw new OptimizerKernelsError(
      "the optimizers' compiled kernels cannot be read: install tenon again, or `npm run build` where it is a checkout",
      { cause },
    );
  }
}
