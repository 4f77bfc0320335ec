/** @file One widget in the page of outputs: its model once the extension has sent it, and all of its views. */
import { type FromRenderer, type ToRenderer, widgetProtocolVersion } from "./protocol.ts";
import { WidgetModel } from "./widget-model.ts";
import { type Cleanup, type WidgetModule, addStyle, loadModule, runStep } from "./widget-module.ts";
import { WidgetView } from "./widget-view.ts";

type Opened = ToRenderer & { type: "open" };

interface Live {
  readonly model: WidgetModel;
  /** The module, once its `initialize` has run. */
  readonly ready: Promise<WidgetModule>;
  readonly failed: string;
}

interface Shown {
  readonly view: WidgetView;
  /** Of the widget's code; undefined while it is not drawn. */
  cleanup: Cleanup | undefined;
}

export class PageWidget {
  readonly id: string;
  readonly #post: (message: FromRenderer) => void;
  readonly #shown = new Map<string, Shown>();
  #live: Live | undefined;
  #uninitialize: Cleanup | undefined;

  constructor(id: string, post: (message: FromRenderer) => void) {
    this.id = id;
    this.#post = post;
  }

  /** Shows the widget in an output. */
  show(output: string, host: HTMLElement): void {
    this.remove(output);
    const shown: Shown = { view: new WidgetView(host), cleanup: undefined };
    this.#shown.set(output, shown);
    if (this.#live === undefined)
      this.#post({ type: "open", version: widgetProtocolVersion, model: this.id });
    else void this.#draw(shown, this.#live);
  }

  /** True where the output showed this widget. */
  remove(output: string): boolean {
    const shown = this.#shown.get(output);
    if (shown === undefined) return false;
    this.#shown.delete(output);
    shown.cleanup?.();
    return true;
  }

  /** The outputs that show the widget. */
  get outputs(): readonly string[] {
    return [...this.#shown.keys()];
  }

  receive(message: ToRenderer): void {
    if (message.type === "open") this.#open(message);
    else if (message.type === "unavailable") this.#close(message);
    else if (message.type === "update") this.#live?.model.receive(message.attributes, message.echo);
    else if (message.type === "custom") this.#live?.model.receiveCustom(message.content, message.buffers);
    else this.#live?.model.delivered(message.id);
  }

  #open({ attributes, failed }: Opened): void {
    if (this.#live !== undefined) {
      // Asked for twice: the model is here, and what has changed meanwhile is taken over.
      this.#live.model.receive(attributes, false);
      return;
    }
    const model = new WidgetModel(
      attributes,
      {
        update: (id, changes) => this.#post({ type: "update", model: this.id, id, attributes: changes }),
        custom: (content, buffers) => this.#post({ type: "custom", model: this.id, content, buffers }),
      },
      (error) => this.#fail(error, failed),
    );
    const live: Live = { model, ready: this.#load(model, failed), failed };
    this.#live = live;
    // Each view says what went wrong; without one there is nobody to tell.
    live.ready.catch(() => undefined);
    for (const shown of this.#shown.values()) void this.#draw(shown, live);
  }

  async #load(model: WidgetModel, failed: string): Promise<WidgetModule> {
    const [source, css, kind] = [model.get("_esm"), model.get("_css"), model.get("_anywidget_id")];
    if (typeof css === "string") addStyle(typeof kind === "string" ? kind : this.id, css);
    const module = await loadModule(typeof source === "string" ? source : "");
    const undo = await runStep(module.initialize, model, undefined, (error) => this.#fail(error, failed));
    if (this.#live?.model === model) this.#uninitialize = undo;
    else undo();
    return module;
  }

  async #draw(shown: Shown, { model, ready, failed }: Live): Promise<void> {
    const isShown = (): boolean => this.#live?.model === model && [...this.#shown.values()].includes(shown);
    const el = shown.view.begin();
    try {
      const { render } = await ready;
      if (!isShown()) return;
      const undo = await runStep(render, model, el, (error) => shown.view.failed(failed, error));
      // The output may be gone by now.
      if (isShown()) shown.cleanup = undo;
      else undo();
    } catch (error) {
      if (isShown()) shown.view.failed(failed, error);
    }
  }

  #close({ message, plainText }: ToRenderer & { type: "unavailable" }): void {
    this.#live = undefined;
    this.#uninitialize?.();
    this.#uninitialize = undefined;
    for (const shown of this.#shown.values()) {
      shown.cleanup?.();
      shown.cleanup = undefined;
      shown.view.unavailable(message, plainText);
    }
  }

  #fail(error: unknown, heading: string): void {
    for (const { view } of this.#shown.values()) view.failed(heading, error);
  }
}
