/**
 * @file The global `widget`: an anywidget model, kept in step with its views by the Jupyter widgets messaging
 * protocol, version 2.1 (comm target `jupyter.widget`; `update`, `echo_update`, `request_state`, `custom`).
 *
 * Tenon's own renderer shows it in VS Code; elsewhere the frontend needs ipywidgets' manager and the anywidget extension.
 * The kernel needs nothing.
 */
import { randomUUID } from "node:crypto";
import type { MimeBundle } from "../protocol.ts";
import { previewValue } from "../rich/preview.ts";
import { thrownText } from "../rich/safe-read.ts";
import type { CommEvent, CommHandle, GlobalsHost } from "./globals-host.ts";
import { joinBuffers, splitBuffers } from "./widget-buffers.ts";

const widgetTarget = "jupyter.widget";
const viewMime = "application/vnd.jupyter.widget-view+json";
const protocolVersion = "2.1.0";
/** Any: the parts of the protocol used here are the same in all of its versions. */
const anywidgetVersion = "*";

type State = Record<string, unknown>;
type Listener = (value: unknown, previous: unknown) => void;
type MessageListener = (content: unknown, buffers: readonly Uint8Array[]) => void;

/** Makes the global `widget` for a host. */
export function createWidgets(host: GlobalsHost): Tenon.WidgetFactory {
  const create = (definition: Tenon.WidgetDefinition<State>): WidgetModel => {
    if (typeof definition?.esm !== "string") {
      throw new TypeError(
        'widget takes { esm, state }, where esm is the source of a module, for example "export default { render({ model, el }) {} }"',
      );
    }
    return new WidgetModel(host, definition);
  };
  // SAFETY: WidgetModel keeps values as they came, under the names of the state it was made with.
  return create as Tenon.WidgetFactory;
}

class WidgetModel {
  readonly id: string;
  readonly #comm: CommHandle;
  readonly #state: State;
  readonly #hidden: State;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #messageListeners = new Set<MessageListener>();
  #closed = false;

  constructor(host: GlobalsHost, definition: Tenon.WidgetDefinition<State>) {
    this.#state = { ...definition.state };
    for (const name of Object.keys(this.#state)) {
      if (name.startsWith("_"))
        throw new TypeError(`widget state: names with a leading underscore are the protocol's own: ${name}`);
    }
    this.#hidden = {
      _model_module: "anywidget",
      _model_module_version: anywidgetVersion,
      _model_name: "AnyModel",
      _view_module: "anywidget",
      _view_module_version: anywidgetVersion,
      _view_name: "AnyView",
      _view_count: null,
      _dom_classes: [],
      layout: null,
      tabbable: null,
      tooltip: null,
      _anywidget_id: `tenon.${randomUUID()}`,
      _esm: definition.esm,
      ...(definition.css === undefined ? {} : { _css: definition.css }),
    };
    const { state, bufferPaths, buffers } = splitBuffers({ ...this.#hidden, ...this.#state });
    this.#comm = host.comms.open(widgetTarget, {
      data: { state, buffer_paths: bufferPaths },
      metadata: { version: protocolVersion },
      buffers,
    });
    this.id = this.#comm.id;
    this.#comm.onMessage((event) => this.#receive(event));
    this.#comm.onClose(() => {
      this.#closed = true;
    });
  }

  get(name: string): unknown {
    this.#known(name);
    return this.#state[name];
  }

  set(changes: State): void {
    for (const name of Object.keys(changes)) this.#known(name);
    this.#send("update", changes);
    this.#apply(changes);
  }

  on(event: string, listener: Listener | MessageListener): () => void {
    if (event === "message") {
      // SAFETY: the overloads pair the event "message" with message listeners.
      const messages: MessageListener = listener;
      this.#messageListeners.add(messages);
      return () => void this.#messageListeners.delete(messages);
    }
    const name = /^change:(.+)$/s.exec(event)?.[1];
    if (name === undefined)
      throw new TypeError(`widget.on takes "change:<name>" or "message", not ${previewValue(event, 60)}`);
    this.#known(name);
    const listeners = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, listeners);
    // SAFETY: the overloads pair "change:…" events with change listeners.
    const changes = listener as Listener;
    listeners.add(changes);
    return () => void listeners.delete(changes);
  }

  send(content: unknown, buffers: readonly Uint8Array[] = []): void {
    this.#open();
    this.#comm.send({ method: "custom", content }, { buffers });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#comm.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    return {
      [viewMime]: { version_major: 2, version_minor: 0, model_id: this.id },
      "text/plain": `Widget ${previewValue(this.#state, 200)}`,
    };
  }

  #known(name: string): void {
    if (!Object.hasOwn(this.#state, name)) {
      throw new RangeError(
        `the widget's state has no "${name}"; it has ${Object.keys(this.#state).join(", ") || "no names"}`,
      );
    }
  }

  #open(): void {
    if (this.#closed) throw new Error("the widget is closed; make a new one");
  }

  #send(method: "update" | "echo_update", changes: State): void {
    this.#open();
    const { state, bufferPaths, buffers } = splitBuffers(changes);
    this.#comm.send({ method, state, buffer_paths: bufferPaths }, { buffers });
  }

  #apply(changes: State): void {
    const fired: [Listener, unknown, unknown][] = [];
    for (const [name, value] of Object.entries(changes)) {
      const previous = this.#state[name];
      if (Object.is(previous, value)) continue;
      this.#state[name] = value;
      for (const listener of this.#listeners.get(name) ?? []) fired.push([listener, value, previous]);
    }
    for (const [listener, value, previous] of fired) guarded(() => listener(value, previous));
  }

  #receive(event: CommEvent): void {
    const { data } = event;
    const method = data["method"];
    if (method === "request_state") {
      this.#send("update", { ...this.#hidden, ...this.#state });
    } else if (method === "custom") {
      for (const listener of this.#messageListeners) guarded(() => listener(data["content"], event.buffers));
    } else if (method === "update") {
      const state = data["state"];
      if (typeof state !== "object" || state === null) return;
      const joined = joinBuffers({ ...state }, data["buffer_paths"], event.buffers);
      const changes = Object.fromEntries(
        Object.entries(joined).filter(([name]) => Object.hasOwn(this.#state, name)),
      );
      // The echo tells the other views of the same model, and the sender that its change has arrived.
      this.#send("echo_update", changes);
      this.#apply(changes);
    }
  }
}

/** A listener that throws stops neither the others nor the comm. */
function guarded(listener: () => unknown): void {
  try {
    const result = listener();
    if (result instanceof Promise) result.catch(report);
  } catch (thrown) {
    report(thrown);
  }
}

function report(thrown: unknown): void {
  process.stderr.write(`widget listener: ${thrownText(thrown)}\n`);
}
