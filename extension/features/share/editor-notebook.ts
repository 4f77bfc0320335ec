/** @file A notebook as it is in the editor, unsaved changes included, as the text of a notebook file. */
import { NotebookCellData, NotebookData, type NotebookDocument, extensions } from "vscode";
import * as v from "valibot";

const isFunction = (value: unknown): boolean => typeof value === "function";
/** What VS Code's own extension for notebook files offers to others. */
const serializerSchema = v.looseObject({
  exportNotebook: v.custom<(data: NotebookData) => Promise<unknown>>(isFunction),
});

/** The text that VS Code would save. */
export async function notebookText(notebook: NotebookDocument): Promise<string> {
  const extension = extensions.getExtension<unknown>("vscode.ipynb");
  const { exportNotebook } = v.parse(serializerSchema, await extension?.activate());
  return v.parse(v.string(), await exportNotebook(notebookData(notebook)));
}

function notebookData(notebook: NotebookDocument): NotebookData {
  const cells = notebook.getCells().map((cell) => {
    const data = new NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
    data.outputs = [...cell.outputs];
    data.metadata = cell.metadata;
    if (cell.executionSummary !== undefined) data.executionSummary = cell.executionSummary;
    return data;
  });
  const data = new NotebookData(cells);
  data.metadata = notebook.metadata;
  return data;
}
