/** @file The notebook controller: TypeScript notebooks run on our kernel. */
import {
  Disposable,
  type NotebookController,
  NotebookControllerAffinity,
  type NotebookDocument,
  notebooks,
  workspace,
} from "vscode";
import { keepsKernels } from "../../platform/kernel-settings.ts";
import { isTypescriptNotebook, notebookType } from "../../platform/notebook-cells.ts";
import { mayRun } from "../../platform/workspace-trust.ts";
import type { Feature } from "../index.ts";
import { notebookSession } from "../notebook-session.ts";
import { registerKernelCommands } from "./commands.ts";
import { watchForTrouble } from "./kernel-trouble.ts";
import { registerNewNotebook } from "./new-notebook.ts";
import { NotebookRunner } from "./notebook-runner.ts";
import { checkSaves } from "./save-check.ts";
import { resumeKernels } from "./resume-kernels.ts";

export const notebook: Feature = (services) => {
  const { kernels } = services;
  const runners = new Map<string, { readonly runner: NotebookRunner; readonly end: () => void }>();
  const controller: NotebookController = notebooks.createNotebookController(
    "tenon",
    notebookType,
    "TypeScript (Tenon)",
  );
  controller.supportedLanguages = ["typescript"];
  controller.supportsExecutionOrder = true;
  controller.description = "Node";

  const runnerOf = (document: NotebookDocument): NotebookRunner => {
    const uri = document.uri.toString();
    const known = runners.get(uri);
    if (known !== undefined) return known.runner;
    const session = notebookSession(document.uri, services);
    const runner = new NotebookRunner(document, session, controller, services);
    const unwatch = watchForTrouble(runner, services);
    const end = (): void => {
      unwatch();
      runner.dispose();
    };
    runners.set(uri, { runner, end });
    return runner;
  };
  const close = (document: NotebookDocument): void => {
    const uri = document.uri.toString();
    runners.get(uri)?.end();
    runners.delete(uri);
    void kernels.close(uri, keepsKernels());
  };
  const prefer = (document: NotebookDocument): void => {
    if (isTypescriptNotebook(document))
      controller.updateNotebookAffinity(document, NotebookControllerAffinity.Preferred);
  };

  controller.executeHandler = async (cells, document) => {
    if (!mayRun()) return;
    await runnerOf(document).run(cells);
  };
  controller.interruptHandler = async (document) => await runnerOf(document).interrupt();
  for (const document of workspace.notebookDocuments) prefer(document);
  return Disposable.from(
    controller,
    workspace.onDidOpenNotebookDocument(prefer),
    resumeKernels(controller, services, (document) => void runnerOf(document).session.resume()),
    workspace.onDidCloseNotebookDocument(close),
    registerKernelCommands(runnerOf, services),
    registerNewNotebook(),
    checkSaves(services),
    new Disposable(() => {
      for (const { end } of runners.values()) end();
    }),
  );
};
