/**
 * @file A model's graph, run by ONNX Runtime in threads of their own: right for what takes so long that other requests would
 * wait. Each thread computes one batch at a time; one that ends is replaced, and what it was computing is computed again. One that
 * doesn't reply in time is ended and replaced too, and what it was computing has failed: again, it would hold another thread.
 */
import { RuntimeError } from "../../graph/errors.ts";
import type { Provider } from "../../graph/runtime/provider.ts";
import type { ModelSignature } from "../../package/signature.ts";
import type { InferenceTensor } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import { EngineHangError, hanging, mostTries, type CallLimits, type Engine } from "./engine.ts";
import { SerialThread } from "./serial-thread.ts";
import type { EngineCall, EngineThread } from "./worker-protocol.ts";

type EngineWorker = SerialThread<EngineCall>;

const threadModule = new URL("./engine-worker.js", import.meta.url);

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
  readonly platform: string;
  readonly bytes: number;
  readonly #thread: EngineThread;
  readonly #idle: EngineWorker[] = [];
  readonly #workers = new Set<EngineWorker>();
  readonly #waiting: Call[] = [];
  readonly #options: WorkerEngineOptions;
  /** Threads that nobody waits for, still in what they compute, which can't be interrupted. */
  #stuck = 0;
  #isClosed = false;

  private constructor(thread: EngineThread, options: WorkerEngineOptions) {
    this.#thread = thread;
    this.#options = options;
    this.bytes = thread.onnx.length * options.instances;
    this.platform = thread.provider === "cpu" ? "onnx_onnxv1" : `onnx_onnxv1_${thread.provider}`;
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

  async #add(): Promise<void> {
    const worker = await SerialThread.start<EngineCall>(threadModule, "an engine", this.#thread);
    if (this.#isClosed) {
      await worker.end();
      return;
    }
    this.#workers.add(worker);
    worker.onEnd = () => this.#replace(worker);
    this.#idle.push(worker);
    this.#next();
  }

  /** A thread has ended: its call goes to another. */
  #replace(worker: EngineWorker): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#refill();
  }

  /** Starts a thread in the place of one that has gone. */
  #refill(): void {
    if (this.#isClosed) return;
    const { instances } = this.#options;
    // Each that is stuck holds a processor: twice as many threads as were asked for are the most.
    if (this.#stuck > instances) {
      if (this.#workers.size === 0) this.#refuseWaiting(hanging());
      return;
    }
    this.#add().catch((error: unknown) => {
      // Without a thread nothing that waits would ever have an answer.
      if (this.#workers.size === 0) this.#refuseWaiting(error);
    });
  }

  #refuseWaiting(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** A thread doesn't reply: another takes its place, and it ends when it has come to the end of what it computes. */
  #giveUp(worker: EngineWorker, error: Error): void {
    this.#workers.delete(worker);
    this.#stuck += 1;
    this.#options.onHang?.(error);
    void worker.giveUp(error).finally(() => {
      this.#stuck -= 1;
      if (this.#stuck === this.#options.instances) this.#refill();
    });
    this.#refill();
  }

  run(inputs: ModelInputs, limits: CallLimits): Promise<readonly InferenceTensor[]> {
    return new Promise((resolve, reject) => {
      if (this.#workers.size === 0 && this.#stuck > this.#options.instances) {
        reject(hanging());
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
    const { replyTimeout } = this.#options;
    const watch =
      replyTimeout === undefined
        ? undefined
        : setTimeout(() => {
            this.#giveUp(worker, new EngineHangError(replyTimeout));
          }, replyTimeout);
    try {
      const outputs = await worker.run({ inputs: call.inputs });
      this.#idle.push(worker);
      call.limits.computed?.(worker.computeTime);
      call.resolve(outputs);
    } catch (error) {
      if (error instanceof EngineHangError) call.reject(error);
      else if (!worker.hasEnded && isLostDevice(this.#thread.provider, error)) {
        // Its session never computes again; a thread that starts anew asks for the device anew.
        this.#workers.delete(worker);
        void worker.end();
        if (call.tries < mostTries && !this.#isClosed) this.#waiting.unshift(call);
        else call.reject(error);
        this.#refill();
      } else if (!worker.hasEnded) {
        this.#idle.push(worker);
        call.reject(error);
      } else if (call.tries < mostTries && !this.#isClosed) this.#waiting.unshift(call);
      else call.reject(error);
    } finally {
      clearTimeout(watch);
    }
    this.#next();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#refuseWaiting(new RuntimeError("the model was closed"));
    await Promise.all(Array.from(this.#workers, async (worker) => await worker.end()));
  }
}

/** Whether a GPU was taken away under a session (a driver's reset, a device that was removed), as its provider words that. */
function isLostDevice(provider: Provider, error: unknown): boolean {
  return (
    provider !== "cpu" &&
    error instanceof Error &&
    /device (?:is |was )?lost|device.?lost|device removed|cuda (?:failure|error)/i.test(error.message)
  );
}
