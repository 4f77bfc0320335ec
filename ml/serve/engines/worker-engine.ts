/**
 * @file A model's graph, run by ONNX Runtime in threads of their own: right for what takes so long that other requests would
 * wait. Each thread computes one batch at a time; one that ends, or whose device is lost, is replaced, and what it was computing is
 * computed again. One that doesn't reply in time is ended and replaced too, and what it was computing has failed: again, it would hold
 * another thread. Where no thread can be had any more, calls are refused and it is tried again after a while.
 */
import { RuntimeError } from "../../graph/errors.ts";
import type { Provider } from "../../graph/runtime/provider.ts";
import type { ModelSignature } from "../../package/signature.ts";
import { ServingError, type InferenceTensor } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import { EngineHangError, hanging, mostTries, type CallLimits, type Engine } from "./engine.ts";
import { SerialThread } from "./serial-thread.ts";
import type { EngineCall, EngineThread } from "./worker-protocol.ts";

/** A thread that holds a session. */
export type EngineWorker = Pick<
  SerialThread<EngineCall>,
  "hasEnded" | "onEnd" | "computeTime" | "run" | "giveUp" | "end"
>;

const threadModule = new URL("./engine-worker.js", import.meta.url);

/** Milliseconds until threads are tried again that couldn't be started: from the first to the longest pause. */
const pauses = { first: 1000, longest: 60_000 } as const;

/** How threads are started, and watched. */
export interface WorkerEngineOptions {
  /** Threads that compute side by side. */
  readonly instances: number;
  /** Threads of one operator. */
  readonly threads: number;
  /** What computes; the CPU where absent. */
  readonly provider?: Provider;
  /** In how many milliseconds a thread must have computed what it was given; no limit where absent. */
  readonly replyTimeout?: number | undefined;
  /** Told of each thread that didn't. */
  readonly onHang?: ((error: Error) => void) | undefined;
  /** What the model can compute: a device that doesn't is lost. Where absent, only a failure that says so tells it. */
  readonly probe?: ModelInputs | undefined;
  /** Told that the device was lost and can't be had again, and that the CPU computes from then on; where absent, it doesn't. */
  readonly onFallback?: ((error: Error) => void) | undefined;
  /** Told each time that no thread could be started in the place of the last. */
  readonly onFailure?: ((error: Error) => void) | undefined;
  /** Starts a thread; in a worker where absent. */
  readonly start?: ((thread: EngineThread) => Promise<EngineWorker>) | undefined;
}

