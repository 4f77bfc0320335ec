/** @file The view "Variables": those of the notebook in front, or of the last one that was in front. */
import {
  Disposable,
  type NotebookDocument,
  type WebviewView,
  commands,
  l10n,
  window,
  workspace,
} from "vscode";
import type { VariablePath } from "../../../kernel/protocol.ts";
import type { Unsubscribe } from "../../../jupyter/listeners.ts";
import { type FromPage, type ToPage, fromPageSchema } from "../../../webviews/variables/protocol.ts";
import { isTypescriptNotebook } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { type PageSource, openPage } from "../../platform/webview-page.ts";
import type { ViewedData } from "./data-viewer.ts";
import type { DataNotebooks } from "./notebooks.ts";

const viewId = "tenon.variables";
const childrenPerQuestion = 100;
const page: PageSource<FromPage> = {
  name: "variables",
  title: "Variables",
  body: '<main><h1 class="visually-hidden"></h1><div class="content"></div></main>',
  fromPage: fromPageSchema,
};

/** Shows a variable, or a part of one, in the data viewer. */
export type OpenData = (data: ViewedData) => void;

/** Registers the view. */
export function registerVariablesView(
  services: Services,
  notebooks: DataNotebooks,
  openData: OpenData,
): Disposable {
  const view = new VariablesView(services, notebooks, openData);
  return Disposable.from(window.registerWebviewViewProvider(viewId, view), view);
}

class VariablesView {
  readonly #services: Services;
  readonly #notebooks: DataNotebooks;
  readonly #openData: OpenData;
  readonly #subscriptions: Disposable;
  #view: WebviewView | undefined;
  #notebook: NotebookDocument | undefined;
  #unsubscribe: Unsubscribe = () => {};

  constructor(services: Services, notebooks: DataNotebooks, openData: OpenData) {
    this.#services = services;
    this.#notebooks = notebooks;
    this.#openData = openData;
    this.#subscriptions = Disposable.from(
      window.onDidChangeActiveNotebookEditor(() => this.#follow()),
      workspace.onDidCloseNotebookDocument((closed) => {
        if (closed === this.#notebook) this.#notebook = undefined;
        this.#follow();
      }),
      workspace.onDidGrantWorkspaceTrust(() => this.#follow()),
      new Disposable(services.kernels.onOpened(() => this.#follow())),
    );
  }

  resolveWebviewView(view: WebviewView): void {
    this.#view = view;
    openPage(view.webview, page, this.#services, (message) => this.#receive(message));
    view.onDidChangeVisibility(() => this.#follow());
    view.onDidDispose(() => {
      this.#view = undefined;
      this.#unsubscribe();
    });
  }

  dispose(): void {
    this.#unsubscribe();
    this.#subscriptions.dispose();
  }

  /** Turns to the notebook in front; a page or a file in front leaves the last notebook here. */
  #follow(): void {
    if (this.#view?.visible !== true) return;
    const front = window.activeNotebookEditor?.notebook;
    if (front !== undefined && isTypescriptNotebook(front)) this.#notebook = front;
    this.#unsubscribe();
    this.#unsubscribe = this.#variables()?.onEvent(() => this.#show()) ?? (() => {});
    this.#show();
  }

  #variables(): ReturnType<DataNotebooks["of"]> {
    return this.#notebook && this.#notebooks.of(this.#notebook.uri.toString());
  }

  #show(): void {
    const variables = this.#variables();
    if (this.#notebook === undefined || variables?.isReady !== true || variables.total === 0) {
      this.#post({ type: "empty", ...this.#nothing(), texts: texts() });
      return;
    }
    this.#post({
      type: "variables",
      notebook: this.#notebook.uri.toString(),
      variables: [...variables.variables],
      total: variables.total,
      texts: texts(),
    });
  }

  #nothing(): Pick<ToPage & { type: "empty" }, "message" | "action"> {
    if (!workspace.isTrusted)
      return {
        message: l10n.t("Nothing runs in this folder until you trust it."),
        action: { label: l10n.t("Manage Workspace Trust"), command: "workbench.trust.manage" },
      };
    if (this.#notebook === undefined)
      return {
        message: l10n.t("Open a TypeScript notebook, and its variables show here."),
        action: { label: l10n.t("New Notebook"), command: "tenon.newNotebook" },
      };
    if (this.#services.kernels.get(this.#notebook.uri.toString())?.state === "dead")
      return {
        message: l10n.t("The kernel has ended, and the variables with it."),
        action: { label: l10n.t("Restart Kernel"), command: "tenon.restartKernel" },
      };
    return {
      message: l10n.t("Run a cell, and its variables show here."),
      action: { label: l10n.t("Run All"), command: "notebook.execute" },
    };
  }

  #receive(message: FromPage): void {
    if (message.type === "ready") this.#follow();
    else if (message.type === "act") void this.#act();
    else if (message.type === "children") void this.#children(message.path, message.offset);
    else if (this.#notebook !== undefined)
      this.#openData({ notebook: this.#notebook.uri.toString(), path: message.path, name: nameOf(message) });
  }

  async #act(): Promise<void> {
    const command = this.#nothing().action?.command;
    if (command === undefined) return;
    if (this.#notebook !== undefined) await window.showNotebookDocument(this.#notebook);
    await commands.executeCommand(command);
  }

  async #children(path: VariablePath, offset: number): Promise<void> {
    try {
      const client = await this.#variables()?.client();
      const found = await client?.children(path, offset, childrenPerQuestion);
      if (found !== undefined) this.#post({ type: "children", path, offset, ...found });
    } catch (error) {
      // The variable is another by now, or the kernel is gone: the list says so by itself.
      this.#services.log.debug("parts of a variable", error);
    }
  }

  #post(message: ToPage): void {
    void this.#view?.webview.postMessage(message);
  }
}

/** For example `report.rows[2]`. */
function nameOf({ path }: FromPage & { type: "open" }): string {
  const [first = "", ...steps] = path;
  return steps.reduce<string>(
    (name, step) => (typeof step === "number" ? `${name}[${step}]` : `${name}.${step}`),
    String(first),
  );
}

function texts(): Readonly<Record<string, string>> {
  return {
    title: l10n.t("Variables"),
    filter: l10n.t("Filter variables"),
    name: l10n.t("Name"),
    type: l10n.t("Type"),
    shape: l10n.t("Shape"),
    bytes: l10n.t("Memory"),
    preview: l10n.t("Value"),
    actions: l10n.t("Actions"),
    open: l10n.t("View Data"),
    more: l10n.t("Show more ({0} left)"),
    noMatch: l10n.t("No variable matches the filter."),
    unlisted: l10n.t("{0} more variables are not listed."),
  };
}
