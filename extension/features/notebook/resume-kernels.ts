/**
 * @file Kernels that a window before this one has left running: they go on here when their notebooks are shown.
 *
 * VS Code lets a controller show outputs only in a notebook that it is selected for, and selects it some time after the
 * notebook has opened.
 */
import {
  Disposable,
  type NotebookController,
  type NotebookDocument,
  TabInputNotebook,
  commands,
  window,
  workspace,
} from "vscode";
import { extendLinger } from "../../kernels/extend-linger.ts";
import type { Services } from "../../platform/services.ts";

/** Milliseconds that VS Code has to select the controller by itself. */
const selectionPatience = 1000;

/** Calls `resume` for each notebook that has a kernel which runs on, once its cells can show outputs. */
export function resumeKernels(
  controller: NotebookController,
  { context, kernels, log }: Services,
  resume: (notebook: NotebookDocument) => void,
): Disposable {
  const timers = new Map<NotebookDocument, NodeJS.Timeout>();
  // A page beside the notebook may have taken its kernel over already.
  const isLeft = ({ uri }: NotebookDocument): boolean =>
    workspace.isTrusted &&
    (kernels.records?.has(uri.toString()) === true || kernels.get(uri.toString()) !== undefined);
  const select = async (notebook: NotebookDocument): Promise<void> => {
    const notebookEditor = window.visibleNotebookEditors.find((editor) => editor.notebook === notebook);
    const { id } = context.extension;
    if (notebookEditor !== undefined)
      await commands.executeCommand("notebook.selectKernel", {
        notebookEditor,
        id: controller.id,
        extension: id,
      });
  };
  const opened = (notebook: NotebookDocument): void => {
    if (!isLeft(notebook)) return;
    const timer = setTimeout(() => void select(notebook), selectionPatience);
    timers.set(notebook, timer);
  };
  const forget = (notebook: NotebookDocument): void => {
    clearTimeout(timers.get(notebook));
    timers.delete(notebook);
  };
  for (const notebook of workspace.notebookDocuments) opened(notebook);
  // A tab behind others is opened when it is looked at, which may be long from now.
  for (const { input } of window.tabGroups.all.flatMap(({ tabs }) => tabs)) {
    if (!(input instanceof TabInputNotebook)) continue;
    const record = kernels.records?.running().find(({ notebook }) => notebook === input.uri.toString());
    if (record !== undefined) extendLinger(record).catch((error: unknown) => log.warn(String(error)));
  }
  return Disposable.from(
    workspace.onDidOpenNotebookDocument(opened),
    workspace.onDidCloseNotebookDocument(forget),
    controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
      forget(notebook);
      if (selected && isLeft(notebook)) resume(notebook);
    }),
    new Disposable(() => {
      for (const timer of timers.values()) clearTimeout(timer);
    }),
  );
}
