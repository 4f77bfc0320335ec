/**
 * @file Programs run in a thread of their own, so that the event loop stays free.
 *
 * A runtime never keeps a process alive by itself, only while it owes an answer that somebody waits for. An aborted run's
 * answer is dropped, and what it kept is freed: the thread ends what it has begun and then takes the next.
 */
import { availableParallelism } from "node:os";
import { Worker, type MessagePort } from "node:worker_threads";
import { InvalidInputError } from "../../errors.ts";
import "../../no-telemetry.ts";
import { threadArguments } from "../../thread-arguments.ts";
import { RuntimeError } from "../errors.ts";
import { forgetActivity, newActivity } from "./activity.ts";
import { rejectOnAbort } from "./abort.ts";
import { Gatherer } from "./gatherer.ts";
import type { Answer, Failed, Fed, Numbered, Request, Result, RuntimeContents } from "./protocol.ts";
import type { Provider } from "./provider.ts";
import type { TensorData } from "./tensor-data.ts";
import type { TrainingAnswer, TrainingRequest } from "./training-protocol.ts";

const isSource = import.meta.url.endsWith(".ts");
const workerUrl = new URL(isSource ? "./worker-from-source.mjs" : "./worker.js", import.meta.url);

/** How a runtime computes. */
export interface RuntimeOptions {
  readonly provider?: Provider;
  /** Threads of one operator on the CPU; where absent, one less than the machine has, at least 1 and at most 8. */
  readonly threads?: number;
}

/** A model with the order in which its runs take inputs and give outputs. */
export interface ProgramModel {
  readonly model: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Outputs that are only ever kept by the thread, so that they may stay on the device. */
  readonly onDevice: readonly string[];
}

interface Waiting {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that loads and runs programs. */
export class Runtime implements AsyncDisposable {
  readonly provider: Provider;
  readonly threads: number;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  /** Runs that nobody waits for any more, with the numbers under which they keep outputs. */
  readonly #dropped = new Map<number, readonly number[]>();
  readonly #exit: Promise<void>;
  #next = 1;
  #toFree: number[] = [];
  #ended: RuntimeError | undefined;
  #gatherer: Gatherer | undefined;

