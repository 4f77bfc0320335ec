/** @file The setting `tenon.staleCells.autoRun`: what depends on a cell runs after it. */
import { Disposable, type NotebookDocument, workspace } from "vscode";
import type { Services } from "../../platform/services.ts";
import { ReactiveRuns } from "../../stale/reactive-runs.ts";
import { runPlan } from "./commands.ts";
import type { StaleNotebooks } from "./stale-notebooks.ts";

/** Runs the stale dependants of what was run, where the setting says so and the folder is trusted. */
export function runReactively({ kernels, log }: Services, stale: StaleNotebooks): Disposable {
  const runs = new Map<string, ReactiveRuns>();
  const open = async (notebook: NotebookDocument): Promise<ReactiveRuns> => {
    const key = notebook.uri.toString();
    const staleness = await stale.of(notebook);
    const known = runs.get(key);
    if (known !== undefined) return known;
    const reactive = new ReactiveRuns({
      isIdle: () => kernels.get(key)?.state === "idle",
      plan: (roots) => (mayRunBy(notebook) ? staleness.planBehind(roots) : []),
      run: async (cells) => await runPlan(notebook, cells),
      onProblem: (error) => log.error("stale cells", error),
    });
    runs.set(key, reactive);
    return reactive;
  };
  const close = (key: string): void => {
    runs.get(key)?.dispose();
    runs.delete(key);
  };
  return Disposable.from(
    stale.onDidExecute(([notebook, execution]) => {
      if (mayRunBy(notebook)) void open(notebook).then((reactive) => reactive.executed(execution));
    }),
    workspace.onDidCloseNotebookDocument(({ uri }) => close(uri.toString())),
    new Disposable(() => {
      for (const key of runs.keys()) close(key);
    }),
  );
}

function mayRunBy(notebook: NotebookDocument): boolean {
  const setting = workspace.getConfiguration("tenon.staleCells", notebook.uri).get("autoRun", false);
  return setting && workspace.isTrusted;
}
