/**
 * @file The context key `tenon.typescriptNotebook`: the notebook in front is one of ours.
 *
 * VS Code's own key, `notebookKernel`, is empty until a notebook has run for the first time.
 */
import { Disposable, type NotebookDocument, NotebookCellKind, commands, window, workspace } from "vscode";
import type { Feature } from "./index.ts";

const contextKey = "tenon.typescriptNotebook";

export const typescriptNotebook: Feature = ({ kernels }) => {
  const isOurs = (notebook: NotebookDocument): boolean =>
    notebook.notebookType === "jupyter-notebook" &&
    (kernels.get(notebook.uri.toString()) !== undefined ||
      notebook
        .getCells()
        .some(
          ({ kind, document }) => kind === NotebookCellKind.Code && document.languageId === "typescript",
        ));
  let shown: boolean | undefined;
  const show = (): void => {
    const notebook = window.activeNotebookEditor?.notebook;
    const value = notebook !== undefined && isOurs(notebook);
    if (value === shown) return;
    shown = value;
    void commands.executeCommand("setContext", contextKey, value);
  };
  show();
  return Disposable.from(
    window.onDidChangeActiveNotebookEditor(show),
    workspace.onDidChangeNotebookDocument(({ contentChanges }) => {
      if (contentChanges.length > 0) show();
    }),
    new Disposable(kernels.onOpened(show)),
  );
};
