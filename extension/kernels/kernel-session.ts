/**
 * @file The kernel of one notebook: started when first needed, restarted, interrupted, watched; taken over from a window
 * that has gone.
 *
 * Plain TypeScript, without VS Code. ZeroMQ is loaded with the first kernel. Invariant: `client` is set exactly while the kernel answers.
 */
import type { KernelClient, StartOptions } from "../../jupyter/client.ts";
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import { lingerVariable } from "../../kernel/protocol.ts";
import type { KernelRecords } from "./kernel-records.ts";

/** What a kernel is doing, as people see it. */
export type KernelState = "stopped" | "starting" | "idle" | "busy" | "restarting" | "dead";

/** How a notebook's kernel is started. */
export interface KernelCommand {
  /** Program and arguments, with `{connection_file}`. */
  readonly argv: readonly string[];
  /** The notebook's folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the kernel writes to its own stdout and stderr. */
  readonly onLog: (text: string) => void;
}

/** Seconds that a kernel goes on when its window has gone: enough to load the window anew. */
export const lingerSeconds = 300;

/** Milliseconds that a kernel that runs already has to answer: one of a busy machine must not be given up with its names. */
const attachPatience = 20_000;

/** How a session came to its kernel. */
export type KernelOrigin =
  /** Started, or started anew: it has no names yet. */
  | "started"
  /** Left by a window that has gone: it has names, and may be running cells. */
  | "taken over"
  /** Started elsewhere, by another program. */
  | "attached";

export class KernelSession {
  /** The notebook's URI. */
  readonly notebook: string;
  readonly #records: KernelRecords | undefined;
  readonly #command: () => Promise<KernelCommand>;
  readonly #states = new Listeners<readonly [state: KernelState]>();
  readonly #clients = new Listeners<readonly [client: KernelClient, origin: KernelOrigin]>();
  readonly #executions = new Listeners<readonly [execution: FinishedExecution]>();
  readonly #begun = new Listeners<readonly [cellId: string]>();
  #running: string | undefined;
  #state: KernelState = "stopped";
  /** What the kernel said last of its cells. */
  #status: "idle" | "busy" = "idle";
  #client: KernelClient | undefined;
  #starting: Promise<KernelClient> | undefined;
  #restarting: Promise<KernelClient> | undefined;
  #abort: AbortController | undefined;
  #resuming: Promise<void> | undefined;
  /** How often it was stopped: what was under way then comes to nothing. */
  #stops = 0;
  #origin: KernelOrigin = "started";
  #backend: string | undefined;

  /** With `records`, the kernel goes on when this process ends, and another one may take it over. */
  constructor(notebook: string, command: () => Promise<KernelCommand>, records?: KernelRecords) {
    this.notebook = notebook;
    this.#command = command;
    this.#records = records;
  }

  get state(): KernelState {
    return this.#state;
  }

  /** The client of a kernel that answers. */
  get client(): KernelClient | undefined {
    return this.#client;
  }

  /** What the kernel's programs run on (`cpu`, `webgpu`, `cuda`), once a cell has run one. */
  get backend(): string | undefined {
    return this.#backend;
  }

  /** Called with each change of {@link state}. */
  onState(listener: (state: KernelState) => void): Unsubscribe {
    return this.#states.add(listener);
  }

  /** Called each time a kernel has become ready: at the first start, after restarts, when it was taken over or attached to. */
  onClient(listener: (client: KernelClient, origin: KernelOrigin) => void): Unsubscribe {
    return this.#clients.add(listener);
  }

  /** How the session came to the kernel that it has. */
  get origin(): KernelOrigin {
    return this.#origin;
  }

  /** Called with each cell of the notebook that has run to its end. */
  onExecuted(listener: (execution: FinishedExecution) => void): Unsubscribe {
    return this.#executions.add(listener);
  }

  /** The id of the cell that runs. */
  get running(): string | undefined {
    return this.#running;
  }

