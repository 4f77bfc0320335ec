/** @file The editors that show the widgets of one notebook, and what they are told. */
import {
  type NotebookDocument,
  type NotebookEditor,
  type NotebookRendererMessaging,
  l10n,
  workspace,
} from "vscode";
import * as v from "valibot";
import {
  type ToRenderer,
  widgetViewMime,
  widgetViewSchema,
} from "../../../webviews/widget-renderer/protocol.ts";
import { type WidgetEvent, WidgetModels } from "../../widgets/widget-models.ts";

export class WidgetAudience {
  readonly models: WidgetModels;
  readonly #messaging: NotebookRendererMessaging;
  /** By the model that they show, or would show; also while they are in the background. */
  readonly #editors = new Map<string, Set<NotebookEditor>>();

  constructor(messaging: NotebookRendererMessaging, onError: (error: unknown) => void) {
    this.#messaging = messaging;
    this.models = new WidgetModels(onError);
    this.models.onEvent((event) => this.#tell(event));
  }

  /** An editor shows a view of a model from now on. */
  join(editor: NotebookEditor, model: string): void {
    const editors = this.#editors.get(model) ?? new Set();
    this.#editors.set(model, editors.add(editor));
    this.post(this.#stateOf(model, editor.notebook), editor);
  }

  post(message: ToRenderer, editor: NotebookEditor): void {
    void this.#messaging.postMessage(message, editor);
  }

  /** Tells all again how their widgets are. */
  refresh(): void {
    for (const [model, editors] of this.#editors)
      for (const editor of editors) this.post(this.#stateOf(model, editor.notebook), editor);
  }

  #tell(event: WidgetEvent): void {
    const { model } = event;
    for (const editor of this.#editors.get(model) ?? []) {
      const isThere = event.type === "update" || event.type === "custom";
      this.post(isThere ? event : this.#stateOf(model, editor.notebook), editor);
    }
  }

  #stateOf(model: string, notebook: NotebookDocument): ToRenderer {
    if (!workspace.isTrusted)
      return unavailable(model, l10n.t("Nothing runs in this folder until you trust it."));
    const widget = this.models.get(model);
    if (widget?.module === "anywidget") {
      const { attributes } = widget;
      return { type: "open", model, attributes, failed: l10n.t("The widget's own code failed:") };
    }
    if (widget !== undefined) {
      const message = l10n.t("Widgets of {0} are not supported here, only anywidgets.", widget.module);
      return { ...unavailable(model, message), plainText: plainTextOf(notebook, model) };
    }
    if (this.models.isClosed(model))
      return unavailable(model, l10n.t("This widget is closed. Run the cell again for a new one."));
    return unavailable(model, l10n.t("The kernel that this widget belonged to is gone. Run the cell again."));
  }
}

function unavailable(model: string, message: string): ToRenderer & { type: "unavailable" } {
  return { type: "unavailable", model, message, plainText: undefined };
}

/** What the output that shows a widget says in plain text. */
function plainTextOf(notebook: NotebookDocument, model: string): string | undefined {
  for (const { outputs } of notebook.getCells())
    for (const { items } of outputs) {
      const view = items.find(({ mime }) => mime === widgetViewMime);
      const text = items.find(({ mime }) => mime === "text/plain");
      if (view !== undefined && text !== undefined && modelOf(view.data) === model)
        return Buffer.from(text.data).toString("utf8");
    }
  return undefined;
}

function modelOf(view: Uint8Array): string | undefined {
  try {
    const found = v.safeParse(widgetViewSchema, JSON.parse(Buffer.from(view).toString("utf8")));
    return found.success ? found.output.model_id : undefined;
  } catch {
    return undefined;
  }
}
