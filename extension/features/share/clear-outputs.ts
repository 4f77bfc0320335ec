/**
 * @file The setting `tenon.clearOutputsOnSave`: notebooks are saved without outputs, so that diffs are about the cells.
 *
 * Only saving by hand clears: auto save would take outputs away while they are looked at.
 */
import {
  Disposable,
  NotebookCellData,
  type NotebookDocument,
  NotebookEdit,
  NotebookRange,
  TextDocumentSaveReason,
  WorkspaceEdit,
  commands,
  window,
  workspace,
} from "vscode";
import { isTypescriptNotebook } from "../../platform/notebook-cells.ts";

/** Clears outputs as a notebook is saved, where the setting says so. */
export function clearOutputsOnSave(): Disposable {
  return workspace.onWillSaveNotebookDocument((event) => {
    const { notebook, reason } = event;
    const setting = workspace.getConfiguration("tenon", notebook.uri).get("clearOutputsOnSave", false);
    if (!setting || reason !== TextDocumentSaveReason.Manual || !isTypescriptNotebook(notebook)) return;
    if (hasOutputs(notebook)) event.waitUntil(clear(notebook));
  });
}

function hasOutputs(notebook: NotebookDocument): boolean {
  return notebook.getCells().some(({ outputs }) => outputs.length > 0);
}

/** In front, the editor's own command leaves the cells, and the cursor in them, in place. */
async function clear(notebook: NotebookDocument): Promise<WorkspaceEdit | undefined> {
  if (window.activeNotebookEditor?.notebook === notebook) {
    await commands.executeCommand("notebook.clearAllCellsOutputs");
    if (!hasOutputs(notebook)) return undefined;
  }
  const edit = new WorkspaceEdit();
  const edits = notebook
    .getCells()
    .filter(({ outputs }) => outputs.length > 0)
    .map(({ index, kind, document, metadata }) => {
      const data = new NotebookCellData(kind, document.getText(), document.languageId);
      data.metadata = { ...metadata, execution_count: null };
      return NotebookEdit.replaceCells(new NotebookRange(index, index + 1), [data]);
    });
  edit.set(notebook.uri, edits);
  return edit;
}
