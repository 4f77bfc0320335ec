/**
 * @file Programs run in a thread of their own, so that the event loop stays free.
 *
 * A runtime never keeps a process alive by itself, only while it owes an answer. An aborted run's answer is dropped: the
 * thread ends what it has begun and then takes the next.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { RuntimeError } from "../errors.ts";
import type { Answer, Fed, Numbered, Request, Result } from "./protocol.ts";
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
  #next = 1;
  #ended: RuntimeError | undefined;
  #exit: Promise<void>;

  /** Starts the thread. */
  constructor({
    provider = "cpu",
    threads = Math.min(8, Math.max(1, availableParallelism() - 1)),
  }: RuntimeOptions = {}) {
    this.provider = provider;
    this.threads = threads;
    this.#worker = new Worker(workerUrl, { name: "tenon runtime" });
    this.#worker.unref();
    this.#worker.on("message", (answer: Answer) => this.#receive(answer));
    this.#worker.on("error", (cause) =>
      this.#fail(new RuntimeError("the runtime's thread failed", { cause })),
    );
    this.#exit = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#fail(new RuntimeError("the runtime has ended"));
        resolve();
      });
    });
  }

  /** Loads a model. Throws {@link RuntimeError} when ONNX Runtime can't run it. */
  async load(model: Uint8Array): Promise<Program> {
    const program = this.#next++;
    await this.#ask({ kind: "load", program, model, provider: this.provider, threads: this.threads });
    return new Program(program, {
      run: async (feeds, outputs) => (await this.#ask({ kind: "run", program, feeds, outputs })).tensors,
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

  /** A number under which the thread can keep a tensor. */
  reserve(): number {
    return this.#next++;
  }

  /** The elements of a tensor that the thread keeps. */
  async fetch(stored: number): Promise<TensorData> {
    const { value } = (await this.#ask({ kind: "fetch", stored })).tensors;
    if (!value) throw new RuntimeError("the runtime has no such tensor");
    return value;
  }

  /** Frees tensors that the thread keeps. */
  free(stored: readonly number[]): void {
    if (!this.#ended) this.#ask({ kind: "free", stored }).catch(() => {});
  }

  /** Releases all programs and tensors and ends the thread. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#ask({ kind: "stop" });
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #ask(request: Request): Promise<Result> {
    if (this.#ended) throw this.#ended;
    const id = this.#next++;
    const result = new Promise<Result>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#worker.ref();
    const numbered: Numbered = { id, request };
    this.#worker.postMessage(numbered);
    return result;
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ("error" in answer) waiting?.reject(new RuntimeError(answer.error));
    else waiting?.resolve(answer.result);
  }

  #fail(error: RuntimeError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

interface ProgramCalls {
  readonly run: (
    feeds: Readonly<Record<string, Fed>>,
    outputs: Readonly<Record<string, number | null>>,
  ) => Promise<Readonly<Record<string, TensorData>>>;
  readonly unload: () => Promise<void>;
}

/** A model that a runtime has loaded. */
export class Program implements AsyncDisposable {
  readonly #calls: ProgramCalls;
  /** The runtime's number of it. */
  readonly number: number;

  /** @internal */
  constructor(number: number, calls: ProgramCalls) {
    this.number = number;
    this.#calls = calls;
  }

  /**
   * Runs it once.
   *
   * @param feeds inputs by name: elements, or numbers of tensors that the thread keeps
   * @param outputs the outputs wanted: null to get the elements, or the number to keep one under
   * @returns the elements asked for
   * @throws the signal's reason when it is aborted before the run ends
   */
  async run(
    feeds: Readonly<Record<string, Fed>>,
    outputs: Readonly<Record<string, number | null>>,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, TensorData>>> {
    signal?.throwIfAborted();
    const run = this.#calls.run(feeds, outputs);
    return signal ? Promise.race([run, aborted(signal, run)]) : run;
  }

  /** Releases it. */
  async close(): Promise<void> {
    await this.#calls.unload();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Rejects when the signal is aborted, and lets go of it once the other is settled. */
async function aborted(signal: AbortSignal, until: Promise<unknown>): Promise<never> {
  return new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new RuntimeError(String(signal.reason)));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const letGo = (): void => signal.removeEventListener("abort", onAbort);
    until.then(letGo, letGo);
  });
}
