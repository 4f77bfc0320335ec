/** @file What the status bar's item offers. */
import { Disposable, type QuickPickItem, commands, l10n, window } from "vscode";
import type { Services } from "../../platform/services.ts";

/** Opens the menu of the kernel of the notebook in front. */
export const kernelMenuCommand = "tenon.kernelMenu";

interface Choice extends QuickPickItem {
  readonly run: () => unknown;
}

/** Registers {@link kernelMenuCommand}. */
export function registerKernelMenu({ kernels }: Services): Disposable {
  return commands.registerCommand(kernelMenuCommand, async () => {
    const notebook = window.activeNotebookEditor?.notebook;
    const session = notebook && kernels.get(notebook.uri.toString());
    const known = new Set(await commands.getCommands(true));
    const command = (label: string, id: string): readonly Choice[] =>
      known.has(id) ? [{ label, run: () => commands.executeCommand(id) }] : [];
    const isAlive = session?.client !== undefined;
    const choices: readonly Choice[] = [
      ...(session?.state === "busy"
        ? [{ label: `$(debug-stop) ${l10n.t("Interrupt")}`, run: async () => await session.interrupt() }]
        : []),
      ...(isAlive ? command(`$(debug-restart) ${l10n.t("Restart")}`, "tenon.restartKernel") : []),
      ...(session === undefined
        ? []
        : command(`$(plug) ${l10n.t("Attach to Running Kernel")}…`, "tenon.attachKernel")),
      ...command(`$(symbol-variable) ${l10n.t("Variables")}`, "tenon.variables.focus"),
      ...(isAlive ? command(`$(debug-alt) ${l10n.t("Attach Debugger")}`, "tenon.attachDebugger") : []),
      ...command(`$(output) ${l10n.t("Show Log")}`, "tenon.showLog"),
      ...command(`$(pulse) ${l10n.t("Doctor: examine this machine")}`, "tenon.doctor"),
      {
        label: `$(gear) ${l10n.t("Settings")}`,
        run: () => commands.executeCommand("workbench.action.openSettings", "@ext:tenon.tenon"),
      },
    ];
    const choice = await window.showQuickPick(choices, { title: l10n.t("Notebook Kernel") });
    await choice?.run();
  });
}
