/** @file Shows widgets below the cells of a notebook in VS Code; their models are the extension's, which has the kernel. */
import * as v from "valibot";
import { PageWidget } from "./page-widget.ts";
import { type FromRenderer, toRendererSchema, widgetViewSchema } from "./protocol.ts";

/** What VS Code gives a renderer. */
interface RendererContext {
  postMessage?(message: FromRenderer): void;
  onDidReceiveMessage?(listener: (message: unknown) => void): unknown;
}

interface OutputItem {
  readonly id: string;
  json(): unknown;
}

interface Renderer {
  renderOutputItem(item: OutputItem, element: HTMLElement): void;
  disposeOutputItem(id?: string): void;
}

/** VS Code's entry point of a renderer. */
export function activate(context: RendererContext): Renderer {
  const widgets = new Map<string, PageWidget>();
  context.onDidReceiveMessage?.((message) => {
    const parsed = v.parse(toRendererSchema, message);
    widgets.get(parsed.model)?.receive(parsed);
  });
  const widgetOf = (model: string): PageWidget => {
    const known = widgets.get(model);
    if (known !== undefined) return known;
    const widget = new PageWidget(model, (message) => context.postMessage?.(message));
    widgets.set(model, widget);
    return widget;
  };
  const dispose = (output: string): void => {
    for (const widget of widgets.values()) widget.remove(output);
  };
  return {
    renderOutputItem(item, element) {
      dispose(item.id);
      const view = v.safeParse(widgetViewSchema, item.json());
      if (view.success) widgetOf(view.output.model_id).show(item.id, element);
      else element.textContent = "This is no widget: it has no model_id.";
    },
    disposeOutputItem(id) {
      const outputs = id === undefined ? [...widgets.values()].flatMap((widget) => widget.outputs) : [id];
      for (const output of outputs) dispose(output);
    },
  };
}
