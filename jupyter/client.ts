/**
 * @file A Jupyter client over ZeroMQ, for any kernel: starts one or attaches to one, and talks to it.
 *
 * A client is ready when it is handed out: the kernel has answered, and its broadcasts are known to arrive, so that
 * the first output is not lost. {@link KernelClient.close} leaves no socket, process or file behind.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { curveKeyPair } from "zeromq";
import type { Comm } from "./client-comm.ts";
import { ClientComms } from "./client-comms.ts";
import { KernelConnection, type RequestOptions, type SendChannel } from "./client-connection.ts";
import { ClientClosedError, KernelDiedError, KernelStartError } from "./client-errors.ts";
import { Execution } from "./client-execution.ts";
import { Heartbeat } from "./client-heartbeat.ts";
import { FollowedExecution } from "./client-followed-execution.ts";
import { type KernelPlace, KernelProcess } from "./client-process.ts";
import {
  type CommInfoReply,
  type CompleteReply,
  type ExecuteReply,
  type HistoryReply,
  type InspectReply,
  type IsCompleteReply,
  type KernelInfo,
  type StatusReply,
  commInfoReplySchema,
  completeReplySchema,
  createSubshellReplySchema,
  executeReplySchema,
  historyReplySchema,
  inspectReplySchema,
  isCompleteReplySchema,
  kernelInfoSchema,
  listSubshellReplySchema,
  parseReply,
  statusReplySchema,
} from "./client-replies.ts";
import { type ConnectionInfo, createConnectionInfo, parseConnectionInfo } from "./connection-file.ts";
import { type InstalledKernelspec, kernelspecEnvironment } from "./kernelspec.ts";
import { Listeners, type Unsubscribe } from "./listeners.ts";
import { type Message, parentId } from "./message.ts";
import { parseOutputMessage } from "./output-message.ts";

/** How the kernel to start is named: by its command, or by an installed kernelspec. */
export type KernelChoice =
  | {
      readonly argv: readonly string[];
      /** How {@link KernelClient.interrupt} works; `message` where not given. */
      readonly interruptMode?: "message" | "signal" | undefined;
    }
  | { readonly kernelspec: InstalledKernelspec };

export type StartOptions = KernelChoice & {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds until a kernel that does not answer is given up; 60,000 where not given. */
  readonly startTimeout?: number | undefined;
  /** Encrypts all sockets with CurveZMQ, for kernels that say that they support it. */
  readonly encrypt?: boolean | undefined;
  /** Gives up a start that is still under way. */
  readonly signal?: AbortSignal | undefined;
  /** What the kernel writes to its own stdout and stderr. */
  readonly onLog?: ((text: string) => void) | undefined;
  /** The kernel goes on when this process ends or the client is {@link KernelClient.leave left}; `adopt` finds it again. */
  readonly outlives?: boolean | undefined;
};

export interface ExecuteOptions {
  readonly silent?: boolean | undefined;
  /** True where not given, unless `silent`. */
  readonly storeHistory?: boolean | undefined;
  readonly userExpressions?: Readonly<Record<string, string>> | undefined;
  /** Whether an error aborts the executions queued behind; true where not given. */
  readonly stopOnError?: boolean | undefined;
  /**
   * Answers the cell's requests for input; without it the kernel is told that there is nobody to ask. Undefined is no
   * answer: the cell waits on, unless it was interrupted.
   */
  readonly onInput?:
    ((prompt: string, password: boolean) => string | undefined | Promise<string | undefined>) | undefined;
  readonly subshellId?: string | undefined;
  /** The notebook's id of the cell. */
  readonly cellId?: string | undefined;
  /** More metadata of the message. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

interface Running {
  readonly execution: Execution;
  readonly onInput: ExecuteOptions["onInput"];
}

const defaultStartTimeout = 60_000;
/** Milliseconds that a kernel has to end by itself after it was asked to. */
const shutdownPatience = 5000;
/** Milliseconds between questions to a kernel that is starting. */
const askInterval = 100;
/** Milliseconds in which what a dead kernel has sent is still read. */
const drainTime = 50;

/** A client of one kernel. */
export class KernelClient {
  readonly #info: ConnectionInfo;
  readonly #spawn: (() => Promise<KernelProcess>) | undefined;
  readonly #interruptMode: "message" | "signal";
  readonly #startTimeout: number;
  readonly #running = new Map<string, Running>();
  readonly #followed = new Set<FollowedExecution>();
  readonly #comms = new ClientComms(() => this.#live);
  readonly #iopubListeners = new Listeners<readonly [message: Message]>();
  readonly #deadListeners = new Listeners<readonly [error: Error]>();
  readonly #problemListeners = new Listeners<readonly [error: unknown]>();
  #process: KernelProcess | undefined;
  /** A kernel to take over, until that has happened. */
  #adopted: KernelProcess | undefined;
  #connection: KernelConnection | undefined;
  #heartbeat: Heartbeat | undefined;
  #kernelInfo: KernelInfo | undefined;
  #onFirstBroadcast: () => void = () => {};
  #closed = false;

