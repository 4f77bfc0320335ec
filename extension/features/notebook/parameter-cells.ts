/** @file The cells of a notebook that are tagged as papermill's: what declares parameters, and what gives them values. */
import {
  type NotebookCell,
  NotebookCellData,
  NotebookCellKind,
  type NotebookDocument,
  NotebookEdit,
  NotebookEditorRevealType,
  NotebookRange,
  WorkspaceEdit,
  commands,
  l10n,
  window,
  workspace,
} from "vscode";
import { injectedTag, parametersTag } from "../../../cells/parameters/tags.ts";
import { hasTag, isTypescriptCell } from "../../platform/notebook-cells.ts";

/** The cell that declares the notebook's parameters. */
export function parametersCell(notebook: NotebookDocument): NotebookCell | undefined {
  return notebook.getCells().find((cell) => isTagged(cell, parametersTag));
}

/** The cell of the last run with parameters. */
export function injectedCell(notebook: NotebookDocument): NotebookCell | undefined {
  return notebook.getCells().find((cell) => isTagged(cell, injectedTag));
}

/** Puts the cell with this code below the one that declares; without code, there is none any more. */
export async function replaceInjected(notebook: NotebookDocument, code: string | undefined): Promise<void> {
  const declares = parametersCell(notebook);
  if (declares === undefined) return;
  const edits = notebook
    .getCells()
    .filter((cell) => isTagged(cell, injectedTag))
    .map(({ index }) => NotebookEdit.deleteCells(new NotebookRange(index, index + 1)));
  if (code !== undefined)
    edits.push(NotebookEdit.insertCells(declares.index + 1, [cellData(code, injectedTag)]));
  if (edits.length === 0) return;
  // From the last to the first, so that places hold.
  edits.sort((a, b) => b.range.start - a.range.start);
  await apply(notebook, edits);
}

/** Puts a cell to declare parameters in above the first code cell, and the cursor into it. */
export async function addParametersCell(notebook: NotebookDocument): Promise<void> {
  const first = notebook.getCells().find(({ kind }) => kind === NotebookCellKind.Code);
  const at = first?.index ?? notebook.cellCount;
  const code = `// ${l10n.t("Values that a run can change: name them here, with what they are without a change")}\nlet epochs = 5;`;
  await apply(notebook, [NotebookEdit.insertCells(at, [cellData(code, parametersTag)])]);
  await showCell(notebook, at);
  await commands.executeCommand("notebook.cell.edit");
}

/** Selects a cell and brings it into sight. */
export async function showCell(notebook: NotebookDocument, index: number): Promise<void> {
  const range = new NotebookRange(index, index + 1);
  const shown = window.visibleNotebookEditors.find((editor) => editor.notebook === notebook);
  const column = shown?.viewColumn === undefined ? {} : { viewColumn: shown.viewColumn };
  const editor = await window.showNotebookDocument(notebook, { selections: [range], ...column });
  editor.revealRange(range, NotebookEditorRevealType.InCenterIfOutsideViewport);
}

function isTagged(cell: NotebookCell, tag: string): boolean {
  return isTypescriptCell(cell) && hasTag(cell, tag);
}

function cellData(code: string, tag: string): NotebookCellData {
  const data = new NotebookCellData(NotebookCellKind.Code, code, "typescript");
  data.metadata = { metadata: { tags: [tag] } };
  return data;
}

async function apply(notebook: NotebookDocument, edits: readonly NotebookEdit[]): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.set(notebook.uri, [...edits]);
  await workspace.applyEdit(edit);
}
