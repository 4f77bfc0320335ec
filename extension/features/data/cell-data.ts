/** @file A cell that shows a table by its name offers to open it in the data viewer. */
import {
  Disposable,
  EventEmitter,
  type NotebookCell,
  NotebookCellStatusBarAlignment,
  NotebookCellStatusBarItem,
  commands,
  l10n,
  notebooks,
  window,
  workspace,
} from "vscode";
import { isTypescriptCell, notebookType, runCells } from "../../platform/notebook-cells.ts";
import { mayRun } from "../../platform/workspace-trust.ts";
import type { DataViewers } from "./data-viewer.ts";
import type { DataNotebooks } from "./notebooks.ts";

const viewCommand = "tenon.viewCellData";

/** Registers the item below cells and its command. */
export function offerCellData(data: DataNotebooks, viewers: DataViewers): Disposable {
  const changes = new EventEmitter<void>();
  return Disposable.from(
    changes,
    workspace.onDidChangeNotebookDocument(({ cellChanges }) => {
      const isOther = cellChanges.some(
        ({ outputs, document, executionSummary }) =>
          outputs !== undefined || document !== undefined || executionSummary !== undefined,
      );
      if (isOther) changes.fire();
    }),
    notebooks.registerNotebookCellStatusBarItemProvider(notebookType, {
      onDidChangeCellStatusBarItems: changes.event,
      provideCellStatusBarItems: async (cell) => {
        if (!data.hasKernel(cell.notebook.uri.toString()) || !showsTable(cell)) return undefined;
        return (await nameOf(cell)) === undefined ? undefined : statusItem(cell);
      },
    }),
    commands.registerCommand(viewCommand, async (uri: unknown) => {
      const cells = workspace.notebookDocuments.flatMap((notebook) => notebook.getCells());
      const cell = cells.find(({ document }) => document.uri.toString() === uri);
      if (cell !== undefined && mayRun()) await view(cell, data, viewers);
    }),
  );
}

function statusItem({ document }: NotebookCell): NotebookCellStatusBarItem {
  const title = l10n.t("View Data");
  const item = new NotebookCellStatusBarItem(`$(table) ${title}`, NotebookCellStatusBarAlignment.Left);
  item.tooltip = l10n.t("All rows, to sort, filter and export.");
  item.command = { command: viewCommand, title, arguments: [document.uri.toString()] };
  return item;
}

async function view(cell: NotebookCell, data: DataNotebooks, viewers: DataViewers): Promise<void> {
  const notebook = cell.notebook.uri.toString();
  const name = await nameOf(cell);
  const variables = data.of(notebook);
  if (name === undefined || variables === undefined) return;
  const known =
    variables.session.client === undefined ? [] : (await (await variables.client()).list()).variables;
  const found = known.find((each) => each.name === name && each.pageable);
  if (found !== undefined) {
    viewers.show({ notebook, ...found });
    return;
  }
  const run = l10n.t("Run Cell");
  const message = l10n.t("{0} is no table in the kernel now. Run the cell again.", name);
  if ((await window.showInformationMessage(message, run)) === run) await runCells(cell.notebook, [cell]);
}

/** The variable that the cell shows; the parser is loaded with the first table. */
async function nameOf({ document }: NotebookCell): Promise<string | undefined> {
  const { shownName } = await import("../../../cells/shown-name.ts");
  return shownName(document.getText());
}

/** True where the cell's last output is a table of the kernel's. */
function showsTable(cell: NotebookCell): boolean {
  if (!isTypescriptCell(cell) || cell.executionSummary?.success !== true) return false;
  const html = cell.outputs.at(-1)?.items.find(({ mime }) => mime === "text/html");
  // The table's style comes first; a table of any size is not decoded whole.
  return html !== undefined && new TextDecoder().decode(html.data.subarray(0, 20_000)).includes("<table");
}