  /** Called with each cell of the notebook that starts to run. */
  onExecuting(listener: (cellId: string) => void): Unsubscribe {
    return this.#begun.add(listener);
  }

  /** Tells of a cell that starts to run; for the controller. */
  executing(cellId: string): void {
    this.#running = cellId;
    if (this.#client !== undefined) this.#setState("busy");
    this.#begun.emit(cellId);
  }

  /** Tells of a cell that has run; for the controller. */
  executed(execution: FinishedExecution): void {
    if (execution.isPast !== true) {
      this.#running = undefined;
      // A short cell may be told of after the kernel said that it is idle again.
      if (this.#state === "busy") this.#setState(this.#status);
    }
    this.#executions.emit(execution);
  }

  /** The client, started where there is none. @throws {KernelStartError} */
  async start(): Promise<KernelClient> {
    await this.#resuming;
    if (this.#client !== undefined) return this.#client;
    // A cell that is run meanwhile runs on the fresh kernel, and starts no other.
    if (this.#restarting !== undefined) return await this.#restarting;
    return await this.#start();
  }

  async #start(): Promise<KernelClient> {
    this.#starting ??= this.#open(async (options) => {
      const { KernelClient } = await import("../../jupyter/client.ts");
      return await KernelClient.start(options);
    }, "started").finally(() => {
      this.#starting = undefined;
    });
    return await this.#starting;
  }

  /** Takes over the kernel that a window has left running for the notebook, where there is one. */
  async resume(): Promise<void> {
    if (this.#client !== undefined || this.#starting !== undefined || this.#restarting !== undefined) return;
    // The notebook and a page beside it may ask at the same time.
    this.#resuming ??= this.#takeOver().finally(() => {
      this.#resuming = undefined;
    });
    await this.#resuming;
  }

  /** Attaches to a kernel that runs elsewhere, in place of the one that the session has. @throws {KernelStartError, ConnectionFileError}, an error for one of another language */
  async attach(connectionFile: string): Promise<KernelClient> {
    const { KernelClient } = await import("../../jupyter/client.ts");
    const client = await KernelClient.connect(connectionFile, { timeout: attachPatience });
    const { name } = client.info.language_info;
    if (name !== "typescript") {
      await client.close();
      throw new Error(`that kernel runs ${name}`);
    }
    await this.stop();
    this.#watch(client);
    this.#ready(client, "attached");
    return client;
  }

  /** Stops what runs; state is kept. */
  async interrupt(): Promise<void> {
    this.#abort?.abort();
    await this.#client?.interrupt();
  }

  /** A fresh kernel in the place of the old one; one that was attached to is left, and goes on. */
  async restart(): Promise<KernelClient> {
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
    return await this.#restarting;
  }

  async #restart(): Promise<KernelClient> {
    if (this.#client === undefined) await this.#resuming;
    const client = this.#client;
    if (client === undefined) return await this.#start();
    this.#client = undefined;
    if (this.#origin === "attached") {
      await client.close();
      return await this.#start();
    }
    this.#setState("restarting");
    const stops = this.#stops;
    try {
      await client.restart();
      if (stops !== this.#stops) {
        await client.close();
        throw new Error("the kernel was stopped while it restarted");
      }
    } catch (error) {
      this.#records?.forget(this.notebook);
      this.#setState(stops === this.#stops ? "dead" : "stopped");
      throw error;
    }
    this.#ready(client, "started");
    return client;
  }

