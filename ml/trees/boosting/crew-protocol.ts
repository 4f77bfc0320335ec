/**
 * @file How a training's threads are told what to do: through an array in the memory that they share.
 *
 * Its first words are the number of the job, how many threads are still at it, whether one failed, how many of them sleep, and
 * whether the one that calls them does: waking costs more than many kernels, so only who sleeps is woken. Behind them each
 * thread has a place: which kernel, how many arguments, the result, the arguments.
 */
import type { Kernels, Pointer, SharedMemory } from "./kernels.ts";

/** What a thread is started with. */
export interface CrewMember {
  readonly memory: SharedMemory;
  readonly control: Pointer;
  readonly thread: number;
}

export const jobWord = 0;
export const pendingWord = 1;
export const failedWord = 2;
export const sleepersWord = 3;
export const callerSleepsWord = 4;
export const wordCount = 5;
const headBytes = 64;
const placeBytes = 256;
const mostArguments = 24;
/** The kernel's number that ends a thread. */
export const stopKernel = -1;

/** Bytes of the array for so many threads. */
export const controlBytes = (threads: number): number => headBytes + placeBytes * threads;

/** Views of a thread's place. */
export interface CrewPlace {
  /** The kernel's number and how many arguments it gets. */
  readonly head: Int32Array;
  readonly result: Float64Array;
  readonly values: Float64Array;
}

/** The place of a thread. */
export function crewPlace(buffer: ArrayBufferLike, control: Pointer, thread: number): CrewPlace {
  const start = control + headBytes + placeBytes * thread;
  return {
    head: new Int32Array(buffer, start, 2),
    result: new Float64Array(buffer, start + 8, 1),
    values: new Float64Array(buffer, start + 16, mostArguments),
  };
}

/** The kernels in the order of their numbers. */
export function numberedKernels(kernels: Kernels): readonly (keyof Kernels)[] {
  // SAFETY: the module exports kernels only.
  return (Object.keys(kernels) as (keyof Kernels)[]).sort();
}

/** Calls a kernel by its number with the arguments of a place. */
export function runPlace(kernels: Kernels, names: readonly (keyof Kernels)[], place: CrewPlace): void {
  const name = names[place.head[0] ?? 0];
  if (name === undefined) throw new RangeError(`there is no kernel ${place.head[0]}`);
  // SAFETY: who wrote the place had the kernel's parameters.
  const kernel = kernels[name] as (...values: number[]) => number | undefined;
  place.result[0] = kernel(...place.values.subarray(0, place.head[1])) ?? 0;
}
