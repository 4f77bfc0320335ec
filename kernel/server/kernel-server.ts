/**
 * @file Answers Jupyter messages. Cells go to their queue; everything else is answered at once, also while cells run.
 *
 * Invariant: no message can end the kernel. A request with bad content gets an error reply, an unknown one is logged.
 */
import { randomUUID } from "node:crypto";
import { completeness } from "../../cells/completeness.ts";
import type { ConnectionInfo } from "../../jupyter/connection-file.ts";
import type { Message } from "../../jupyter/message.ts";
import type { Checker } from "../checker/checker.ts";
import type { DebugAdapter } from "../debug/debug-adapter.ts";
import type { ChildHost } from "./child-host.ts";
import { completeReply } from "./complete.ts";
import { ExecuteQueue } from "./execute-queue.ts";
import type { ExecutionLog } from "./execution-log.ts";
import type { Executor } from "./executor.ts";
import type { History } from "./history.ts";
import { inspectReply } from "./inspect.ts";
import { batchKey, keepMetadata, sessionTarget } from "../session-protocol.ts";
import type { Linger } from "./linger.ts";
import { sessionAnswer } from "./session.ts";
import {
  commInfoRequest,
  commMessage,
  commOpen,
  completeRequest,
  executeRequest,
  historyRequest,
  inputReply,
  inspectRequest,
  isCompleteRequest,
  parseContent,
  shutdownRequest,
  subshellRequest,
} from "./requests.ts";
import { type KernelSockets, log, type Parent } from "./sockets.ts";

type Answer = Readonly<Record<string, unknown>>;
type Handler = (message: Message) => Answer | Promise<Answer>;

interface Services {
  readonly sockets: KernelSockets;
  readonly child: ChildHost;
  readonly checker: Checker;
  readonly history: History;
  readonly executor: Executor;
  readonly debug: DebugAdapter;
  readonly executions: ExecutionLog;
  readonly linger: Linger;
  readonly connection: ConnectionInfo;
  readonly info: Answer;
  /** Ends the process once everything has been sent. */
  readonly shutdown: () => Promise<void>;
}

export class KernelServer {
  readonly #services: Services;
  readonly #main: ExecuteQueue;
  readonly #subshells = new Map<string, ExecuteQueue>();
  readonly #shell: ReadonlyMap<string, Handler>;
  readonly #control: ReadonlyMap<string, Handler>;

