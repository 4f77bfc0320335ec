/**
 * @file The kernel of one notebook: started when first needed, restarted, interrupted, watched.
 *
 * Plain TypeScript, without VS Code. ZeroMQ is loaded with the first kernel. Invariant: `client` is set exactly while the kernel answers.
 */
import type { KernelClient } from "../../jupyter/client.ts";
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";

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

export class KernelSession {
  /** The notebook's URI. */
  readonly notebook: string;
  readonly #command: () => Promise<KernelCommand>;
  readonly #states = new Listeners<readonly [state: KernelState]>();
  readonly #clients = new Listeners<readonly [client: KernelClient]>();
  readonly #executions = new Listeners<readonly [execution: FinishedExecution]>();
  readonly #begun = new Listeners<readonly [cellId: string]>();
  #running: string | undefined;
  #state: KernelState = "stopped";
  #client: KernelClient | undefined;
  #starting: Promise<KernelClient> | undefined;
  #abort: AbortController | undefined;

  constructor(notebook: string, command: () => Promise<KernelCommand>) {
    this.notebook = notebook;
    this.#command = command;
  }

  get state(): KernelState {
    return this.#state;
  }

  /** The client of a kernel that answers. */
  get client(): KernelClient | undefined {
    return this.#client;
  }

  /** Called with each change of {@link state}. */
  onState(listener: (state: KernelState) => void): Unsubscribe {
    return this.#states.add(listener);
  }

  /** Called each time a kernel has become ready: at the first start and after restarts. Its names are all new. */
  onClient(listener: (client: KernelClient) => void): Unsubscribe {
    return this.#clients.add(listener);
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
    this.#begun.emit(cellId);
  }

  /** Tells of a cell that has run; for the controller. */
  executed(execution: FinishedExecution): void {
    this.#running = undefined;
    this.#executions.emit(execution);
  }

  /** The client, started where there is none. @throws {KernelStartError} */
  async start(): Promise<KernelClient> {
    if (this.#client !== undefined) return this.#client;
    this.#starting ??= this.#open().finally(() => {
      this.#starting = undefined;
    });
    return await this.#starting;
  }

  /** Stops what runs; state is kept. */
  async interrupt(): Promise<void> {
    this.#abort?.abort();
    await this.#client?.interrupt();
  }

  /** A fresh kernel in the place of the old one. */
  async restart(): Promise<KernelClient> {
    const client = this.#client;
    if (client === undefined) return await this.start();
    this.#client = undefined;
    this.#setState("restarting");
    try {
      await client.restart();
    } catch (error) {
      this.#setState("dead");
      throw error;
    }
    this.#ready(client);
    return client;
  }

  /** Ends the kernel; {@link start} starts another. */
  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#abort?.abort();
    await client?.close();
    this.#setState("stopped");
  }

  async #open(): Promise<KernelClient> {
    this.#setState("starting");
    this.#abort = new AbortController();
    try {
      const { signal } = this.#abort;
      // The command asks a Node for its version; ZeroMQ is loaded meanwhile.
      const [command, { KernelClient }] = await Promise.all([
        this.#command(),
        import("../../jupyter/client.ts"),
      ]);
      const client = await KernelClient.start({ ...command, signal });
      client.onIopub(({ header, parentHeader, content }) => {
        if (header.msg_type !== "status" || this.#client !== client) return;
        // A kernel is busy for a moment with each question as well, also while a cell runs or stands at a breakpoint.
        if (parentHeader.msg_type !== "execute_request") return;
        const { execution_state: state } = content;
        if (state === "busy" || state === "idle") this.#setState(state);
      });
      client.onDead(() => {
        if (this.#client === client) this.#client = undefined;
        this.#setState("dead");
        // Its sockets would stay open.
        void client.close();
      });
      this.#ready(client);
      return client;
    } catch (error) {
      this.#setState(this.#abort.signal.aborted ? "stopped" : "dead");
      throw error;
    } finally {
      this.#abort = undefined;
    }
  }

  #ready(client: KernelClient): void {
    this.#client = client;
    this.#setState("idle");
    this.#clients.emit(client);
  }

  #setState(state: KernelState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#states.emit(state);
  }
}

/** A cell that has run to its end. */
export interface FinishedExecution {
  /** The cell's id in the notebook file; stable while the notebook is open. */
  readonly cellId: string;
  /** The text that ran. */
  readonly code: string;
  readonly status: "ok" | "error" | "aborted";
}
