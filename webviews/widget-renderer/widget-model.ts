/**
 * @file The frontend's end of one widget: its state, which all of its views in this page share, and its events, as
 * anywidget's modules expect them.
 *
 * Invariant: one update at a time is on its way to the kernel. What is saved meanwhile is gathered, so that a slider
 * that moves faster than the kernel answers sends its last value and not all of them.
 */
import { attributeOf, fromBase64, toBase64, valueOf } from "./attribute-values.ts";
import { equalValues } from "./equal-values.ts";
import type { Attributes } from "./protocol.ts";

/** Called with the arguments of its event. */
export type ModelListener = (...values: readonly unknown[]) => unknown;

/** How a model reaches the kernel. */
export interface ModelTransport {
  update(id: number, attributes: Attributes): void;
  custom(content: unknown, buffers: string[]): void;
}

interface Subscription {
  readonly event: string;
  readonly listener: ModelListener;
  /** Whose it is: one `initialize` or one view. */
  readonly owner: object;
}

export class WidgetModel {
  readonly #state = new Map<string, unknown>();
  readonly #unsaved = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #transport: ModelTransport;
  readonly #onError: (error: unknown) => void;
  #subscriptions: readonly Subscription[] = [];
  #inFlight: number | undefined;
  #lastId = 0;

  /** `onError` is told what listeners throw. */
  constructor(attributes: Attributes, transport: ModelTransport, onError: (error: unknown) => void) {
    for (const [name, attribute] of Object.entries(attributes)) this.#state.set(name, valueOf(attribute));
    this.#transport = transport;
    this.#onError = onError;
  }

  get(name: string): unknown {
    return this.#state.get(name);
  }

  /** Changes the state here; {@link save} tells the kernel. */
  set(changes: Readonly<Record<string, unknown>>): void {
    for (const name of this.#assign(Object.entries(changes))) this.#unsaved.add(name);
  }

  /** Sends what was set since the last time. */
  save(): void {
    for (const name of this.#unsaved) this.#waiting.add(name);
    this.#unsaved.clear();
    this.#flush();
  }

  /** Sends a message that is no state. */
  send(content: unknown, buffers: readonly (ArrayBuffer | ArrayBufferView)[] = []): void {
    this.#transport.custom(content, buffers.map(toBase64));
  }

  on(event: string, listener: ModelListener, owner: object): void {
    this.#subscriptions = [...this.#subscriptions, { event, listener, owner }];
  }

  /** Removes an owner's listeners: all, those of an event, or one. */
  off(owner: object, event?: string | null, listener?: ModelListener | null): void {
    this.#subscriptions = this.#subscriptions.filter(
      (each) =>
        each.owner !== owner ||
        (typeof event === "string" && each.event !== event) ||
        (typeof listener === "function" && each.listener !== listener),
    );
  }

  /** Takes what the kernel has changed. An echo does not undo what was set here since. */
  receive(attributes: Attributes, echo: boolean): void {
    const changes = Object.entries(attributes)
      .filter(([name]) => !echo || !(this.#waiting.has(name) || this.#unsaved.has(name)))
      .map(([name, attribute]): [string, unknown] => [name, valueOf(attribute)]);
    this.#assign(changes);
  }

  /** Takes a message of the kernel's that is no state. */
  receiveCustom(content: unknown, buffers: readonly string[]): void {
    this.#emit("msg:custom", content, buffers.map(fromBase64));
  }

  /** The kernel has handled an update. */
  delivered(id: number): void {
    if (id !== this.#inFlight) return;
    this.#inFlight = undefined;
    this.#flush();
  }

  #flush(): void {
    if (this.#inFlight !== undefined || this.#waiting.size === 0) return;
    const attributes = Object.fromEntries(
      [...this.#waiting].map((name) => [name, attributeOf(this.#state.get(name))]),
    );
    this.#waiting.clear();
    this.#lastId += 1;
    this.#inFlight = this.#lastId;
    this.#transport.update(this.#lastId, attributes);
  }

  /** Returns the names whose values are others now. */
  #assign(changes: readonly (readonly [string, unknown])[]): readonly string[] {
    const changed = changes.filter(([name, value]) => !equalValues(this.#state.get(name), value));
    for (const [name, value] of changed) this.#state.set(name, value);
    for (const [name, value] of changed) this.#emit(`change:${name}`, this, value);
    if (changed.length > 0) this.#emit("change", this);
    return changed.map(([name]) => name);
  }

  #emit(event: string, ...values: readonly unknown[]): void {
    for (const subscription of this.#subscriptions) {
      if (subscription.event !== event) continue;
      try {
        const result = subscription.listener(...values);
        if (result instanceof Promise) result.catch(this.#onError);
      } catch (thrown) {
        this.#onError(thrown);
      }
    }
  }
}
