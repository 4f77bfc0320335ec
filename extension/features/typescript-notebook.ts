/**
 * @file The context key `tenon.typescriptNotebook`: the notebook in front is one of ours.
 *
 * VS Code's own key, `notebookKernel`, is empty until a notebook has run for the first time.
 */
import { Disposable, type NotebookDocument, commands, window, workspace } from "vscode";
import { isTypescriptNotebook } from "../platform/notebook-cells.ts";
import type { Feature } from "./index.ts";

const contextKey = "tenon.typescriptNotebook";

export const typescriptNotebook: Feature = ({ kernels }) => {
  const isOurs = (notebook: NotebookDocument): boolean =>
    isTypescriptNotebook(notebook) || kernels.get(notebook.uri.toString()) !== undefined;
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
