/**
 * @file Looks at a notebook's file after it was saved. Where a disk is full, VS Code may write the beginning of a file
 * and call it saved; closing the notebook would then lose the rest.
 */
import {
  type Disposable,
  type NotebookDocument,
  NotebookEdit,
  WorkspaceEdit,
  l10n,
  window,
  workspace,
} from "vscode";
import { isTypescriptNotebook } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";

/** Tells the user where a file is not whole, and marks its notebook as not saved. */
export function checkSaves({ log }: Services): Disposable {
  return workspace.onDidSaveNotebookDocument(async (notebook) => {
    if (notebook.uri.scheme !== "file" || !isTypescriptNotebook(notebook) || (await isWhole(notebook)))
      return;
    log.error(`${notebook.uri.fsPath} was not written whole`);
    await markUnsaved(notebook);
    const saveAgain = l10n.t("Save Again");
    const name = notebook.uri.path.split("/").at(-1) ?? "";
    const choice = await window.showErrorMessage(
      l10n.t(
        "{0} could not be written whole. Is the disk full? Nothing is lost while it is open here.",
        name,
      ),
      saveAgain,
    );
    if (choice === saveAgain) await notebook.save();
  });
}

async function isWhole({ uri }: NotebookDocument): Promise<boolean> {
  try {
    JSON.parse(Buffer.from(await workspace.fs.readFile(uri)).toString("utf8"));
    return true;
  } catch {
    return false;
  }
}

/** VS Code asks before it closes a notebook that is not saved, and keeps it over restarts. */
async function markUnsaved(notebook: NotebookDocument): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.set(notebook.uri, [NotebookEdit.updateNotebookMetadata({ ...notebook.metadata })]);
  await workspace.applyEdit(edit);
}
