/** @file The data viewer: a page for each variable that is looked at, fed from the notebook's kernel. */
import { Disposable, Uri, ViewColumn, type WebviewPanel, env, l10n, window, workspace } from "vscode";
import * as v from "valibot";
import type { VariablePath } from "../../../kernel/protocol.ts";
import {
  type FromPage,
  type ToPage,
  fromPageSchema,
  pageStateSchema,
} from "../../../webviews/data-viewer/protocol.ts";
import { VariablesClosedError } from "../../data/variables-client.ts";
import type { Services } from "../../platform/services.ts";
import { type PageSource, openPage } from "../../platform/webview-page.ts";
import { notebookSession } from "../notebook-session.ts";
import { saveAsCsv } from "./export-csv.ts";
import type { DataNotebooks } from "./notebooks.ts";
import { viewerTexts } from "./viewer-texts.ts";

const panelType = "tenon.dataViewer";
const page: PageSource<FromPage> = {
  name: "data-viewer",
  title: "Data Viewer",
  body: "<main></main>",
  fromPage: fromPageSchema,
};

/** What a panel shows. */
export interface ViewedData {
  readonly notebook: string;
  readonly path: VariablePath;
  /** As people call it. */
  readonly name: string;
}

export class DataViewers {
  readonly #services: Services;
  readonly #notebooks: DataNotebooks;
  readonly #panels = new Map<string, WebviewPanel>();
  readonly #serializer: Disposable;

  constructor(services: Services, notebooks: DataNotebooks) {
    this.#services = services;
    this.#notebooks = notebooks;
    this.#serializer = window.registerWebviewPanelSerializer(panelType, {
      deserializeWebviewPanel: async (panel, state) => {
        const found = v.safeParse(pageStateSchema, state);
        if (!found.success) panel.dispose();
        else this.#fill(panel, found.output);
        await Promise.resolve();
      },
    });
  }

  /** Shows a variable; the page that shows it already comes to front. */
  show(data: ViewedData): void {
    const known = this.#panels.get(keyOf(data));
    if (known !== undefined) known.reveal();
    else this.#fill(window.createWebviewPanel(panelType, "", { viewColumn: ViewColumn.Active }), data);
  }

  dispose(): void {
    this.#serializer.dispose();
    for (const panel of this.#panels.values()) panel.dispose();
  }

  #fill(panel: WebviewPanel, data: ViewedData): void {
    const viewer = new Viewer(panel, data, this.#services, this.#notebooks);
    this.#panels.set(keyOf(data), panel);
    panel.onDidDispose(() => {
      this.#panels.delete(keyOf(data));
      viewer.dispose();
    });
  }
}

function keyOf({ notebook, path }: ViewedData): string {
  return JSON.stringify([notebook, path]);
}

class Viewer {
  readonly #panel: WebviewPanel;
  readonly #data: ViewedData;
  readonly #services: Services;
  readonly #notebooks: DataNotebooks;
  readonly #opened: Disposable;
  #session: Disposable = new Disposable(() => {});

  constructor(panel: WebviewPanel, data: ViewedData, services: Services, notebooks: DataNotebooks) {
    this.#panel = panel;
    this.#data = data;
    this.#services = services;
    this.#notebooks = notebooks;
    panel.title = data.name;
    panel.iconPath = {
      light: Uri.file(services.file("extension/resources/table-light.svg")),
      dark: Uri.file(services.file("extension/resources/table-dark.svg")),
    };
    openPage(panel.webview, page, services, (message) => void this.#receive(message));
    // After a window reload the page is there before the notebook's kernel.
    this.#opened = new Disposable(
      services.kernels.onOpened(({ notebook }) => {
        if (notebook === data.notebook) this.#follow();
      }),
    );
    this.#follow();
    // The notebook itself may stand behind other tabs, and is not opened before it is looked at.
    if (workspace.isTrusted && services.kernels.records?.has(data.notebook) === true)
      void notebookSession(Uri.parse(data.notebook), services).resume();
  }

  dispose(): void {
    this.#opened.dispose();
    this.#session.dispose();
  }

  #follow(): void {
    this.#session.dispose();
    const variables = this.#notebooks.of(this.#data.notebook);
    if (variables === undefined) return;
    const unsubscribe = [
      variables.onEvent(({ type }) => {
        if (type === "ready") this.#open();
        else if (type === "gone") this.#post({ type: "gone", message: noKernel() });
      }),
      // The rows may be others though the variable's description is the same.
      variables.session.onExecuted(() => this.#post({ type: "changed" })),
    ];
    this.#session = new Disposable(() => {
      for (const each of unsubscribe) each();
    });
  }

  #open(): void {
    const { notebook, path, name } = this.#data;
    const known = this.#notebooks.of(notebook)?.variables.find((variable) => variable.name === path[0]);
    const isWhole = path.length === 1 && known !== undefined;
    this.#post({
      type: "open",
      notebook,
      path: [...path],
      name,
      valueType: isWhole ? known.type : "",
      ...(isWhole && known.shape !== undefined ? { shape: known.shape } : {}),
      texts: viewerTexts(),
    });
  }

  async #receive(message: FromPage): Promise<void> {
    if (message.type === "ready") {
      this.#open();
      if (this.#notebooks.of(this.#data.notebook)?.isReady !== true)
        this.#post({ type: "gone", message: noKernel() });
      return;
    }
    if (message.type === "copy") {
      await env.clipboard.writeText(message.text);
      window.setStatusBarMessage(l10n.t("Copied"), 2000);
      return;
    }
    if (message.type === "export") {
      const folder = workspace.getWorkspaceFolder(Uri.parse(this.#data.notebook))?.uri;
      const variables = this.#notebooks.of(this.#data.notebook);
      await saveAsCsv(
        { ...message, path: this.#data.path },
        this.#data.name,
        folder,
        variables,
        this.#services,
      );
      return;
    }
    await this.#answer(message);
  }

  async #answer(message: FromPage & { type: "page" | "profile" }): Promise<void> {
    const { id } = message;
    try {
      const variables = this.#notebooks.of(this.#data.notebook);
      if (variables === undefined) throw new VariablesClosedError("");
      const client = await variables.client();
      if (message.type === "page")
        this.#post({ type: "page", id, page: await client.page(this.#data.path, message.query) });
      else this.#post({ type: "profile", id, profile: await client.profile(this.#data.path, message.query) });
    } catch (error) {
      const isGone = error instanceof VariablesClosedError;
      const text = error instanceof Error ? error.message : String(error);
      this.#post({ type: "failed", id, message: isGone ? noKernel() : text });
    }
  }

  #post(message: ToPage): void {
    void this.#panel.webview.postMessage(message);
  }
}

function noKernel(): string {
  return l10n.t("The notebook's kernel does not run. Run the cell that makes this value, and it shows here.");
}
