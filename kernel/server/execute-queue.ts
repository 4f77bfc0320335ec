/**
 * @file The queue of cells of one shell or subshell: one at a time, in order; an error aborts what is waiting.
 */
import type { Execution, Executor, ExecuteOutcome } from "./executor.ts";
import type { KernelSockets } from "./sockets.ts";

export class ExecuteQueue {
  readonly #sockets: KernelSockets;
  readonly #executor: Executor;
  readonly #waiting: Execution[] = [];
  #running: Execution | undefined;

  constructor(sockets: KernelSockets, executor: Executor) {
    this.#sockets = sockets;
    this.#executor = executor;
  }

  /** Whether a cell runs or waits. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  push(execution: Execution): void {
    this.#waiting.push(execution);
    if (this.#running === undefined) void this.#drain();
  }

  /** Answers everything that waits with `aborted`; the running cell goes on. */
  abortWaiting(): void {
    if (this.#waiting.length > 0) this.#executor.forgetWaiting();
    for (const execution of this.#waiting.splice(0)) {
      const { parent } = execution;
      this.#sockets.publish(parent, "status", { execution_state: "busy" });
      this.#sockets.send("shell", parent, "execute_reply", {
        status: "aborted",
        execution_count: this.#executor.executionCount,
      });
      this.#sockets.publish(parent, "status", { execution_state: "idle" });
    }
  }

  async #drain(): Promise<void> {
    while ((this.#running = this.#waiting.shift()) !== undefined) {
      const execution = this.#running;
      const { parent, content } = execution;
      this.#sockets.publish(parent, "status", { execution_state: "busy" });
      const { outcome, count } = await this.#run(execution);
      this.#sockets.send("shell", parent, "execute_reply", reply(outcome, count));
      this.#sockets.publish(parent, "status", { execution_state: "idle" });
      if (outcome.status === "error" && content.stop_on_error) this.abortWaiting();
    }
  }

  /** A defect of the kernel itself must not leave a cell without a reply. */
  async #run(execution: Execution): ReturnType<Executor["run"]> {
    try {
      return await this.#executor.run(execution, this.#waiting);
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      const content = { ename: name, evalue: message, traceback: (stack ?? message).split("\n") };
      this.#sockets.publish(execution.parent, "error", content);
      return { outcome: { status: "error", error: content }, count: this.#executor.executionCount };
    }
  }
}

function reply(outcome: ExecuteOutcome, execution_count: number): object {
  return outcome.status === "ok"
    ? { status: "ok", execution_count, payload: outcome.payload, user_expressions: outcome.userExpressions }
    : { status: "error", execution_count, ...outcome.error, payload: [], user_expressions: {} };
}
