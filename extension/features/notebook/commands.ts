/** @file Commands about the kernel of the notebook in front. */
import { Disposable, type NotebookDocument, commands, l10n, window } from "vscode";
import { isTypescriptNotebook, runCells, typescriptCells } from "../../platform/notebook-cells.ts";
import { mayRun } from "../../platform/workspace-trust.ts";
import type { Services } from "../../platform/services.ts";
import { attachKernel } from "./attach-kernel.ts";
import type { NotebookRunner } from "./notebook-runner.ts";
import { takeParameters } from "./run-with-parameters.ts";

/** Registers interrupt, restart, restart and run all, run with parameters, and attach. */
export function registerKernelCommands(
  runnerOf: (notebook: NotebookDocument) => NotebookRunner,
  services: Services,
): Disposable {
  const withNotebook = (action: (notebook: NotebookDocument) => Promise<void>) => async (): Promise<void> => {
    const notebook = window.activeNotebookEditor?.notebook;
    if (notebook === undefined || !isTypescriptNotebook(notebook)) {
      void window.showInformationMessage(l10n.t("Open a TypeScript notebook first."));
      return;
    }
    if (mayRun()) await action(notebook);
  };
  /** False where no kernel came up, which the session's watcher tells. */
  const restart = async (notebook: NotebookDocument): Promise<boolean> => {
    try {
      await runnerOf(notebook).restart();
      return true;
    } catch {
      return false;
    }
  };
  return Disposable.from(
    commands.registerCommand(
      "tenon.interruptKernel",
      withNotebook(async (notebook) => await runnerOf(notebook).interrupt()),
    ),
    commands.registerCommand(
      "tenon.restartKernel",
      withNotebook(async (notebook) => void (await restart(notebook))),
    ),
    commands.registerCommand(
      "tenon.attachKernel",
      withNotebook(async (notebook) => await attachKernel(notebook, runnerOf(notebook), services)),
    ),
    commands.registerCommand(
      "tenon.restartAndRunAll",
      withNotebook(async (notebook) => {
        if (await restart(notebook)) await runCells(notebook, typescriptCells(notebook));
      }),
    ),
    commands.registerCommand(
      "tenon.runWithParameters",
      withNotebook(async (notebook) => {
        if (!(await takeParameters(notebook)) || !(await restart(notebook))) return;
        await runCells(notebook, typescriptCells(notebook));
      }),
    ),
  );
}
