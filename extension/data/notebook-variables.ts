/**
 * @file The variables of one notebook, over all kernels that it has had: the list as it is now, and questions about it.
 *
 * Invariant: what is told of a kernel that is gone reaches nobody.
 */
import type { Variable, VariablesChanged } from "../../kernel/protocol.ts";
import type { KernelClient } from "../../jupyter/client.ts";
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import type { KernelSession } from "../kernels/kernel-session.ts";
import { VariablesClient, VariablesClosedError } from "./variables-client.ts";

/** What happened: a kernel came with names of its own, a cell changed some, the kernel went. */
export type VariablesEvent = { readonly type: "ready" } | VariablesChanged | { readonly type: "gone" };

export class NotebookVariables {
  readonly session: KernelSession;
  readonly #events = new Listeners<readonly [event: VariablesEvent]>();
  readonly #onError: (error: unknown) => void;
  readonly #subscriptions: readonly Unsubscribe[];
  #client: VariablesClient | undefined;
  #connected: Promise<void> = Promise.resolve();
  #isReady = false;
  #variables: readonly Variable[] = [];
  #total = 0;

  constructor(session: KernelSession, onError: (error: unknown) => void) {
    this.session = session;
    this.#onError = onError;
    this.#subscriptions = [
      session.onClient((client) => this.#connect(client)),
      session.onState((state) => {
        if (state !== "idle" && state !== "busy") this.#disconnect();
      }),
    ];
    if (session.client !== undefined) this.#connect(session.client);
  }

  /** The variables as of the last cell; empty without a kernel. */
  get variables(): readonly Variable[] {
    return this.#variables;
  }

  /** How many there are, also of those beyond the first thousand. */
  get total(): number {
    return this.#total;
  }

  /** True where a kernel has told its variables. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** For questions to the kernel. @throws {VariablesClosedError} where there is no kernel */
  async client(): Promise<VariablesClient> {
    const client = this.#client;
    if (client === undefined) throw new VariablesClosedError("the notebook has no kernel");
    await this.#connected;
    return client;
  }

  onEvent(listener: (event: VariablesEvent) => void): Unsubscribe {
    return this.#events.add(listener);
  }

  /** Ends the subscriptions; the kernel is left alone. */
  dispose(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#disconnect();
  }

  #connect(kernel: KernelClient): void {
    this.#disconnect();
    const client = new VariablesClient(kernel);
    this.#client = client;
    this.#connected = client.connect();
    this.#watch(client, this.#connected).catch((error: unknown) => {
      if (this.#client === client) this.#onError(error);
    });
  }

  async #watch(client: VariablesClient, connected: Promise<void>): Promise<void> {
    await connected;
    client.onChanged((changes) => {
      if (this.#client === client) this.#change(changes);
    });
    const { variables, total } = await client.watch();
    if (this.#client !== client) return;
    this.#variables = variables;
    this.#total = total;
    this.#isReady = true;
    this.#events.emit({ type: "ready" });
  }

  #change(changes: VariablesChanged): void {
    const { added, changed, removed } = changes;
    const fresh = new Map([...added, ...changed].map((variable) => [variable.name, variable]));
    const gone = new Set(removed);
    const kept = this.#variables.filter(({ name }) => !gone.has(name));
    const known = new Set(kept.map(({ name }) => name));
    this.#variables = [
      ...kept.map((variable) => fresh.get(variable.name) ?? variable),
      ...added.filter(({ name }) => !known.has(name)),
    ];
    this.#total += added.length - removed.length;
    this.#events.emit(changes);
  }

  #disconnect(): void {
    if (this.#client === undefined) return;
    this.#client.kernelGone();
    this.#client = undefined;
    this.#isReady = false;
    this.#variables = [];
    this.#total = 0;
    this.#events.emit({ type: "gone" });
  }
}