  constructor(services: Services) {
    this.#services = services;
    this.#main = new ExecuteQueue(services.sockets, services.executor, services.executions);
    const { child, checker, history, debug, connection, info } = services;
    const answered: [string, Handler][] = [
      ["kernel_info_request", () => info],
      ["connect_request", () => connectReply(connection)],
      [
        "comm_info_request",
        ({ content }) => ({
          status: "ok",
          comms: child.comms(parseContent(commInfoRequest, content).target_name),
        }),
      ],
    ];
    this.#shell = new Map<string, Handler>([
      ...answered,
      ["complete_request", ({ content }) => completeReply(checker, parseContent(completeRequest, content))],
      ["inspect_request", ({ content }) => inspectReply(checker, parseContent(inspectRequest, content))],
      [
        "is_complete_request",
        ({ content }) => ({ ...completeness(parseContent(isCompleteRequest, content).code) }),
      ],
      [
        "history_request",
        ({ content }) => ({ status: "ok", history: history.query(parseContent(historyRequest, content)) }),
      ],
      ["shutdown_request", (message) => this.#shutdown(message)],
    ]);
    this.#control = new Map<string, Handler>([
      ...answered,
      ["interrupt_request", () => this.interrupt()],
      ["shutdown_request", (message) => this.#shutdown(message)],
      ["debug_request", async ({ content }) => ({ ...(await debug.handle(content)) })],
      ["create_subshell_request", () => this.#createSubshell()],
      ["delete_subshell_request", (message) => this.#deleteSubshell(message)],
      ["list_subshell_request", () => ({ status: "ok", subshell_id: [...this.#subshells.keys()] })],
    ]);
  }

  /** Handles one message that came in on a channel. */
  receive(channel: "shell" | "control" | "stdin", message: Message): void {
    if (channel === "stdin") this.#receiveInput(message);
    else if (channel === "shell" && message.header.msg_type === "execute_request") this.#execute(message);
    else if (
      channel === "shell" &&
      message.header.msg_type.startsWith("comm_") &&
      !message.header.msg_type.endsWith("_request")
    )
      void this.#comm(message);
    else void this.#answer(channel, message);
  }

  /** Stops the running cells and aborts the waiting ones. */
  interrupt(): Answer {
    for (const queue of [this.#main, ...this.#subshells.values()]) queue.abortWaiting();
    this.#services.executor.interrupt();
    this.#services.child.interrupt();
    return { status: "ok" };
  }

  async #answer(channel: "shell" | "control", message: Message): Promise<void> {
    const { sockets } = this.#services;
    const type = message.header.msg_type;
    const handler = (channel === "shell" ? this.#shell : this.#control).get(type);
    if (handler === undefined) {
      log(`there is no answer to ${JSON.stringify(type)} on ${channel}`);
      return;
    }
    const parent = parentOf(message);
    sockets.publish(parent, "status", { execution_state: "busy" });
    let answer: Answer;
    try {
      answer = await handler(message);
    } catch (error) {
      answer = errorReply(error);
    }
    sockets.send(channel, parent, type.replace(/_request$/, "_reply"), answer);
    sockets.publish(parent, "status", { execution_state: "idle" });
    if (type === "shutdown_request" && answer["status"] === "ok") await this.#services.shutdown();
  }

  #execute(message: Message): void {
    const parent = parentOf(message);
    const subshell = message.header.subshell_id ?? undefined;
    const queue = subshell === undefined ? this.#main : this.#subshells.get(subshell);
    try {
      if (queue === undefined) throw new Error(`there is no subshell ${subshell}`);
      const content = parseContent(executeRequest, message.content);
      const { cellId: id, [batchKey]: batchName, ...metadata } = message.metadata;
      const cellId = typeof id === "string" ? id : undefined;
      const batch = typeof batchName === "string" ? batchName : undefined;
      if (Object.entries(keepMetadata).every(([key, value]) => metadata[key] === value))
        this.#services.executions.asked(message.header.msg_id, cellId, content.code);
      queue.push({ content, parent, cellId, batch });
    } catch (error) {
      const { sockets, executor } = this.#services;
      sockets.publish(parent, "status", { execution_state: "busy" });
      const answer = { ...errorReply(error), execution_count: executor.executionCount };
      sockets.send("shell", parent, "execute_reply", answer);
      sockets.publish(parent, "status", { execution_state: "idle" });
    }
  }

  async #comm(message: Message): Promise<void> {
    const { sockets, child } = this.#services;
    const parent = parentOf(message);
    const type = message.header.msg_type;
    if (type !== "comm_open" && type !== "comm_msg" && type !== "comm_close") {
      log(`there is no answer to ${JSON.stringify(type)} on shell`);
      return;
    }
    sockets.publish(parent, "status", { execution_state: "busy" });
    try {
      const base = { request: randomUUID(), metadata: { ...message.metadata }, buffers: message.buffers };
      if (type === "comm_open") {
        const { comm_id, target_name, data } = parseContent(commOpen, message.content);
        if (target_name === sessionTarget) this.#answerSession(parent, comm_id, data);
        else await child.comm(parent, { type, commId: comm_id, targetName: target_name, data, ...base });
      } else {
        const { comm_id, data } = parseContent(commMessage, message.content);
        await child.comm(parent, { type, commId: comm_id, data, ...base });
      }
    } catch (error) {
      log(`a ${type} was dropped: ${String(error)}`);
    }
    sockets.publish(parent, "status", { execution_state: "idle" });
  }

  /** An editor is here, or back again. */
  #answerSession(parent: Parent, id: string, request: unknown): void {
    const { sockets, child, executions, linger } = this.#services;
    const answer = sessionAnswer(request, parent.identities, { child, executions, linger });
    sockets.publish(parent, "comm_msg", { comm_id: id, data: answer });
    sockets.publish(parent, "comm_close", { comm_id: id, data: {} });
  }

  #receiveInput(message: Message): void {
    if (message.header.msg_type !== "input_reply") return;
    try {
      this.#services.child.inputReply(parseContent(inputReply, message.content).value);
    } catch (error) {
      log(`an input_reply was dropped: ${String(error)}`);
    }
  }

  #shutdown(message: Message): Answer {
    const { restart } = parseContent(shutdownRequest, message.content);
    this.#services.sockets.publish(parentOf(message), "shutdown_reply", { status: "ok", restart });
    return { status: "ok", restart };
  }

  #createSubshell(): Answer {
    const id = randomUUID();
    const { sockets, executor, executions } = this.#services;
    this.#subshells.set(id, new ExecuteQueue(sockets, executor, executions));
    return { status: "ok", subshell_id: id };
  }

  #deleteSubshell(message: Message): Answer {
    const { subshell_id: id } = parseContent(subshellRequest, message.content);
    const queue = this.#subshells.get(id);
    if (queue === undefined) throw new Error(`there is no subshell ${id}`);
    queue.abortWaiting();
    this.#subshells.delete(id);
    return { status: "ok" };
  }
}

function parentOf(message: Message): Parent {
  return { header: message.header, identities: message.identities };
}

function errorReply(error: unknown): Answer {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { status: "error", ename: name, evalue: message, traceback: [] };
}

function connectReply(info: ConnectionInfo): Answer {
  const { shell_port, iopub_port, stdin_port, control_port, hb_port } = info;
  return { status: "ok", shell_port, iopub_port, stdin_port, control_port, hb_port };
}
