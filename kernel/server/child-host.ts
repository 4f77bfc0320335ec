/**
 * @file The kernel's child process as the server sees it: cells go in, outputs come out on IOPub.
 *
 * Invariants: every {@link ChildHost.execute} settles, also when the child dies; a child that died is replaced at
 * once; what a cell printed is published before its execute settles.
 */
import type {
  ChildMessage,
  CommMessage,
  ErrorContent,
  ExecuteMessage,
  ExpressionResult,
  MimeBundle,
} from "../child/protocol.ts";
import type { ChildExit, ChildProcess } from "../supervisor/child-process.ts";
import { OutputThrottle } from "./output-throttle.ts";
import { RequestParents } from "./request-parents.ts";
import { type KernelSockets, log, noParent, type Parent } from "./sockets.ts";

/** How an evaluation ended. */
export interface Evaluated {
  readonly error: ErrorContent | undefined;
  readonly userExpressions: Readonly<Record<string, ExpressionResult>>;
  readonly result: MimeBundle | undefined;
}

interface Running {
  readonly message: ExecuteMessage;
  readonly count: number;
  readonly settle: (evaluated: Evaluated) => void;
  result: MimeBundle | undefined;
}

interface InputRequest {
  readonly request: string;
  readonly prompt: string;
  readonly password: boolean;
}

/** So many children in a row may end before they are ready. */
const mostFailedStarts = 10;

/** How long an interrupted cell has before the user is told that only a restart helps. */
const interruptPatience = 1500;

export class ChildHost {
  readonly #sockets: KernelSockets;
  readonly #start: () => ChildProcess;
  readonly #parents = new RequestParents();
  readonly #running = new Map<string, Running>();
  readonly #comms = new Map<string, { readonly target: string }>();
  /** Comm messages that the child has not finished with. */
  readonly #handling = new Map<string, () => void>();
  readonly #throttle: OutputThrottle;
  /** Called when a new child has taken the place of one that died: all names are gone. */
  onRestart: () => void = () => undefined;
  /** Called when no child can be started. */
  onHopeless: () => void = () => undefined;
  /** Who answers what an execution asks, where that is another than who asked for it. */
  clientOf: (id: string) => readonly Buffer[] | undefined = () => undefined;
  /** Sees every inspector event, for the debugger. */
  onInspectorEvent: (method: string, params: unknown) => void = () => undefined;
  #backend: string | undefined;
  #child: ChildProcess;
  #closing = false;
  #failedStarts = 0;
  #patience: NodeJS.Timeout | undefined;
  #waitingForInput: InputRequest | undefined;

  constructor(sockets: KernelSockets, first: ChildProcess, start: () => ChildProcess) {
    this.#sockets = sockets;
    this.#start = start;
    this.#throttle = new OutputThrottle(
      () => this.#child.pause(),
      () => this.#child.resume(),
    );
    this.#child = first;
    this.#attach(first);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What the library computes on, once it has computed something. */
  get backend(): string | undefined {
    return this.#backend;
  }

  /** The open comms, for comm_info. */
  comms(target?: string | null): Record<string, { target_name: string }> {
    const open = [...this.#comms].filter(
      (comm) => target === undefined || target === null || comm[1].target === target,
    );
    return Object.fromEntries(open.map(([id, comm]) => [id, { target_name: comm.target }]));
  }

  /** Evaluates compiled code; its outputs are published in answer to `parent`. */
  async execute(parent: Parent, count: number, message: ExecuteMessage): Promise<Evaluated> {
    this.#parents.set(message.request, parent);
    return await new Promise((settle) => {
      this.#running.set(message.request, { message, count, settle, result: undefined });
      this.#child.send(message);
    });
  }

  /** Passes a comm message on; resolves when its handler in the child has returned. */
  async comm(parent: Parent, message: CommMessage): Promise<void> {
    this.#parents.set(message.request, parent);
    if (message.type === "comm_open") this.#comms.set(message.commId, { target: message.targetName ?? "" });
    if (message.type === "comm_close") this.#comms.delete(message.commId);
    await new Promise<void>((resolve) => {
      this.#handling.set(message.request, resolve);
      this.#child.send(message);
    });
  }