  /** Ends the kernel, but for one that was attached to; {@link start} starts another. */
  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#stops += 1;
    this.#abort?.abort();
    // A kernel that restarts is ended when it has.
    await Promise.all([client?.close(), this.#restarting?.catch(() => undefined)]);
    this.#records?.forget(this.notebook);
    this.#setState("stopped");
  }

  /** Lets go of the kernel, which goes on for a while, or for ever; ends one that cannot be found again. */
  async leave(goesOn: "for a while" | "for ever"): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#records?.finds(this.notebook) !== true || this.#origin === "attached") {
      await this.stop();
      return;
    }
    this.#client = undefined;
    // First, since a window that goes may be killed while the kernel is asked.
    this.#records.release(this.notebook);
    if (goesOn === "for ever") {
      const { askSession } = await import("./kernel-session-request.ts");
      await askSession(client, { linger: null }, () => undefined).catch(() => undefined);
    }
    await client.leave();
    this.#setState("stopped");
  }

  async #takeOver(): Promise<void> {
    const stops = this.#stops;
    const record = await this.#records?.claim(this.notebook);
    if (record === undefined) return;
    if (stops !== this.#stops) {
      this.#records?.release(this.notebook);
      return;
    }
    try {
      await this.#open(async (options) => {
        const { KernelClient } = await import("../../jupyter/client.ts");
        try {
          return await KernelClient.adopt(record, { ...options, startTimeout: attachPatience });
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          options.onLog?.(`The kernel that ran (process ${record.pid}) was not taken over: ${why}\n`);
          throw error;
        }
      }, "taken over");
    } catch {
      // It has ended in the meantime, or hangs: the notebook is as if it had had none.
      this.#records?.release(this.notebook);
      this.#setState("stopped");
    }
  }

  async #open(
    connect: (options: StartOptions) => Promise<KernelClient>,
    origin: KernelOrigin,
  ): Promise<KernelClient> {
    this.#setState("starting");
    this.#abort = new AbortController();
    try {
      const { signal } = this.#abort;
      // The command asks a Node for its version; ZeroMQ is loaded meanwhile.
      const [{ env, ...command }] = await Promise.all([this.#command(), import("../../jupyter/client.ts")]);
      const outlives = this.#records !== undefined;
      const linger = outlives ? { [lingerVariable]: String(lingerSeconds) } : {};
      const client = await connect({ ...command, env: { ...env, ...linger }, outlives, signal });
      this.#watch(client);
      this.#ready(client, origin);
      return client;
    } catch (error) {
      this.#setState(this.#abort.signal.aborted ? "stopped" : "dead");
      throw error;
    } finally {
      this.#abort = undefined;
    }
  }

  #watch(client: KernelClient): void {
    client.onIopub(({ header, parentHeader, content, metadata }) => {
      if (header.msg_type !== "status" || this.#client !== client) return;
      // A kernel is busy for a moment with each question as well, also while a cell runs or stands at a breakpoint.
      if (parentHeader.msg_type !== "execute_request") return;
      const { execution_state: state } = content;
      if (state !== "busy" && state !== "idle") return;
      this.#status = state;
      // A kernel tells it with the end of each cell, once it is known.
      if (state === "idle") this.#backend = textOf(metadata["backend"]);
      this.#setState(state);
    });
    client.onDead(() => {
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#records?.forget(this.notebook);
      this.#setState("dead");
      // Its sockets would stay open.
      void client.close();
    });
  }

  #ready(client: KernelClient, origin: KernelOrigin): void {
    this.#client = client;
    this.#origin = origin;
    const { pid, connectionFile } = client;
    if (origin !== "attached" && pid !== undefined && connectionFile !== undefined)
      this.#records?.note(this.notebook, { pid, connectionFile });
    this.#status = "idle";
    this.#backend = undefined;
    this.#setState("idle");
    this.#clients.emit(client, origin);
  }

  #setState(state: KernelState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#states.emit(state);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A cell that has run to its end. */
export interface FinishedExecution {
  /** The cell's id in the notebook file; stable while the notebook is open. */
  readonly cellId: string;
  /** The text that ran. */
  readonly code: string;
  readonly status: "ok" | "error" | "aborted";
  /** True for a run of before this window: it is told of when the kernel is taken over. */
  readonly isPast?: boolean;
}
