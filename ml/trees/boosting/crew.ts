/**
 * @file The threads of a training: the kernels called several times at once on one memory. With one thread there are no
 * others, and calls follow each other.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { threadArguments } from "../../thread-arguments.ts";
import {
  callerSleepsWord,
  controlBytes,
  crewPlace,
  failedWord,
  jobWord,
  numberedKernels,
  pendingWord,
  sleepersWord,
  stopKernel,
  wordCount,
  type CrewMember,
  type CrewPlace,
} from "./crew-protocol.ts";
import { BoostingKernelsError } from "./errors.ts";
import type { Kernels } from "./kernels.ts";
import type { TrainingMemory } from "./memory.ts";

const isSource = import.meta.url.endsWith(".ts");
const workerUrl = new URL(isSource ? "./crew-from-source.mjs" : "./crew-worker.js", import.meta.url);

/** How often it looks whether the others are ready before it sleeps. */
const looks = 10_000;
/** A thread that takes longer over one call has died. */
const longestCall = 120_000;

/** Calls kernels on several threads; disposing of it ends them. */
export class Crew implements Disposable {
  /** How many calls can be made at once. */
  readonly threads: number;
  readonly #kernels: Kernels;
  readonly #numbers: ReadonlyMap<keyof Kernels, number>;
  readonly #workers: readonly Worker[];
  readonly #words: Int32Array;
  readonly #places: readonly CrewPlace[];

  private constructor(memory: TrainingMemory, control: number, workers: readonly Worker[]) {
    this.threads = workers.length + 1;
    this.#kernels = memory.kernels;
    this.#numbers = new Map(numberedKernels(memory.kernels).map((name, number) => [name, number]));
    this.#workers = workers;
    const { buffer } = memory.shared;
    this.#words = new Int32Array(buffer, control, wordCount);
    this.#places = Array.from({ length: this.threads }, (_, thread) => crewPlace(buffer, control, thread));
  }

  /** Starts so many threads, this one among them. */
  static async start(memory: TrainingMemory, threads: number): Promise<Crew> {
    const control = memory.reserve(controlBytes(threads));
    memory.kernels.clear(control, controlBytes(threads));
    const workers = Array.from({ length: threads - 1 }, (_, at) => {
      const member: CrewMember = { memory: memory.shared, control, thread: at + 1 };
      const worker = new Worker(workerUrl, {
        name: "tenon boosting",
        workerData: member,
        ...threadArguments(),
      });
      return worker;
    });
    try {
      await Promise.all(workers.map(async (worker) => once(worker, "message")));
    } catch (cause) {
      for (const worker of workers) void worker.terminate();
      throw new BoostingKernelsError("a thread of the training did not start", { cause });
    }
    // From here on they don't keep a process alive that has nothing else to do.
    for (const worker of workers) {
      worker.unref();
      // A thread that dies is missed by the next call; without a listener its error would end the process.
      worker.on("error", () => undefined);
    }
    return new Crew(memory, control, workers);
  }

  /** Calls a kernel once with each list of arguments, at most as many as there are threads; gives the results. */
  call<Name extends keyof Kernels>(
    name: Name,
    calls: readonly Readonly<Parameters<Kernels[Name]>>[],
  ): readonly number[] {
    // SAFETY: the lists are the kernel's parameters, and those are numbers.
    const kernel = this.#kernels[name] as (...values: readonly number[]) => number | undefined;
    if (this.threads === 1 || calls.length === 1) return calls.map((values) => kernel(...values) ?? 0);
    const words = this.#words;
    for (const [thread, place] of this.#places.entries()) {
      if (thread === 0) continue;
      const values: readonly number[] | undefined = calls[thread];
      // A thread without a call clears nothing.
      place.head[0] = this.#numbers.get(values ? name : "clear") ?? stopKernel;
      place.head[1] = values?.length ?? 2;
      place.values.set(values ?? [0, 0]);
    }
    Atomics.store(words, pendingWord, this.threads - 1);
    Atomics.add(words, jobWord, 1);
    if (Atomics.load(words, sleepersWord) > 0) Atomics.notify(words, jobWord);
    const [first] = calls;
    const own = first ? (kernel(...first) ?? 0) : 0;
    this.#wait();
    return calls.map((_, thread) => (thread === 0 ? own : (this.#places[thread]?.result[0] ?? 0)));
  }

  [Symbol.dispose](): void {
    for (const place of this.#places) place.head[0] = stopKernel;
    Atomics.add(this.#words, jobWord, 1);
    Atomics.notify(this.#words, jobWord);
    for (const worker of this.#workers) void worker.terminate();
  }

  #sleep(): void {
    const words = this.#words;
    Atomics.store(words, callerSleepsWord, 1);
    for (let left = Atomics.load(words, pendingWord); left > 0; left = Atomics.load(words, pendingWord)) {
      if (Atomics.wait(words, pendingWord, left, longestCall) === "timed-out")
        throw new BoostingKernelsError("a thread of the training does not answer");
    }
    Atomics.store(words, callerSleepsWord, 0);
  }

  #wait(): void {
    const words = this.#words;
    for (let look = 0; look < looks; look++) if (Atomics.load(words, pendingWord) === 0) break;
    if (Atomics.load(words, pendingWord) > 0) this.#sleep();
    if (Atomics.load(words, failedWord) !== 0)
      throw new BoostingKernelsError("a kernel failed in a thread of the training");
  }
}

/** Cuts a range into parts of about equal length that begin at multiples of `step`, at most `parts` of them. */
export function rangesOf(
  count: number,
  parts: number,
  step: number,
): readonly { readonly start: number; readonly count: number }[] {
  const length = Math.max(step, Math.ceil(count / parts / step) * step);
  return Array.from({ length: Math.ceil(count / length) }, (_, at) => ({
    start: at * length,
    count: Math.min(length, count - at * length),
  }));
}