  /** What a cell asks the user, and in answer to which message it runs. */
  get pendingInput():
    { readonly id: string; readonly prompt: string; readonly password: boolean } | undefined {
    if (this.#waitingForInput === undefined) return undefined;
    const { request, prompt, password } = this.#waitingForInput;
    return { id: this.#parents.get(request).header.msg_id ?? "", prompt, password };
  }

  inputReply(value: string): void {
    if (this.#waitingForInput === undefined) return;
    this.#waitingForInput = undefined;
    this.#child.inputReply(value);
  }

  async inspector(method: string, params: Record<string, unknown>): Promise<unknown> {
    return await this.#child.inspector(method, params);
  }

  /**
   * Stops what runs. A second call while the first has had no effect (a long native call cannot be stopped) replaces
   * the child.
   */
  interrupt(): void {
    if (this.#running.size === 0) return;
    this.#throttle.release();
    if (this.#patience !== undefined) {
      this.#child.kill("it did not react to an interrupt");
      return;
    }
    for (const { message } of this.#running.values()) this.#child.interrupt(message.request);
    const [request] = this.#running.keys();
    this.#patience = setTimeout(() => {
      const text =
        "The cell is still busy in native code. Interrupt again to restart; that loses all variables.\n";
      this.#sockets.publish(this.#parents.get(request ?? ""), "stream", { name: "stderr", text });
    }, interruptPatience);
  }

  /** Ends the child for good. */
  close(): void {
    this.#closing = true;
    clearTimeout(this.#patience);
    this.#child.kill("the kernel was shut down");
  }

  #attach(child: ChildProcess): void {
    child.onMessage = (message) => this.#handle(message);
    child.onInspectorEvent = (method, params) => this.onInspectorEvent(method, params);
    void child.exited.then((exit) => this.#replace(exit));
  }

  #replace(exit: ChildExit): void {
    if (this.#closing) return;
    this.#failedStarts += 1;
    if (this.#failedStarts > mostFailedStarts) {
      log(`the process that runs the cells does not start: ${exit.reason}. \`tenon doctor\` may say why`);
      this.onHopeless();
      return;
    }
    const lost = [...this.#running.values()];
    this.#running.clear();
    for (const resolve of this.#handling.values()) resolve();
    this.#handling.clear();
    this.#clearPatience();
    this.#waitingForInput = undefined;
    for (const id of this.#comms.keys())
      this.#sockets.publish(noParent, "comm_close", { comm_id: id, data: {} });
    this.#comms.clear();
    const reason = `The process that runs the cells ended: ${exit.reason}. It was started anew; all variables are gone.`;
    log(reason);
    if (lost.length === 0) this.#sockets.publish(noParent, "stream", { name: "stderr", text: `${reason}\n` });
    this.#backend = undefined;
    this.#child = this.#start();
    this.#attach(this.#child);
    this.onRestart();
    const error = {
      ename: "KernelRestarted",
      evalue: reason,
      traceback: [`\u001B[31mKernelRestarted\u001B[39m: ${reason}`],
    };
    for (const { settle } of lost) settle({ error, userExpressions: {}, result: undefined });
  }

  #handle(message: ChildMessage): void {
    switch (message.type) {
      case "ready":
        this.#failedStarts = 0;
        return;
      case "stream":
        this.#throttle.spend(message.text.length);
        this.#publish(message.request, "stream", { name: message.name, text: message.text });
        return;
      case "display":
      case "update_display": {
        const transient = message.displayId === undefined ? {} : { display_id: message.displayId };
        const content = { data: message.data, metadata: message.metadata, transient };
        const type = message.type === "display" ? "display_data" : "update_display_data";
        this.#publish(message.request, type, content, message.buffers);
        return;
      }
      case "clear_output":
        this.#publish(message.request, "clear_output", { wait: message.wait });
        return;
      case "result": {
        const running = this.#running.get(message.request);
        if (running === undefined) return;
        running.result = message.data;
        const { data, metadata } = message;
        this.#publish(message.request, "execute_result", { execution_count: running.count, data, metadata });
        return;
      }
      case "backend":
        this.#backend = message.name;
        return;
      case "late_error": {
        const { ename, evalue, traceback } = message;
        this.#publish(message.request, "error", { ename, evalue, traceback });
        return;
      }
      case "input_request":
        this.#waitingForInput = message;
        this.#askForInput(message);
        return;
      case "comm_open":
        this.#comms.set(message.commId, { target: message.targetName ?? "" });
        this.#publishComm(message, {
          comm_id: message.commId,
          target_name: message.targetName ?? "",
          data: message.data,
        });
        return;
      case "comm_close":
        this.#comms.delete(message.commId);
        this.#publishComm(message, { comm_id: message.commId, data: message.data });
        return;
      case "comm_msg":
        this.#publishComm(message, { comm_id: message.commId, data: message.data });
        return;
      case "done": {
        this.#handling.get(message.request)?.();
        this.#handling.delete(message.request);
        const running = this.#running.get(message.request);
        if (running === undefined) return;
        this.#running.delete(message.request);
        if (this.#waitingForInput?.request === message.request) this.#waitingForInput = undefined;
        if (this.#running.size === 0) this.#clearPatience();
        running.settle({
          error: message.error,
          userExpressions: message.userExpressions,
          result: running.result,
        });
      }
    }
  }

  #askForInput({ request, prompt, password }: InputRequest): void {
    const parent = this.#parents.get(request);
    const identities = this.clientOf(parent.header.msg_id ?? "") ?? parent.identities;
    this.#sockets.send("stdin", { ...parent, identities }, "input_request", { prompt, password });
  }

  #publish(request: string, type: string, content: object, buffers?: readonly Uint8Array[]): void {
    if (this.#running.get(request)?.message.silent === true) return;
    this.#sockets.publish(this.#parents.get(request), type, content, {}, buffers);
  }

  #publishComm(message: CommMessage, content: object): void {
    this.#sockets.publish(
      this.#parents.get(message.request),
      message.type,
      content,
      message.metadata,
      message.buffers,
    );
  }

  #clearPatience(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }
}
