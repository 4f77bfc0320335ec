/**
 * @file A model's graph, run by ONNX Runtime in threads of their own: right for what takes so long that other requests would
 * wait. Each thread computes one batch at a time; one that ends is replaced, and what it was computing is computed again.
 */
import { Worker } from "node:worker_threads";
import { RuntimeError } from "../../graph/errors.ts";
import type { ModelSignature } from "../../package/signature.ts";
import { threadArguments } from "../../thread-arguments.ts";
import type { InferenceTensor } from "../inference.ts";
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

interface Call {
  readonly inputs: ModelInputs;
  tries: number;
  readonly resolve: (outputs: readonly InferenceTensor[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Sessions in threads. */
export class WorkerEngine implements Engine {
  readonly platform = "onnx_onnxv1";
  readonly bytes: number;
  readonly #thread: EngineThread;
  readonly #idle: EngineWorker[] = [];
  readonly #workers = new Set<EngineWorker>();
  readonly #waiting: Call[] = [];
  #isClosed = false;

  private constructor(thread: EngineThread, instances: number) {
    this.#thread = thread;
    this.bytes = thread.onnx.length * instances;
  }

  /**
   * Starts the threads.
   * @throws {@link RuntimeError} where ONNX Runtime can't run the graph
   */
  static async start(
    signature: ModelSignature,
    onnx: Uint8Array,
    instances: number,
    threads: number,
  ): Promise<WorkerEngine> {
    const engine = new WorkerEngine({ signature, onnx, threads }, instances);
    try {
      await Promise.all(Array.from({ length: instances }, async () => await engine.#add()));
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
    if (this.#isClosed) return;
    this.#add().catch((error: unknown) => {
      // Without a thread nothing that waits would ever have an answer.
      if (this.#workers.size === 0) for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  run(inputs: ModelInputs): Promise<readonly InferenceTensor[]> {
    return new Promise((resolve, reject) => {
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
    try {
      const outputs = await worker.run(call.inputs);
      this.#idle.push(worker);
      call.resolve(outputs);
    } catch (error) {
      if (!worker.hasEnded) {
        this.#idle.push(worker);
        call.reject(error);
      } else if (call.tries < mostTries && !this.#isClosed) this.#waiting.unshift(call);
      else call.reject(error);
    }
    this.#next();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new RuntimeError("the model was closed");
    for (const { reject } of this.#waiting.splice(0)) reject(closed);
    await Promise.all(Array.from(this.#workers, async (worker) => await worker.end()));
  }
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

  async end(): Promise<void> {
    this.onEnd = () => {};
    await this.#worker.terminate();
  }
}
