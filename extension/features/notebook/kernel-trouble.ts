/** @file Tells of kernels that died or could not be started, once, with what can be done. */
import { l10n, window } from "vscode";
import type { KernelSession } from "../../kernels/kernel-session.ts";
import type { Services } from "../../platform/services.ts";
import type { NotebookRunner } from "./notebook-runner.ts";

interface Trouble {
  readonly log: Services["log"];
  /** False where the kernel never came up. */
  readonly hadKernel: boolean;
}

/** Watches a notebook's kernel. Returns what ends that. */
export function watchForTrouble(runner: NotebookRunner, { log }: Services): () => void {
  let isShown = false;
  let hadKernel = false;
  return runner.session.onState((state) => {
    if (state === "idle" || state === "busy") hadKernel = true;
    if (state !== "dead" || isShown) return;
    isShown = true;
    void tell(runner, { log, hadKernel }).finally(() => {
      isShown = false;
    });
    hadKernel = false;
  });
}

async function tell(runner: NotebookRunner, { log, hadKernel }: Trouble): Promise<void> {
  const restart = l10n.t("Restart");
  const showLog = l10n.t("Show Log");
  const message = hadKernel
    ? l10n.t(
        "The kernel of {0} has ended. Its variables are gone; the notebook is as it was.",
        name(runner.session),
      )
    : l10n.t("The kernel of {0} could not be started. The log says why.", name(runner.session));
  const choice = await window.showErrorMessage(message, restart, showLog);
  if (choice === showLog) log.show();
  // Where it fails, the session is dead again, which is told like this.
  if (choice === restart) await runner.restart().catch((error: unknown) => log.error(String(error)));
}

function name(session: KernelSession): string {
  return decodeURIComponent(session.notebook.split("/").at(-1) ?? "");
}
