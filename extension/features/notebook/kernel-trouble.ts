/** @file Tells of kernels that died or could not be started, once, with what can be done. */
import { l10n, window } from "vscode";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import type { Services } from "../../platform/services.ts";
import type { NotebookRunner } from "./notebook-runner.ts";

/** Watches a notebook's kernel. Returns what ends that. */
export function watchForTrouble(runner: NotebookRunner, { log }: Services): () => void {
  let isShown = false;
  return runner.session.onState((state) => {
    if (state !== "dead" || isShown) return;
    isShown = true;
    void tell(runner, log).finally(() => {
      isShown = false;
    });
  });
}

async function tell(runner: NotebookRunner, log: Services["log"]): Promise<void> {
  const restart = l10n.t("Restart");
  const showLog = l10n.t("Show Log");
  const choice = await window.showErrorMessage(
    l10n.t(
      "The kernel of {0} has ended. Its variables are gone; the notebook is as it was.",
      name(runner.session),
    ),
    restart,
    showLog,
  );
  if (choice === showLog) log.show();
  if (choice !== restart) return;
  try {
    await runner.restart();
  } catch (error) {
    log.error("the kernel could not be started", error);
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    if ((await window.showErrorMessage(message, showLog)) === showLog) log.show();
  }
}

function name(session: KernelSession): string {
  return decodeURIComponent(session.notebook.split("/").at(-1) ?? "");
}