interface Call {
  readonly inputs: ModelInputs;
  readonly limits: CallLimits;
  tries: number;
  readonly resolve: (outputs: readonly InferenceTensor[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Sessions in threads. */
export class WorkerEngine implements Engine {
  readonly bytes: number;
  #thread: EngineThread;
  readonly #idle: EngineWorker[] = [];
  /** All threads, and what computes in them. */
  readonly #workers = new Map<EngineWorker, Provider>();
  readonly #waiting: Call[] = [];
  readonly #options: WorkerEngineOptions;
  /** Threads that nobody waits for, still in what they compute, which can't be interrupted. */
  #stuck = 0;
  #isFilling = false;
  /** Why no thread could be started. */
  #failure: Error | undefined;
  #pause: number = pauses.first;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(thread: EngineThread, options: WorkerEngineOptions) {
    this.#thread = thread;
    this.#options = options;
    this.bytes = thread.onnx.length * options.instances;
  }

  /**
   * Starts the threads.
   * @throws {@link RuntimeError} where ONNX Runtime can't run the graph
   */
  static async start(
    signature: ModelSignature,
    onnx: Uint8Array,
    options: WorkerEngineOptions,
  ): Promise<WorkerEngine> {
    const { threads, provider = "cpu" } = options;
    const engine = new WorkerEngine({ signature, onnx, threads, provider }, options);
    try {
      await Promise.all(Array.from({ length: options.instances }, async () => await engine.#add()));
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  get platform(): string {
    const { provider } = this.#thread;
    return provider === "cpu" ? "onnx_onnxv1" : `onnx_onnxv1_${provider}`;
  }

  get isHealthy(): boolean {
    return this.#failure === undefined || this.#workers.size > 0;
  }

  async #add(): Promise<void> {
    const { start = startWorker } = this.#options;
    const { provider } = this.#thread;
    const worker = await start(this.#thread);
    this.#workers.set(worker, provider);
    worker.onEnd = () => this.#leave(worker);
    try {
      // A device that is lost may give sessions that compute nothing.
      await this.#probe(worker, provider);
    } catch (error) {
      this.#workers.delete(worker);
      if (!worker.hasEnded) await worker.end();
      throw error;
    }
    if (this.#isClosed) {
      await worker.end();
      return;
    }
    this.#failure = undefined;
    this.#pause = pauses.first;
    this.#idle.push(worker);
    this.#next();
  }

  async #probe(worker: EngineWorker, provider: Provider): Promise<void> {
    const { probe } = this.#options;
    if (probe && provider !== "cpu") await this.#runOn(worker, probe);
  }

  /** A thread is there no more: its call goes to another. */
  #leave(worker: EngineWorker): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    void this.#fill();
  }

  /** Starts the threads that are missing, unless that is under way. */
  async #fill(): Promise<void> {
    if (this.#isFilling) return;
    const { instances } = this.#options;
    this.#isFilling = true;
    try {
      // Each that is stuck holds a processor: twice as many threads as were asked for are the most.
      while (!this.#isClosed && this.#workers.size < instances && this.#stuck <= instances) await this.#add();
    } catch (cause) {
      this.#isFilling = false;
      this.#notStarted(cause instanceof Error ? cause : new RuntimeError(String(cause)));
    }
    this.#isFilling = false;
    if (this.#workers.size === 0 && this.#stuck > instances) this.#refuseWaiting(hanging());
  }

  /** No thread could be started: the CPU takes the device's place where it may, else it is tried again later. */
  #notStarted(cause: Error): void {
    if (this.#isClosed) return;
    const { onFallback, onFailure } = this.#options;
    const { provider } = this.#thread;
    if (provider !== "cpu" && onFallback) {
      this.#thread = { ...this.#thread, provider: "cpu" };
      onFallback(new RuntimeError(`${provider} was lost: ${cause.message}`, { cause }));
      void this.#fill();
      return;
    }
    if (this.#workers.size === 0) {
      this.#failure = cause;
      onFailure?.(new RuntimeError(`no thread can compute by ${provider}: ${cause.message}`, { cause }));
      // Without a thread nothing that waits would ever have an answer.
      this.#refuseWaiting(this.#unavailable(cause));
    }
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#fill(), this.#pause).unref();
    this.#pause = Math.min(2 * this.#pause, pauses.longest);
  }

  #unavailable(cause: Error): ServingError {
    return new ServingError("unavailable", "the model can't be computed now", {
      retryAfter: this.#pause / 1000,
      cause,
    });
  }

  #refuseWaiting(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** A thread doesn't reply: another takes its place, and it ends when it has come to the end of what it computes. */
  #giveUp(worker: EngineWorker, error: Error): void {
    this.#stuck += 1;
    this.#options.onHang?.(error);
    void worker.giveUp(error).finally(() => {
      this.#stuck -= 1;
      if (this.#stuck === this.#options.instances) void this.#fill();
    });
    this.#leave(worker);
  }

  run(inputs: ModelInputs, limits: CallLimits): Promise<readonly InferenceTensor[]> {
    return new Promise((resolve, reject) => {
      if (this.#workers.size === 0 && (this.#failure || this.#stuck > this.#options.instances)) {
        reject(this.#failure ? this.#unavailable(this.#failure) : hanging());
        return;
      }
      this.#waiting.push({ inputs, limits, tries: 0, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    while (this.#idle.length > 0 && this.#waiting.length > 0) {
      const worker = this.#idle.pop();
      const call = this.#waiting.shift();
      if (worker && call) void this.#compute(worker, call);
    }
  }

  async #compute(worker: EngineWorker, call: Call): Promise<void> {
    call.tries += 1;
    try {
      const outputs = await this.#runOn(worker, call.inputs);
      this.#idle.push(worker);
      call.limits.computed?.(worker.computeTime);
      call.resolve(outputs);
    } catch (error) {
      if (error instanceof EngineHangError) call.reject(error);
      else if (worker.hasEnded) this.#askAgain(call, error);
      else if (await this.#isLost(worker, error)) {
        this.#askAgain(call, error);
        await this.#drop(worker);
      } else {
        this.#idle.push(worker);
        call.reject(error);
      }
    }
    this.#next();
  }

  /** Has a thread compute, and gives it up where it takes too long. */
  async #runOn(worker: EngineWorker, inputs: ModelInputs): Promise<readonly InferenceTensor[]> {
    const { replyTimeout } = this.#options;
    const watch =
      replyTimeout === undefined
        ? undefined
        : setTimeout(() => this.#giveUp(worker, new EngineHangError(replyTimeout)), replyTimeout);
    try {
      return await worker.run({ inputs });
    } finally {
      clearTimeout(watch);
    }
  }

  #askAgain(call: Call, error: unknown): void {
    if (call.tries < mostTries && !this.#isClosed) this.#waiting.unshift(call);
    else call.reject(error);
  }

  /** Whether a thread's session never computes again: its device says so, or it fails what the model can compute. */
  async #isLost(worker: EngineWorker, error: unknown): Promise<boolean> {
    const provider = this.#workers.get(worker) ?? "cpu";
    if (provider === "cpu") return false;
    if (error instanceof Error && deviceIsLost.test(error.message)) return true;
    try {
      await this.#probe(worker, provider);
      return false;
    } catch {
      return true;
    }
  }

  /** Ends a thread whose device is lost, and with it those that wait for work on it: calls needn't find them out one by one. */
  async #drop(lost: EngineWorker): Promise<void> {
    const provider = this.#workers.get(lost);
    const dropped = [lost, ...this.#idle.filter((idle) => this.#workers.get(idle) === provider)];
    for (const worker of dropped) this.#leave(worker);
    // One that hung meanwhile ends by itself.
    await Promise.all(dropped.map(async (worker) => (worker.hasEnded ? undefined : await worker.end())));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#refuseWaiting(new RuntimeError("the model was closed"));
    await Promise.all(Array.from(this.#workers.keys(), async (worker) => await worker.end()));
  }
}

/** How providers word that a GPU was taken away under a session: by a driver's reset, or a device that was removed. */
const deviceIsLost = /device (?:is |was )?lost|device.?lost|device removed|cuda (?:failure|error)/i;

async function startWorker(thread: EngineThread): Promise<EngineWorker> {
  return await SerialThread.start<EngineCall>(threadModule, "an engine", thread);
}
