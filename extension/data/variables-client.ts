/**
 * @file Asks one kernel about its variables, over the comm target that the kernel publishes.
 *
 * Every request is answered once: by the kernel, by its error, or by {@link VariablesClosedError} when the kernel goes.
 */
import * as v from "valibot";
import {
  type ChildList,
  type Page,
  type Profile,
  type VariableList,
  type VariablePath,
  type VariablesChanged,
  childListSchema,
  pageSchema,
  profileSchema,
  variableListSchema,
  variablesProtocolVersion,
  variablesReplySchema,
  variablesTarget,
} from "../../kernel/protocol.ts";
import type { Comm } from "../../jupyter/client-comm.ts";
import type { KernelClient } from "../../jupyter/client.ts";
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import type { PageQuery, ProfileQuery } from "../../webviews/data-viewer/protocol.ts";

/** The kernel could not answer; the message is the kernel's own, for the user. */
export class VariablesError extends Error {
  override readonly name = "VariablesError";
}

/** The kernel ended or was restarted before it answered. */
export class VariablesClosedError extends Error {
  override readonly name = "VariablesClosedError";
}

const gone = "the kernel has ended";

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class VariablesClient {
  readonly #kernel: KernelClient;
  readonly #waiting = new Map<number, Waiting>();
  readonly #changes = new Listeners<readonly [changes: VariablesChanged]>();
  #comm: Comm | undefined;
  #nextId = 1;
  #isClosed = false;

  constructor(kernel: KernelClient) {
    this.#kernel = kernel;
  }

  /** Opens the comm and compares versions; comes before all else. @throws {VariablesError} where they don't fit */
  async connect(): Promise<void> {
    const comm = await this.#kernel.openComm(variablesTarget);
    comm.onMessage((data) => this.#receive(data));
    comm.onClose(() => this.kernelGone());
    this.#comm = comm;
    await this.#ask({ type: "hello", version: variablesProtocolVersion });
  }

  /** The variables now; from then on {@link onChanged} tells what each cell changed. */
  async watch(): Promise<VariableList> {
    return v.parse(variableListSchema, await this.#ask({ type: "watch", enabled: true }));
  }

  /** The variables now. */
  async list(): Promise<VariableList> {
    return v.parse(variableListSchema, await this.#ask({ type: "list" }));
  }

  async children(path: VariablePath, offset: number, limit: number): Promise<ChildList> {
    return v.parse(childListSchema, await this.#ask({ type: "children", path: [...path], offset, limit }));
  }

  /** Rows of a table. */
  async page(path: VariablePath, query: PageQuery): Promise<Page> {
    return v.parse(pageSchema, await this.#ask({ type: "page", path: [...path], ...query }));
  }

  /** Statistics of columns. */
  async profile(path: VariablePath, query: ProfileQuery): Promise<Profile> {
    return v.parse(profileSchema, await this.#ask({ type: "profile", path: [...path], ...query }));
  }

  /** Called after each cell that changed something, once {@link watch} was called. */
  onChanged(listener: (changes: VariablesChanged) => void): Unsubscribe {
    return this.#changes.add(listener);
  }

  /** The kernel is gone: what waits is rejected. */
  kernelGone(): void {
    this.#isClosed = true;
    const error = new VariablesClosedError(gone);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async #ask(request: Readonly<Record<string, unknown>>): Promise<unknown> {
    const comm = this.#comm;
    if (comm === undefined || this.#isClosed) throw new VariablesClosedError(gone);
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      comm.send({ ...request, id }).catch((error: unknown) => {
        this.#waiting.delete(id);
        reject(new VariablesClosedError(gone, { cause: error }));
      });
    });
  }

  #receive(data: unknown): void {
    const parsed = v.safeParse(variablesReplySchema, data);
    if (!parsed.success) return;
    const reply = parsed.output;
    if (reply.type === "changed") {
      this.#changes.emit(reply);
      return;
    }
    if (reply.id === null) return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.type === "error") waiting?.reject(new VariablesError(reply.message));
    else waiting?.resolve(reply.type === "reply" ? reply.result : undefined);
  }
}
