/**
 * @file The queue of cells of one shell or subshell: one at a time, in order; an error aborts what is waiting.
 */
import type { Execution, Executor, ExecuteOutcome } from "./executor.ts";
import type { ExecutionLog } from "./execution-log.ts";
import type { KernelSockets, Parent } from "./sockets.ts";

export class ExecuteQueue {
  readonly #sockets: KernelSockets;
  readonly #executor: Executor;
  readonly #log: ExecutionLog;
  readonly #waiting: Execution[] = [];
  #running: Execution | undefined;
  /** The batch of the cell that failed last. */
  #failedBatch: string | undefined;

  constructor(sockets: KernelSockets, executor: Executor, log: ExecutionLog) {
    this.#sockets = sockets;
    this.#executor = executor;
    this.#log = log;
  }

  /** Whether a cell runs or waits. */
  get busy(): boolean {
    return this.#running !== undefined;
  }

  push(execution: Execution): void {
    const { batch } = execution;
    if (batch !== undefined && batch === this.#failedBatch) {
      this.#abort(execution);
      return;
    }
    this.#waiting.push(execution);
    if (this.#running === undefined) void this.#drain();
  }

  /** Answers everything that waits, and what of its batch is still on its way, with `aborted`; the running cell goes on. */
  abortWaiting(): void {
    if (this.#waiting.length > 0) this.#executor.forgetWaiting();
    this.#failedBatch = this.#running?.batch;
    for (const execution of this.#waiting.splice(0)) this.#abort(execution);
  }

  #abort({ parent }: Execution): void {
    this.#sockets.publish(parent, "status", { execution_state: "busy" });
    this.#end(parent, { status: "aborted", execution_count: this.#executor.executionCount });
  }

  /**
   * Replies, and says how it ended in the idle status as well, for clients that did not ask themselves; with what the
   * library computes on, for the status that people see.
   */
  #end(parent: Parent, content: Reply): void {
    const { status, execution_count: count } = content;
    const { backend } = this.#executor;
    const ended = { status, ...(backend !== undefined && { backend }) };
    this.#sockets.send("shell", parent, "execute_reply", content);
    this.#log.ended(parent.header.msg_id ?? "", status, count);
    this.#sockets.publish(parent, "status", { execution_state: "idle" }, ended);
  }

  async #drain(): Promise<void> {
    while ((this.#running = this.#waiting.shift()) !== undefined) {
      const execution = this.#running;
      const { parent, content } = execution;
      this.#sockets.publish(parent, "status", { execution_state: "busy" });
      this.#log.started(parent.header.msg_id ?? "");
      const { outcome, count } = await this.#run(execution);
      this.#end(parent, reply(outcome, count));
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

interface Reply extends Readonly<Record<string, unknown>> {
  readonly status: "ok" | "error" | "aborted";
  readonly execution_count: number;
}

function reply(outcome: ExecuteOutcome, execution_count: number): Reply {
  return outcome.status === "ok"
    ? { status: "ok", execution_count, payload: outcome.payload, user_expressions: outcome.userExpressions }
    : { status: "error", execution_count, ...outcome.error, payload: [], user_expressions: {} };
}