  /** Starts the thread. */
  constructor({
    provider = "cpu",
    threads = Math.min(8, Math.max(1, availableParallelism() - 1)),
  }: RuntimeOptions = {}) {
    this.provider = provider;
    this.threads = threads;
    if (provider === "cuda") keepFloat32();
    const activity = newActivity();
    this.#worker = new Worker(workerUrl, {
      name: "tenon runtime",
      workerData: activity,
      ...threadArguments(),
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => this.#receive(answer));
    this.#worker.on("error", (cause) =>
      this.#fail(new RuntimeError(`the runtime's thread failed: ${reasonOf(cause)}`, { cause })),
    );
    this.#exit = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        forgetActivity(activity);
        this.#fail(new RuntimeError("the runtime has ended"));
        resolve();
      });
    });
  }

  /** Why it can't compute any more; undefined while it can. */
  get ended(): RuntimeError | undefined {
    return this.#ended;
  }

  /** Loads a model. Throws {@link RuntimeError} when ONNX Runtime can't run it. */
  async load(model: ProgramModel): Promise<Program> {
    const program = this.#next++;
    await this.#ask({ kind: "load", program, ...model, provider: this.provider, threads: this.threads });
    return new Program({
      run: async (feeds, outputs, signals) => this.#run(program, feeds, outputs, signals),
      unload: async () => {
        if (!this.#ended) await this.#ask({ kind: "unload", program });
      },
    });
  }

  /** Asks for something that a training needs. */
  async training(training: TrainingRequest): Promise<TrainingAnswer> {
    const answer = (await this.#ask({ kind: "training", training })).training;
    if (!answer) throw new RuntimeError("the runtime did not answer a training");
    return answer;
  }

  /** A thread that gathers batches for this one; started where there is none. */
  async gatherer(): Promise<Gatherer> {
    if (this.#gatherer && !this.#gatherer.hasEnded) return this.#gatherer;
    const gatherer = new Gatherer();
    this.#gatherer = gatherer;
    const { port } = gatherer;
    await this.#ask({ kind: "gatherer", port }, this.#next++, [port]);
    return gatherer;
  }

  /** A number under which the thread can keep a tensor. */
  reserve(): number {
    return this.#next++;
  }

  /** The elements of a tensor that the thread keeps. */
  async fetch(stored: number): Promise<TensorData> {
    const [value] = (await this.#ask({ kind: "fetch", stored })).tensors ?? [];
    if (!value) throw new RuntimeError("the runtime has no such tensor");
    return value;
  }

  /** Frees tensors that the thread keeps: with the next request, or soon where there is none. */
  free(stored: readonly number[]): void {
    if (this.#ended) return;
    if (this.#toFree.length === 0)
      setImmediate(() => {
        if (this.#toFree.length > 0 && !this.#ended) this.#post(this.#next++, { kind: "free" });
      });
    this.#toFree.push(...stored);
  }

  /** How many tensors and programs the thread holds. */
  async contents(): Promise<RuntimeContents> {
    const { contents } = await this.#ask({ kind: "count" });
    if (!contents) throw new RuntimeError("the runtime did not count");
    return { ...contents, datasets: contents.datasets + (this.#gatherer?.datasets ?? 0) };
  }

  /** The milliseconds that a provider takes for a small program. Throws {@link RuntimeError} where it doesn't work. */
  async try(provider: Provider): Promise<number> {
    if (provider === "cuda") keepFloat32();
    const { milliseconds } = await this.#ask({ kind: "try", provider });
    return milliseconds ?? Number.POSITIVE_INFINITY;
  }

  /** Releases all programs and tensors and ends the thread, once it has ended what it does. */
  async close(): Promise<void> {
    if (!this.#ended) {
      await this.#ask({ kind: "stop" });
      // Its end is waited for, although no answer is.
      this.#worker.ref();
    }
    await this.#gatherer?.close();
    await this.#exit;
  }

  /** Gives the thread up with all it holds: who waits for it gets the error, and nothing can be asked any more. */
  abandon(error: RuntimeError): void {
    if (!this.#ended) this.#post(this.#next++, { kind: "stop" });
    this.#fail(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(
    program: number,
    feeds: readonly Fed[],
    outputs: readonly (number | null)[],
    signals: readonly AbortSignal[],
  ): Promise<readonly TensorData[]> {
    for (const signal of signals) signal.throwIfAborted();
    const id = this.#next++;
    const run = this.#ask({ kind: "run", program, feeds, outputs }, id);
    if (signals.length === 0) return (await run).tensors ?? [];
    const drop = (): void => {
      if (!this.#waiting.delete(id)) return;
      this.#dropped.set(
        id,
        outputs.filter((number) => number !== null),
      );
      if (this.#waiting.size === 0) this.#worker.unref();
    };
    return (await rejectOnAbort(run, signals, drop)).tensors ?? [];
  }

  async #ask(request: Request, id = this.#next++, transfer: readonly MessagePort[] = []): Promise<Result> {
    if (this.#ended) throw this.#ended;
    return new Promise<Result>((resolve, reject) => {
      this.#post(id, request, transfer);
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
    });
  }

  #post(id: number, request: Request, transfer: readonly MessagePort[] = []): void {
    const free = this.#toFree;
    const numbered: Numbered = free.length === 0 ? { id, request } : { id, free, request };
    try {
      this.#worker.postMessage(numbered, transfer);
    } catch (cause) {
      throw new RuntimeError(`the runtime's thread can't be sent a tensor: ${reasonOf(cause)}`, { cause });
    }
    if (free.length > 0) this.#toFree = [];
  }

  #receive(answer: Answer): void {
    const id = typeof answer === "number" ? answer : answer.id;
    const kept = this.#dropped.get(id);
    if (kept) {
      this.#dropped.delete(id);
      this.free(kept);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (typeof answer === "number") waiting.resolve({});
    else if ("error" in answer) waiting.reject(errorOf(answer));
    else waiting.resolve(answer.result);
  }

  #fail(error: RuntimeError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#dropped.clear();
    this.#worker.unref();
    this.#gatherer?.abandon();
  }
}

function errorOf({ error, isInvalidInput }: Failed): Error {
  return isInvalidInput ? new InvalidInputError(error) : new RuntimeError(error);
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

interface ProgramCalls {
  readonly run: (
    feeds: readonly Fed[],
    outputs: readonly (number | null)[],
    signals: readonly AbortSignal[],
  ) => Promise<readonly TensorData[]>;
  readonly unload: () => Promise<void>;
}

/** A model that a runtime has loaded. */
export class Program implements AsyncDisposable {
  readonly #calls: ProgramCalls;

  /** @internal */
  constructor(calls: ProgramCalls) {
    this.#calls = calls;
  }

  /**
   * Runs it once.
   *
   * @param feeds its inputs in order: elements, or numbers of tensors that the thread keeps
   * @param outputs for each output null to get its elements, or the number to keep it under
   * @returns the elements asked for, in order
   * @throws the reason of a signal that is aborted before the run ends
   */
  async run(
    feeds: readonly Fed[],
    outputs: readonly (number | null)[],
    signals: readonly AbortSignal[] = [],
  ): Promise<readonly TensorData[]> {
    return this.#calls.run(feeds, outputs, signals);
  }

  /** Releases it. */
  async close(): Promise<void> {
    await this.#calls.unload();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * ONNX Runtime lets NVIDIA's libraries multiply float32 with 10 bits of fraction (TF32), and for Node has no option against
 * that: the libraries' own variable says no, unless somebody has set it.
 */
function keepFloat32(): void {
  process.env["NVIDIA_TF32_OVERRIDE"] ??= "0";
}
