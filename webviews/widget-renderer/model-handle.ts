/** @file What a widget's module gets as `model`: anywidget's interface, whose listeners go with the part that added them. */
import type { ModelListener, WidgetModel } from "./widget-model.ts";

/** anywidget's interface to a model. */
export interface ModelHandle {
  get(name: string): unknown;
  set(name: string | Readonly<Record<string, unknown>>, value?: unknown): void;
  save_changes(): void;
  on(events: string, listener: ModelListener): void;
  off(events?: string | null, listener?: ModelListener | null): void;
  send(content: unknown, callbacks?: unknown, buffers?: readonly (ArrayBuffer | ArrayBufferView)[]): void;
}

/** A handle whose listeners are removed when the signal aborts. */
export function modelHandle(model: WidgetModel, signal: AbortSignal): ModelHandle {
  const handle: ModelHandle = {
    get: (name) => model.get(name),
    set: (name, value) => model.set(typeof name === "string" ? { [name]: value } : name),
    save_changes: () => model.save(),
    on: (events, listener) => {
      if (signal.aborted) return;
      for (const event of eventNames(events)) model.on(event, listener, handle);
    },
    off: (events, listener) => {
      if (typeof events !== "string") model.off(handle, undefined, listener);
      else for (const event of eventNames(events)) model.off(handle, event, listener);
    },
    send: (content, _callbacks, buffers) => model.send(content, buffers),
  };
  signal.addEventListener("abort", () => model.off(handle));
  return handle;
}

/** Several events stand in one text, with spaces between them. */
function eventNames(events: string): readonly string[] {
  return events.split(/\s+/).filter((event) => event !== "");
}