  private constructor(
    info: ConnectionInfo,
    spawn: (() => Promise<KernelProcess>) | undefined,
    interruptMode: "message" | "signal",
    startTimeout: number,
  ) {
    this.#info = info;
    this.#spawn = spawn;
    this.#interruptMode = interruptMode;
    this.#startTimeout = startTimeout;
  }

  /** Starts a kernel and waits until it answers. @throws {KernelStartError} */
  static async start(options: StartOptions): Promise<KernelClient> {
    const spec = "kernelspec" in options ? options.kernelspec : undefined;
    const info = await createConnectionInfo(spec?.name);
    if (options.encrypt === true) {
      const pair = curveKeyPair();
      info.curve_publickey = pair.publicKey;
      info.curve_secretkey = pair.secretKey;
    }
    const client = KernelClient.#create(info, options);
    await client.#open(options.signal);
    return client;
  }

  /**
   * Takes over a kernel that was started with `outlives` by a process that has ended or has left it. `options` are those
   * that it was started with, for restarts. Where it does not answer, it is left alone. @throws {ConnectionFileError, KernelStartError}
   */
  static async adopt(place: KernelPlace, options: StartOptions): Promise<KernelClient> {
    const info = parseConnectionInfo(await readFile(place.connectionFile, "utf8"));
    const client = KernelClient.#create(info, options);
    client.#adopted = KernelProcess.adopt(place, options.onLog);
    await client.#open(options.signal);
    return client;
  }

  static #create(info: ConnectionInfo, options: StartOptions): KernelClient {
    const spec = "kernelspec" in options ? options.kernelspec : undefined;
    const argv = "kernelspec" in options ? options.kernelspec.spec.argv : options.argv;
    const interruptMode =
      "kernelspec" in options
        ? (options.kernelspec.spec.interrupt_mode ?? "signal")
        : (options.interruptMode ?? "message");
    const env = { ...(spec === undefined ? {} : kernelspecEnvironment(spec)), ...options.env };
    const { cwd, onLog, outlives } = options;
    const spawn = () =>
      KernelProcess.spawn(info, { argv, cwd, env, resourceDir: spec?.directory, onLog, outlives });
    return new KernelClient(info, spawn, interruptMode, options.startTimeout ?? defaultStartTimeout);
  }

  /** Attaches to a running kernel by its connection file. @throws {ConnectionFileError, KernelStartError} */
  static async connect(
    connectionFile: string,
    options: { readonly timeout?: number } = {},
  ): Promise<KernelClient> {
    const info = parseConnectionInfo(await readFile(connectionFile, "utf8"));
    const client = new KernelClient(info, undefined, "message", options.timeout ?? defaultStartTimeout);
    await client.#open();
    return client;
  }

