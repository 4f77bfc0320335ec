/** @file `Tenon: Notebook Graph`: a page beside the notebook that shows its cells and what they use of each other. */
import { basename } from "node:path";
import {
  Disposable,
  type NotebookDocument,
  NotebookEditorRevealType,
  NotebookRange,
  Uri,
  ViewColumn,
  type WebviewPanel,
  commands,
  l10n,
  window,
  workspace,
} from "vscode";
import * as v from "valibot";
import {
  type CellState,
  type FromPage,
  type ToPage,
  fromPageSchema,
  pageStateSchema,
} from "../../../webviews/notebook-graph/protocol.ts";
import { cellId, typescriptCells } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { type PageSource, openPage } from "../../platform/webview-page.ts";
import { cellLabel, cellState, graphEdges } from "../../stale/notebook-graph.ts";
import { describe } from "./cell-status.ts";
import { runStaleCells } from "./commands.ts";
import type { StaleNotebooks } from "./stale-notebooks.ts";

const panelType = "tenon.notebookGraph";
const showCommand = "tenon.notebookGraph";
const pageSource = (): PageSource<FromPage> => ({
  name: "notebook-graph",
  title: l10n.t("Notebook Graph"),
  body: '<header><h1></h1><button type="button" class="run-stale" hidden></button></header><main></main>',
  fromPage: fromPageSchema,
});

/** Registers the command and the page. */
export function registerGraphPage(services: Services, stale: StaleNotebooks): Disposable {
  const panels = new Map<NotebookDocument, WebviewPanel>();
  const show = async (notebook: NotebookDocument): Promise<void> => {
    const panel = panels.get(notebook);
    if (panel === undefined) return;
    const message = await graphOf(notebook, stale, services.kernels.get(notebook.uri.toString())?.running);
    await panel.webview.postMessage(message);
  };
  const showSafely = (notebook: NotebookDocument): void => {
    show(notebook).catch((error: unknown) => services.log.error("notebook graph", error));
  };
  const receive = (notebook: NotebookDocument, message: FromPage): void => {
    if (message.type === "ready") showSafely(notebook);
    else if (message.type === "reveal")
      reveal(notebook, message.cell).catch((error: unknown) => services.log.warn("notebook graph", error));
    else void runStaleCells(stale, notebook);
  };
  const open = (notebook: NotebookDocument, panel: WebviewPanel): void => {
    panels.set(notebook, panel);
    panel.title = l10n.t("Graph: {0}", basename(notebook.uri.path));
    panel.onDidDispose(() => panels.delete(notebook));
    openPage(panel.webview, pageSource(), services, (message) => receive(notebook, message));
  };

  return Disposable.from(
    commands.registerCommand(showCommand, () => {
      const notebook = window.activeNotebookEditor?.notebook;
      if (notebook === undefined) return;
      const known = panels.get(notebook);
      if (known !== undefined) known.reveal();
      else {
        const place = { viewColumn: ViewColumn.Beside, preserveFocus: true };
        open(notebook, window.createWebviewPanel(panelType, "", place));
      }
    }),
    window.registerWebviewPanelSerializer(panelType, {
      deserializeWebviewPanel: async (panel, state) => {
        const found = v.safeParse(pageStateSchema, state);
        if (found.success)
          open(await workspace.openNotebookDocument(Uri.parse(found.output.notebook, true)), panel);
        else panel.dispose();
      },
    }),
    stale.onDidChange(showSafely),
    workspace.onDidCloseNotebookDocument((notebook) => panels.get(notebook)?.dispose()),
    new Disposable(
      services.kernels.onOpened((session) => {
        session.onExecuting(() => {
          const notebook = [...panels.keys()].find(({ uri }) => uri.toString() === session.notebook);
          if (notebook !== undefined) showSafely(notebook);
        });
      }),
    ),
    new Disposable(() => {
      for (const panel of panels.values()) panel.dispose();
    }),
  );
}

async function graphOf(
  notebook: NotebookDocument,
  stale: StaleNotebooks,
  running: string | undefined,
): Promise<ToPage> {
  const staleness = await stale.of(notebook);
  const places = new Map(typescriptCells(notebook).map((cell) => [cellId(cell), cell.index]));
  return {
    type: "graph",
    notebook: basename(notebook.uri.path),
    uri: notebook.uri.toString(),
    cells: staleness.cells.map(({ id, source }) => {
      const index = places.get(id) ?? 0;
      const above = index > 0 ? notebook.cellAt(index - 1).document : undefined;
      const state = cellState(staleness, id, running);
      const reasons = staleness.stale.get(id);
      return {
        id,
        number: index + 1,
        label: cellLabel(source, above?.languageId === "markdown" ? above.getText() : undefined),
        state,
        status: state === "stale" && reasons !== undefined ? describe(reasons) : stateName(state),
      };
    }),
    edges: [...graphEdges(staleness.cells)],
    texts: {
      runStale: l10n.t("Run Stale Cells"),
      empty: l10n.t("The notebook has no TypeScript cells yet. Add one, and it shows here."),
      uses: l10n.t("uses"),
    },
  };
}

function stateName(state: CellState): string {
  switch (state) {
    case "new":
      return l10n.t("Has not run yet");
    case "fresh":
      return l10n.t("Up to date");
    case "stale":
      return l10n.t("Stale");
    case "running":
      return l10n.t("Running");
    case "failed":
      return l10n.t("Failed");
  }
}

async function reveal(notebook: NotebookDocument, id: string): Promise<void> {
  const cell = typescriptCells(notebook).find((each) => cellId(each) === id);
  if (cell === undefined) return;
  const range = new NotebookRange(cell.index, cell.index + 1);
  const shown = window.visibleNotebookEditors.find((each) => each.notebook === notebook);
  const editor = await window.showNotebookDocument(notebook, {
    selections: [range],
    ...(shown?.viewColumn === undefined ? {} : { viewColumn: shown.viewColumn }),
  });
  editor.revealRange(range, NotebookEditorRevealType.InCenterIfOutsideViewport);
}
