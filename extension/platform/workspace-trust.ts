/** @file Workspace Trust: in a folder that isn't trusted nothing runs. */
import { commands, l10n, window, workspace } from "vscode";

/** True where cells may run; else tells the user what to do. */
export function mayRun(): boolean {
  if (workspace.isTrusted) return true;
  void explain();
  return false;
}

async function explain(): Promise<void> {
  const manage = l10n.t("Manage Workspace Trust");
  const choice = await window.showErrorMessage(
    l10n.t("Nothing runs in this folder until you trust it."),
    manage,
  );
  if (choice === manage) await commands.executeCommand("workbench.trust.manage");
}