  /** The kernel's description of itself, from the start. */
  get info(): KernelInfo {
    if (this.#kernelInfo === undefined) throw new ClientClosedError("the kernel has not answered yet");
    return this.#kernelInfo;
  }

  /** The process id of a kernel that this client started or took over. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** The connection file of a kernel that this client started or took over, for other clients to attach with. */
  get connectionFile(): string | undefined {
    return this.#process?.connectionFile;
  }

  /** The end of what the kernel wrote to its own stdout and stderr. */
  get log(): string {
    return this.#process?.log ?? "";
  }

  /** Runs code. Executions that are asked for before earlier ones are over wait in the kernel's queue. */
  execute(code: string, options: ExecuteOptions = {}): Execution {
    const { silent = false, storeHistory = !silent, stopOnError = true, onInput, cellId } = options;
    const content = {
      code,
      silent,
      store_history: storeHistory,
      user_expressions: options.userExpressions ?? {},
      allow_stdin: onInput !== undefined,
      stop_on_error: stopOnError,
    };
    const metadata = { ...options.metadata, ...(cellId === undefined ? {} : { cellId }) };
    const { id, done } = this.#live.request("shell", "execute_request", content, {
      waitForIdle: true,
      metadata,
      subshellId: options.subshellId,
    });
    const reply = this.#finish(id, done);
    // Whoever only iterates over the outputs gets the error there.
    reply.catch(() => {});
    const execution = new Execution(id, reply);
    this.#running.set(id, { execution, onInput });
    return execution;
  }

  /**
   * The outputs and the end of an execution that another client has asked for. Its reply is what the broadcasts say of
   * it: the status that a Tenon kernel sends with the idle status, else whether there was an error.
   */
  follow(id: string, options: Pick<ExecuteOptions, "onInput"> = {}): Execution {
    const followed = new FollowedExecution(id);
    const unsubscribe = this.onIopub((message) => followed.take(message));
    this.#followed.add(followed);
    const { execution } = followed;
    const forget = (): void => {
      unsubscribe();
      this.#followed.delete(followed);
      this.#running.delete(id);
    };
    execution.reply.then(forget, forget);
    this.#running.set(id, { execution, onInput: options.onInput });
    return execution;
  }

  /** Answers what a cell asks, also where it asked another client, which has gone. */
  async answerInput(value: string): Promise<void> {
    await this.#live.send("stdin", "input_reply", { status: "ok", value });
  }

  /** Sends any request and resolves with its reply. @throws {RequestTimeoutError, KernelDiedError, ClientClosedError} */
  request(
    channel: SendChannel,
    type: string,
    content: Readonly<Record<string, unknown>> = {},
    options: RequestOptions = {},
  ): Promise<Message> {
    return this.#live.request(channel, type, content, options).done;
  }

  async kernelInfo(options: RequestOptions = {}): Promise<KernelInfo> {
    return parseReply(kernelInfoSchema, await this.request("shell", "kernel_info_request", {}, options));
  }

  /** `cursor` counts Unicode code points, as the protocol has it; the code's end where not given. */
  async complete(
    code: string,
    cursor = codePoints(code),
    options: RequestOptions = {},
  ): Promise<CompleteReply> {
    const content = { code, cursor_pos: cursor };
    return parseReply(completeReplySchema, await this.request("shell", "complete_request", content, options));
  }

  async inspect(
    code: string,
    cursor = codePoints(code),
    detail: 0 | 1 = 0,
    options: RequestOptions = {},
  ): Promise<InspectReply> {
    const content = { code, cursor_pos: cursor, detail_level: detail };
    return parseReply(inspectReplySchema, await this.request("shell", "inspect_request", content, options));
  }

  async isComplete(code: string, options: RequestOptions = {}): Promise<IsCompleteReply> {
    return parseReply(
      isCompleteReplySchema,
      await this.request("shell", "is_complete_request", { code }, options),
    );
  }

  /** `query` has the protocol's fields: `hist_access_type`, `n`, `session`, `start`, `stop`, `pattern`, `unique`. */
  async history(
    query: Readonly<Record<string, unknown>>,
    options: RequestOptions = {},
  ): Promise<HistoryReply> {
    const content = { output: false, raw: true, hist_access_type: "tail", n: 10, ...query };
    return parseReply(historyReplySchema, await this.request("shell", "history_request", content, options));
  }

  async commInfo(target?: string, options: RequestOptions = {}): Promise<CommInfoReply> {
    const content = target === undefined ? {} : { target_name: target };
    return parseReply(
      commInfoReplySchema,
      await this.request("shell", "comm_info_request", content, options),
    );
  }

  /** Sends a debug adapter request; `command` and `arguments` are DAP's. Resolves with the DAP response. */
  async debug(
    message: Readonly<Record<string, unknown>>,
    options: RequestOptions = {},
  ): Promise<StatusReply> {
    return parseReply(statusReplySchema, await this.request("control", "debug_request", message, options));
  }

  /** Makes a subshell, for `execute`'s `subshellId`. */
  async createSubshell(options: RequestOptions = {}): Promise<string> {
    const reply = await this.request("control", "create_subshell_request", {}, options);
    return parseReply(createSubshellReplySchema, reply).subshell_id;
  }

  async deleteSubshell(id: string, options: RequestOptions = {}): Promise<StatusReply> {
    const content = { subshell_id: id };
    return parseReply(
      statusReplySchema,
      await this.request("control", "delete_subshell_request", content, options),
    );
  }

  async listSubshells(options: RequestOptions = {}): Promise<readonly string[]> {
    const reply = await this.request("control", "list_subshell_request", {}, options);
    return parseReply(listSubshellReplySchema, reply).subshell_id;
  }

  /** Stops what runs; its execution ends with an error reply. */
  async interrupt(options: RequestOptions = {}): Promise<void> {
    if (this.#interruptMode === "signal" && this.#process !== undefined) this.#process.interrupt();
    else await this.request("control", "interrupt_request", {}, options);
  }

  /** Milliseconds for a heartbeat's round trip. @throws {RequestTimeoutError} */
  beat(timeout = 5000): Promise<number> {
    this.#heartbeat ??= new Heartbeat(this.#info);
    return this.#heartbeat.beat(timeout);
  }

  /**
   * Opens a comm to an object that the kernel registered under `target`. Whoever must not miss its first message adds
   * the listener in `listen`: the kernel may answer before this resolves.
   */
  async openComm(
    target: string,
    data: Readonly<Record<string, unknown>> = {},
    listen: (comm: Comm) => void = () => {},
  ): Promise<Comm> {
    return await this.#comms.open(target, data, listen);
  }

  /** This end of a comm that is open already, as {@link commInfo} lists them. */
  attachComm(id: string, target: string): Comm {
    return this.#comms.attach(id, target);
  }

  /** The id of the comm whose message the broadcast answers, where {@link Comm.deliver} sent it not long ago. */
  commAnswered(message: Message): string | undefined {
    return this.#comms.answered(message);
  }

  /** Called with each comm that the kernel opens. */
  onCommOpen(listener: (comm: Comm, data: unknown, buffers: readonly Buffer[]) => void): Unsubscribe {
    return this.#comms.onOpen(listener);
  }

  /** Called with every broadcast message, also those of other clients' requests and late output. */
  onIopub(listener: (message: Message) => void): Unsubscribe {
    return this.#iopubListeners.add(listener);
  }

  /** Called once when the kernel ended, or an attached one stopped answering, without having been asked to. */
  onDead(listener: (error: Error) => void): Unsubscribe {
    return this.#deadListeners.add(listener);
  }

  /** Called with the reason when a message was dropped because it was malformed or wrongly signed. */
  onProblem(listener: (error: unknown) => void): Unsubscribe {
    return this.#problemListeners.add(listener);
  }

  /** Ends a started kernel and starts it anew with the same ports. What waits is rejected. */
  async restart(): Promise<void> {
    if (this.#spawn === undefined)
      throw new KernelStartError("only a kernel that this client started can restart");
    await this.#end(true, new ClientClosedError("the kernel was restarted"));
    this.#closed = false;
    await this.#open();
  }

  /** Asks the kernel to end, sees to it that it does, and closes the client. Works for attached kernels as well. */
  async shutdown(): Promise<void> {
    await this.#end(false, new ClientClosedError("the kernel was shut down"));
  }

  /** Closes the client; a kernel that it started is ended with all that it started, an attached one is left alone. */
  async close(): Promise<void> {
    if (this.#process === undefined) await this.#disconnect(new ClientClosedError("the client was closed"));
    else await this.#end(false, new ClientClosedError("the client was closed"));
  }

  /** Closes the client and leaves its kernel running; see `outlives`. */
  async leave(): Promise<void> {
    this.#process?.leave();
    await this.#disconnect(new ClientClosedError("the client was closed"));
    this.#process = undefined;
  }

  /** Ends a started kernel at once, without asking it. */
  async kill(): Promise<void> {
    this.#closed = true;
    this.#process?.killTree();
    await this.#disconnect(new ClientClosedError("the kernel was killed"));
    await this.#process?.stop(shutdownPatience);
    this.#process = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #live(): KernelConnection {
    if (this.#connection === undefined) throw new ClientClosedError("the client is closed");
    return this.#connection;
  }

  async #open(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const adopted = this.#adopted;
    this.#adopted = undefined;
    this.#process = adopted ?? (await this.#spawn?.());
    this.#connection = new KernelConnection(this.#info, randomUUID(), {
      onIopub: (message) => this.#takeBroadcast(message),
      onStdin: (message) => void this.#answerInput(message),
      onProblem: (error) => this.#problemListeners.emit(error),
    });
    try {
      await this.#handshake(this.#connection, signal);
    } catch (error) {
      this.#closed = true;
      const cause = error instanceof Error ? error : new Error(String(error));
      await this.#disconnect(cause);
      // What does not answer under an adopted kernel's process id may be another program by now.
      if (adopted === undefined) await this.#process?.stop(0);
      else adopted.leave();
      throw cause;
    }
    if (this.#process !== undefined) this.#watchProcess(this.#process);
    else this.#watchHeartbeat();
  }

  /** Asks until the kernel has answered and one of its broadcasts has arrived. */
  async #handshake(connection: KernelConnection, signal: AbortSignal | undefined): Promise<void> {
    let again: NodeJS.Timeout | undefined;
    let tooLate: NodeJS.Timeout | undefined;
    let onAbort = (): void => {};
    const kernel = this.#process;
    const subscribed = new Promise<void>((resolve) => {
      this.#onFirstBroadcast = resolve;
    });
    const answered = new Promise<KernelInfo>((resolve, reject) => {
      const ask = async (): Promise<void> => {
        try {
          resolve(
            parseReply(kernelInfoSchema, await connection.request("shell", "kernel_info_request", {}).done),
          );
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      void ask();
      // Asked again, in case the first question was lost or its broadcasts left before the subscription was made.
      again = setInterval(() => void ask(), askInterval);
    });
    const failed = new Promise<never>((_, reject) => {
      const fail = (what: string): void => reject(new KernelStartError(what));
      onAbort = () => fail("the start was given up");
      signal?.addEventListener("abort", onAbort);
      void kernel?.exited.then(() => fail(`the kernel ${kernel.describeExit()}`));
      tooLate = setTimeout(() => {
        const log = this.log === "" ? "" : `; it wrote:\n${this.log}`;
        fail(`the kernel did not answer within ${this.#startTimeout} ms${log}`);
      }, this.#startTimeout);
    });
    try {
      const [info] = await Promise.race([Promise.all([answered, subscribed]), failed]);
      this.#kernelInfo = info;
    } finally {
      clearInterval(again);
      clearTimeout(tooLate);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #watchProcess(kernel: KernelProcess): void {
    void kernel.exited.then(async () => {
      await delay(drainTime);
      if (this.#closed || this.#process !== kernel) return;
      this.#die(new KernelDiedError(`the kernel ${kernel.describeExit()}`));
    });
  }

  #watchHeartbeat(): void {
    this.#heartbeat ??= new Heartbeat(this.#info);
    this.#heartbeat.watch(1000, 10, () => this.#die(new KernelDiedError("the kernel stopped answering")));
  }

  #die(error: KernelDiedError): void {
    this.#connection?.fail(error);
    for (const followed of this.#followed) followed.fail(error);
    this.#deadListeners.emit(error);
  }

  async #end(restart: boolean, reason: Error): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const alive = this.#process === undefined || this.#process.exit === undefined;
    const asked =
      alive &&
      (await this.request("control", "shutdown_request", { restart }, { timeout: shutdownPatience }).then(
        () => true,
        () => false,
      ));
    await this.#disconnect(reason);
    await this.#process?.stop(asked ? shutdownPatience : 0);
    this.#process = undefined;
  }

  async #disconnect(reason: Error): Promise<void> {
    this.#closed = true;
    this.#heartbeat?.close();
    this.#heartbeat = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close(reason);
    for (const followed of this.#followed) followed.fail(reason);
    this.#running.clear();
    this.#comms.clear();
  }

  async #finish(id: string, done: Promise<Message>): Promise<ExecuteReply> {
    try {
      return parseReply(executeReplySchema, await done);
    } finally {
      this.#running.delete(id);
    }
  }

  #takeBroadcast(message: Message): void {
    this.#onFirstBroadcast();
    const id = parentId(message);
    const running = id === undefined ? undefined : this.#running.get(id);
    if (running !== undefined) {
      if (message.header.msg_type === "execute_input") running.execution.begin();
      const output = parseOutputMessage(message);
      if (output !== undefined) running.execution.push(output);
    }
    if (message.header.msg_type.startsWith("comm_")) this.#comms.take(message);
    this.#iopubListeners.emit(message);
  }

  async #answerInput(message: Message): Promise<void> {
    if (message.header.msg_type !== "input_request") return;
    const onInput = this.#running.get(parentId(message) ?? "")?.onInput;
    if (onInput === undefined) return;
    const { prompt, password } = message.content;
    try {
      const value = await onInput(typeof prompt === "string" ? prompt : "", password === true);
      if (value === undefined) return;
      await this.#live.send("stdin", "input_reply", { status: "ok", value }, { parent: message.header });
    } catch (error) {
      // Nobody answers: the cell must not wait for ever.
      this.#problemListeners.emit(error);
      await this.interrupt({ timeout: shutdownPatience }).catch(() => {});
    }
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
