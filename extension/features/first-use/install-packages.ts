/** @file Installs packages into a notebook's folder while the user watches, and says how it went. */
import { type NotebookDocument, ProgressLocation, l10n, window } from "vscode";
import { installPackages } from "../../first-use/packages.ts";
import { notebookSession } from "../notebook-session.ts";
import type { Services } from "../../platform/services.ts";
import { mayRun } from "../../platform/workspace-trust.ts";

/** Installs packages by the notebook's kernel. Resolves with whether they are there. */
export async function offerInstall(
  services: Services,
  notebook: NotebookDocument,
  packages: readonly string[],
): Promise<boolean> {
  if (!mayRun()) return false;
  const { log } = services;
  const session = notebookSession(notebook.uri, services);
  const names = packages.join(" ");
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t("Installing {0}", names),
    cancellable: true,
  };
  try {
    await window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(() => void session.interrupt());
      const client = await session.start();
      await installPackages(client, packages, (text) => {
        log.info(text.trimEnd());
        const line = text.trim().split("\n").at(-1);
        if (line !== undefined && line !== "") progress.report({ message: line });
      });
    });
    return true;
  } catch (error) {
    log.error(`npm install ${names}`, error);
    const showLog = l10n.t("Show Log");
    const text = l10n.t("{0} could not be installed. The log has what npm said.", names);
    const choice = await window.showErrorMessage(text, showLog);
    if (choice === showLog) log.show();
    return false;
  }
}
