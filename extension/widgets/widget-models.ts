/**
 * @file The widgets that live in a notebook's kernel, with their state as of now: a view that comes later, or again after
 * its page was loaded anew, gets it from here.
 *
 * Invariant: a kernel that goes takes its widgets along; nothing is sent for them any more.
 */
import * as v from "valibot";
import type { Comm } from "../../jupyter/client-comm.ts";
import type { KernelClient } from "../../jupyter/client.ts";
import { Listeners, type Unsubscribe } from "../../jupyter/listeners.ts";
import type { Attributes } from "../../webviews/widget-renderer/protocol.ts";
import {
  attributesOf,
  jupyterState,
  toBase64,
  widgetMessageSchema,
  widgetOpenSchema,
} from "./widget-state.ts";

const widgetTarget = "jupyter.widget";
/** Milliseconds in which a kernel says which widgets it has. */
const recoverPatience = 10_000;

/** What happened to a widget. */
export type WidgetEvent =
  /** It is there, with its state. */
  | { readonly type: "opened"; readonly model: string }
  /** The kernel changed state; an echo repeats what a view has changed. */
  | {
      readonly type: "update";
      readonly model: string;
      readonly attributes: Attributes;
      readonly echo: boolean;
    }
  | {
      readonly type: "custom";
      readonly model: string;
      readonly content: unknown;
      readonly buffers: string[];
    }
  /** It is gone. */
  | { readonly type: "closed"; readonly model: string };

/** A widget of the kernel that runs now. */
export interface Widget {
  readonly attributes: Attributes;
  /** The front-end module that draws it; `anywidget` for those that can be shown. */
  readonly module: string;
}

export class WidgetModels {
  readonly #events = new Listeners<readonly [event: WidgetEvent]>();
  readonly #onError: (error: unknown) => void;
  readonly #comms = new Map<string, Comm>();
  readonly #states = new Map<string, Attributes>();
  readonly #closed = new Set<string>();
  #client: KernelClient | undefined;
  #unsubscribe: Unsubscribe = () => {};

  /** `onError` is told what went wrong without harm to the others. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  onEvent(listener: (event: WidgetEvent) => void): Unsubscribe {
    return this.#events.add(listener);
  }

  /** Follows a kernel that has become ready; one that has widgets already is asked for them. */
  connect(client: KernelClient): void {
    this.disconnect();
    this.#client = client;
    this.#unsubscribe = client.onCommOpen((comm, data, buffers) => {
      if (comm.target !== widgetTarget) return;
      const parsed = v.safeParse(widgetOpenSchema, data);
      if (parsed.success) this.#add(comm, attributesOf(parsed.output, buffers));
      else this.#onError(new Error(`a widget was opened with ${v.summarize(parsed.issues)}`));
    });
    this.#recover(client).catch((error: unknown) => {
      if (this.#client === client) this.#onError(error);
    });
  }

  /** The kernel is gone. */
  disconnect(): void {
    this.#unsubscribe();
    this.#client = undefined;
    const models = [...this.#states.keys()];
    this.#comms.clear();
    this.#states.clear();
    this.#closed.clear();
    for (const model of models) this.#events.emit({ type: "closed", model });
  }

  /** A widget that is there. */
  get(model: string): Widget | undefined {
    const attributes = this.#states.get(model);
    if (attributes === undefined) return undefined;
    const module = attributes["_model_module"]?.value;
    return { attributes, module: typeof module === "string" ? module : "" };
  }

  /** True for a widget that the notebook's code has closed, in the kernel that runs now. */
  isClosed(model: string): boolean {
    return this.#closed.has(model);
  }

  /** Tells the kernel what a view has changed; resolves when the kernel has handled it. */
  async update(model: string, attributes: Attributes): Promise<void> {
    const state = this.#states.get(model);
    if (state === undefined) return;
    this.#states.set(model, { ...state, ...attributes });
    const { data, buffers } = jupyterState(attributes);
    await this.#comms.get(model)?.deliver({ method: "update", ...data }, buffers);
  }

  /** Passes a view's message on. */
  async custom(model: string, content: unknown, buffers: readonly string[]): Promise<void> {
    const data = { method: "custom", content: content ?? null };
    await this.#comms.get(model)?.deliver(
      data,
      buffers.map((text) => Buffer.from(text, "base64")),
    );
  }

  #add(comm: Comm, attributes: Attributes): void {
    this.#states.set(comm.id, attributes);
    this.#listen(comm);
    this.#events.emit({ type: "opened", model: comm.id });
  }

  #listen(comm: Comm): void {
    const model = comm.id;
    this.#comms.set(model, comm);
    comm.onMessage((data, buffers) => {
      if (this.#comms.get(model) === comm) this.#receive(model, data, buffers);
    });
    comm.onClose(() => {
      if (this.#comms.get(model) !== comm) return;
      this.#comms.delete(model);
      this.#states.delete(model);
      this.#closed.add(model);
      this.#events.emit({ type: "closed", model });
    });
  }

  #receive(model: string, data: unknown, buffers: readonly Buffer[]): void {
    const parsed = v.safeParse(widgetMessageSchema, data);
    if (!parsed.success) {
      this.#onError(new Error(`a widget was sent ${v.summarize(parsed.issues)}`));
      return;
    }
    const message = parsed.output;
    if (message.method === "custom") {
      const { content } = message;
      this.#events.emit({ type: "custom", model, content, buffers: buffers.map(toBase64) });
      return;
    }
    const attributes = attributesOf(message, buffers);
    const state = this.#states.get(model);
    // A widget that was there before us begins with its whole state.
    if (state === undefined && !("_model_module" in attributes)) return;
    this.#states.set(model, { ...state, ...attributes });
    if (state === undefined) this.#events.emit({ type: "opened", model });
    else this.#events.emit({ type: "update", model, attributes, echo: message.method === "echo_update" });
  }

  /** A kernel that another window has started has widgets that nobody told us of. */
  async #recover(client: KernelClient): Promise<void> {
    const { comms } = await client.commInfo(widgetTarget, { timeout: recoverPatience });
    for (const model of Object.keys(comms)) {
      if (this.#client !== client) return;
      if (this.#comms.has(model)) continue;
      const comm = client.attachComm(model, widgetTarget);
      this.#listen(comm);
      await comm.send({ method: "request_state" });
    }
  }
}
