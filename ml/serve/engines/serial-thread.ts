/** @file A thread that computes one call at a time, seen from its engine. */
import { InvalidInputError } from "../../errors.ts";
import { RuntimeError } from "../../graph/errors.ts";
import type { InferenceTensor } from "../inference.ts";
import { ModelThread } from "./model-thread.ts";

type Outputs = readonly InferenceTensor[];

/** From the thread: that it is ready, a part of an answer, or what became of the last call or of its start. */
export type ThreadReply =
  | {
      readonly kind: "ready";
      /** Of pipelines: how many numbers a text's vector has; 0 where there are none. */
      readonly width: number;
    }
  | { readonly kind: "part"; readonly outputs: Outputs }
  | {
      readonly kind: "outputs";
      readonly outputs: Outputs;
      /** In how many milliseconds it computed them. */
      readonly computeTime: number;
    }
  | {
      readonly kind: "failed";
      readonly message: string;
      /** Whether the caller's values are at fault. */
      readonly isInvalid: boolean;
    };

/** What a thread replies where it failed. */
export function failedReply(error: unknown): ThreadReply {
  return {
    kind: "failed",
    message: error instanceof Error ? error.message : String(error),
    isInvalid: error instanceof InvalidInputError,
  };
}

/** One thread, which is told calls. */
export class SerialThread<Call> {
  hasEnded = false;
  onEnd: () => void = () => {};
  /** What it said when it was ready. */
  width = 0;
  /** In how many milliseconds it computed its last outputs: the service may have been late to hear them. */
  computeTime = 0;
  readonly #thread: ModelThread<Call, ThreadReply>;
  readonly #whose: string;
  #heard: (reply: ThreadReply) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(module: URL, whose: string, data: unknown) {
    this.#whose = whose;
    this.#thread = new ModelThread(module, whose, data);
    this.#thread.onMessage = (reply) => this.#heard(reply);
    this.#thread.onEnd = (error) => this.#end(error);
  }

  /**
   * Starts a thread. @param whose how its errors call it, such as `an engine`
   * @throws {@link RuntimeError} where it says that it can't do its work, or ends
   */
  static async start<Call>(module: URL, whose: string, data: unknown): Promise<SerialThread<Call>> {
    const thread = new SerialThread<Call>(module, whose, data);
    try {
      const reply = await thread.#reply(() => {});
      if (reply.kind === "ready") thread.width = reply.width;
      return thread;
    } catch (error) {
      await thread.end();
      throw error;
    }
  }

  /**
   * Has it compute a call. @param onPart told of the parts of a stream
   * @throws {@link RuntimeError} for a failure and where the thread ends, {@link InvalidInputError} for values at fault
   */
  async run(call: Call, onPart: (outputs: Outputs) => void = () => {}): Promise<Outputs> {
    const reply = this.#reply(onPart);
    this.post(call);
    const last = await reply;
    if (last.kind !== "outputs") return [];
    this.computeTime = last.computeTime;
    return last.outputs;
  }

  /** Tells it what has no reply. */
  post(call: Call): void {
    this.#thread.post(call);
  }

  async #reply(onPart: (outputs: Outputs) => void): Promise<ThreadReply> {
    return await new Promise((resolve, reject) => {
      if (this.hasEnded) {
        reject(new RuntimeError(`${this.#whose}'s thread has ended`));
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

  /**
   * Fails what it computes, for which nobody waits any more. Fulfilled when the thread has ended: it isn't ended before it replies,
   * since ONNX Runtime's native code ends the whole process where its thread was ended under it.
   */
  async giveUp(error: Error): Promise<void> {
    this.hasEnded = true;
    this.#failed(error);
    this.#heard = () => void this.end();
    await this.#thread.exited;
  }

  async end(): Promise<void> {
    this.onEnd = () => {};
    await this.#thread.end();
  }
}
