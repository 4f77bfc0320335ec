/** @file A pipeline's thread, seen from the service. */
import { Worker } from "node:worker_threads";
import { InvalidInputError } from "../../../errors.ts";
import { RuntimeError } from "../../../graph/errors.ts";
import { threadArguments } from "../../../thread-arguments.ts";
import type { InferenceTensor } from "../../inference.ts";
import type { PipelineCall, PipelineReply, PipelineTexts, PipelineThreadData } from "./pipeline-protocol.ts";

const isSource = import.meta.url.endsWith(".ts");
const threadUrl = new URL(
  isSource ? "./pipeline-thread-from-source.mjs" : "./pipeline-thread.js",
  import.meta.url,
);

/** A thread that computes one call at a time. */
export class PipelineWorker {
  hasEnded = false;
  onEnd: () => void = () => {};
  /** How many numbers a text's vector has; 0 where the task gives none. */
  width = 0;
  readonly #worker: Worker;
  #heard: (reply: PipelineReply) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(data: PipelineThreadData) {
    this.#worker = new Worker(threadUrl, { name: "tenon pipeline", workerData: data, ...threadArguments() });
    this.#worker.unref();
    this.#worker.on("message", (reply: PipelineReply) => this.#heard(reply));
    this.#worker.once("error", (cause) =>
      this.#end(new RuntimeError(`a pipeline's thread failed: ${cause.message}`, { cause })),
    );
    this.#worker.once("exit", (code) =>
      this.#end(new RuntimeError(`a pipeline's thread ended with code ${code}`)),
    );
  }

  /** @throws {@link RuntimeError} where the pipeline can't be made or doesn't answer */
  static async start(data: PipelineThreadData): Promise<PipelineWorker> {
    const worker = new PipelineWorker(data);
    try {
      const reply = await worker.#reply(() => {});
      if (reply.kind === "ready") worker.width = reply.width;
      return worker;
    } catch (error) {
      await worker.end();
      throw error;
    }
  }

  /** The outputs of texts. @param onPart told of the parts of a stream @throws {@link RuntimeError} for a failure, {@link InvalidInputError} for texts at fault */
  async run(
    texts: PipelineTexts,
    onPart: (outputs: readonly InferenceTensor[]) => void,
  ): Promise<readonly InferenceTensor[]> {
    const reply = this.#reply(onPart);
    this.#post({ kind: "run", ...texts });
    const last = await reply;
    return last.kind === "outputs" ? last.outputs : [];
  }

  /** Ends a generation at its next token: it then gives what it has. */
  stop(): void {
    this.#post({ kind: "stop" });
  }

  #post(call: PipelineCall): void {
    this.#worker.postMessage(call);
  }

  async #reply(onPart: (outputs: readonly InferenceTensor[]) => void): Promise<PipelineReply> {
    return await new Promise((resolve, reject) => {
      if (this.hasEnded) {
        reject(new RuntimeError("the pipeline's thread has ended"));
        return;
      }
      this.#failed = reject;
      this.#heard = (reply) => {
        if (reply.kind === "part") onPart(reply.outputs);
        else if (reply.kind === "failed")
          reject(reply.isInvalid ? new InvalidInputError(reply.message) : new RuntimeError(reply.message));
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
