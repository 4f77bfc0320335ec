/**
 * @file A model's graph, run by ONNX Runtime in threads of their own: right for what takes so long that other requests would
 * wait. Each thread computes one batch at a time; one that ends is replaced, and what it was computing is computed again. One that
 * doesn't reply in time is ended and replaced too, and what it was computing has failed: again, it would hold another thread.
 */
import { Worker } from "node:worker_threads";
import { RuntimeError } from "../../graph/errors.ts";
import type { Provider } from "../../graph/runtime/provider.ts";
import type { ModelSignature } from "../../package/signature.ts";
import { threadArguments } from "../../thread-arguments.ts";
import { ServingError, type InferenceTensor } from "../inference.ts";
import type { ModelInputs } from "../plan/model-inputs.ts";
import type { Engine } from "./engine.ts";
import type { EngineReply, EngineThread } from "./worker-protocol.ts";

const isSource = import.meta.url.endsWith(".ts");
const workerUrl = new URL(
  isSource ? "./engine-worker-from-source.mjs" : "./engine-worker.js",
  import.meta.url,
);

/** How often a call may end a thread before it is given up. */
const mostTries = 2;

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

/** A thread that didn't reply in time: its calls' deadline, whatever their own were. */
export class EngineHangError extends ServingError {
  constructor(milliseconds: number) {
    super("deadline", `the model did not answer in ${milliseconds / 1000} s and was stopped`);
  }
}

interface Call {
  readonly inputs: ModelInputs;
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
    const worker = await EngineWorker.start(this.#thread);
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

  run(inputs: ModelInputs): Promise<readonly InferenceTensor[]> {
    return new Promise((resolve, reject) => {
      if (this.#workers.size === 0 && this.#stuck > this.#options.instances) {
        reject(hanging());
        return;
      }
      this.#waiting.push({ inputs, tries: 0, resolve, reject });
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
      const outputs = await worker.run(call.inputs);
      this.#idle.push(worker);
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

function hanging(): ServingError {
  return new ServingError("unavailable", "the model's threads hang");
}

/** One thread. */
class EngineWorker {
  hasEnded = false;
  onEnd: () => void = () => {};
  readonly #worker: Worker;
  #heard: (reply: EngineReply) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(thread: EngineThread) {
    this.#worker = new Worker(workerUrl, { name: "tenon engine", workerData: thread, ...threadArguments() });
    this.#worker.unref();
    this.#worker.on("message", (reply: EngineReply) => this.#heard(reply));
    this.#worker.once("error", (cause) =>
      this.#end(new RuntimeError(`an engine's thread failed: ${cause.message}`, { cause })),
    );
    this.#worker.once("exit", (code) =>
      this.#end(new RuntimeError(`an engine's thread ended with code ${code}`)),
    );
  }

  static async start(thread: EngineThread): Promise<EngineWorker> {
    const worker = new EngineWorker(thread);
    try {
      await worker.#reply();
    } catch (error) {
      await worker.end();
      throw error;
    }
    return worker;
  }

  async run(inputs: ModelInputs): Promise<readonly InferenceTensor[]> {
    this.#worker.postMessage({ inputs });
    const reply = await this.#reply();
    return reply.kind === "outputs" ? reply.outputs : [];
  }

  /** The next reply. @throws {@link RuntimeError} for a failure, and where the thread ends */
  async #reply(): Promise<EngineReply> {
    return await new Promise((resolve, reject) => {
      if (this.hasEnded) {
        reject(new RuntimeError("the engine's thread has ended"));
        return;
      }
      this.#failed = reject;
      this.#heard = (reply) => {
        if (reply.kind === "failed") reject(new RuntimeError(reply.message));
        else resolve(reply);
      };
    });
  }

  #end(error: Error): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.#failed(error);
    this.onEnd();
  }

  /**
   * Fails what it computes, for which nobody waits any more. Fulfilled when the thread has ended: it isn't ended before it replies,
   * since ONNX Runtime's native code ends the whole process where its thread was ended under it.
   */
  async giveUp(error: Error): Promise<void> {
    this.hasEnded = true;
    const ended = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
    this.#failed(error);
    this.#heard = () => void this.end();
    await ended;
  }

  async end(): Promise<void> {
    this.onEnd = () => {};
    await this.#worker.terminate();
  }
}
