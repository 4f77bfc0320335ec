/** @file An execution that another client has asked for, as the kernel's broadcasts show it. */
import { Execution } from "./client-execution.ts";
import { type ExecuteReply, executeReplySchema, parseReply } from "./client-replies.ts";
import { type Message, parentId } from "./message.ts";

export class FollowedExecution {
  readonly execution: Execution;
  #resolve: (reply: ExecuteReply) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #count: number | null = null;
  #error: Readonly<Record<string, unknown>> | undefined;

  constructor(id: string) {
    const reply = new Promise<ExecuteReply>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    reply.catch(() => {});
    this.execution = new Execution(id, reply);
  }

  /** Takes any broadcast; those of other requests are passed over. */
  take(message: Message): void {
    if (parentId(message) !== this.execution.id) return;
    const { content, metadata, header } = message;
    if (header.msg_type === "execute_input" && typeof content["execution_count"] === "number")
      this.#count = content["execution_count"];
    if (header.msg_type === "error") this.#error = content;
    if (header.msg_type !== "status" || content["execution_state"] !== "idle") return;
    const { status = this.#error === undefined ? "ok" : "error" } = metadata;
    const reply = { ...this.#error, status, execution_count: this.#count };
    try {
      this.#resolve(parseReply(executeReplySchema, { ...message, content: reply }));
    } catch (error) {
      this.#reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The kernel or the client ends before the execution does. */
  fail(error: Error): void {
    this.#reject(error);
  }
}
