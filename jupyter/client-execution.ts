/** @file One execute request under way: its outputs as they come, and its reply. */
import type { ExecuteReply } from "./client-replies.ts";
import type { OutputMessage } from "./output-message.ts";

/** What a finished execution produced. */
export interface ExecutionResult {
  readonly reply: ExecuteReply;
  readonly outputs: readonly OutputMessage[];
}

/**
 * Iterate over it for the outputs, in the order in which the kernel sent them; the iteration ends with the cell.
 * Outputs are kept until read, so that one may also await {@link reply} first. Each output is handed out once.
 */
export class Execution implements AsyncIterable<OutputMessage> {
  /** The request's message id, which its IOPub messages carry as their parent's. */
  readonly id: string;
  /** Resolves once the reply *and* the kernel's idle status are here: no output of the cell follows. */
  readonly reply: Promise<ExecuteReply>;
  /** Resolves when the kernel has begun with it, or has answered without: a cell without code, or one that is aborted. */
  readonly started: Promise<void>;
  readonly #outputs: OutputMessage[] = [];
  #next = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  #hasBegun = false;
  #begin: () => void = () => undefined;

  constructor(id: string, reply: Promise<ExecuteReply>) {
    this.id = id;
    this.reply = reply;
    this.started = new Promise((resolve) => {
      this.#begin = resolve;
    });
    const end = (): void => {
      this.#ended = true;
      this.#begin();
      this.#wake?.();
    };
    reply.then(end, end);
  }

  /** True once the kernel has begun with it. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Called by the client when the kernel begins with the request. */
  begin(): void {
    this.#hasBegun = true;
    this.#begin();
  }

  /** Called by the client for each output of the request. */
  push(output: OutputMessage): void {
    this.#outputs.push(output);
    this.#wake?.();
  }

  /** All outputs and the reply. */
  async result(): Promise<ExecutionResult> {
    const outputs: OutputMessage[] = [];
    for await (const output of this) outputs.push(output);
    return { reply: await this.reply, outputs };
  }

  /** Rejects, after the outputs that did come, where the kernel died. */
  async *[Symbol.asyncIterator](): AsyncGenerator<OutputMessage, void, undefined> {
    for (;;) {
      while (this.#next < this.#outputs.length) {
        const output = this.#outputs[this.#next];
        this.#next += 1;
        if (output !== undefined) yield output;
      }
      this.#outputs.length = 0;
      this.#next = 0;
      if (this.#ended) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    await this.reply;
  }
}
