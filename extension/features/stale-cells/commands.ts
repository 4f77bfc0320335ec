/** @file The command that runs the stale cells, and the button that shows while there are any. */
import { Disposable, type NotebookDocument, Uri, commands, l10n, window, workspace } from "vscode";
import * as v from "valibot";
import { cellId, runCells, typescriptCells } from "../../platform/notebook-cells.ts";
import { mayRun } from "../../platform/workspace-trust.ts";
import type { StaleNotebooks } from "./stale-notebooks.ts";

/** Runs the stale cells of the notebook in front, or of the one whose button was pressed. */
export const runStaleCommand = "tenon.runStaleCells";
const staleContext = "tenon.hasStaleCells";

const toolbarSchema = v.object({
  notebookEditor: v.object({ notebookUri: v.custom<Uri>((value) => value instanceof Uri) }),
});

/** Registers {@link runStaleCommand}. */
export function registerRunStale(stale: StaleNotebooks): Disposable {
  const showButton = async (): Promise<void> => {
    const notebook = window.activeNotebookEditor?.notebook;
    const isOpen = notebook !== undefined && stale.isFollowed(notebook);
    const hasStale = isOpen && (await stale.of(notebook)).stale.size > 0;
    await commands.executeCommand("setContext", staleContext, hasStale);
  };
  return Disposable.from(
    stale.onDidChange((notebook) => {
      if (notebook === window.activeNotebookEditor?.notebook) void showButton();
    }),
    window.onDidChangeActiveNotebookEditor(() => void showButton()),
    commands.registerCommand(runStaleCommand, async (argument: unknown) => {
      const notebook = notebookOf(argument);
      if (notebook !== undefined) await runStaleCells(stale, notebook);
    }),
  );
}

/** Runs the stale cells of a notebook, in order. */
export async function runStaleCells(stale: StaleNotebooks, notebook: NotebookDocument): Promise<void> {
  if (!mayRun()) return;
  const plan = (await stale.of(notebook)).planForAll();
  if (plan.length === 0) void window.showInformationMessage(l10n.t("No cell is stale."));
  await runPlan(notebook, plan);
}

/** Runs cells by their ids, in this order. */
export async function runPlan(notebook: NotebookDocument, plan: readonly string[]): Promise<void> {
  const cells = new Map(typescriptCells(notebook).map((cell) => [cellId(cell), cell]));
  await runCells(
    notebook,
    plan.flatMap((id) => cells.get(id) ?? []),
  );
}

/** Buttons of the toolbar say which notebook they belong to. */
function notebookOf(argument: unknown): NotebookDocument | undefined {
  const button = v.safeParse(toolbarSchema, argument);
  const uri = button.success ? button.output.notebookEditor.notebookUri.toString() : undefined;
  const own = workspace.notebookDocuments.find((notebook) => notebook.uri.toString() === uri);
  return own ?? window.activeNotebookEditor?.notebook;
}
