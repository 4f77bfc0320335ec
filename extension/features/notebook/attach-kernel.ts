/** @file `Tenon: Attach to Running Kernel…`: a notebook on a kernel that another notebook or program has started. */
import {
  type NotebookDocument,
  type QuickPick,
  type QuickPickItem,
  ThemeIcon,
  Uri,
  l10n,
  window,
} from "vscode";
import { type RunningKernel, runningKernels, shutDownKernel } from "../../kernels/running-kernels.ts";
import type { Services } from "../../platform/services.ts";
import type { NotebookRunner } from "./notebook-runner.ts";

interface Choice extends QuickPickItem {
  /** Undefined for "another connection file". */
  readonly kernel: RunningKernel | undefined;
}

/** Asks for a kernel, and puts the notebook on it. */
export async function attachKernel(
  notebook: NotebookDocument,
  runner: NotebookRunner,
  { kernels, log }: Services,
): Promise<void> {
  const own = runner.session.client?.connectionFile;
  const list = async (): Promise<readonly Choice[]> =>
    choices((await runningKernels(kernels.records)).filter(({ connectionFile }) => connectionFile !== own));
  const connectionFile = await chooseConnectionFile(list);
  if (connectionFile === undefined) return;
  try {
    await runner.attach(connectionFile);
    log.info(`${notebook.uri.fsPath}: attached to ${connectionFile}`);
  } catch (error) {
    log.error(error instanceof Error ? error : String(error));
    const reason = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(l10n.t("The notebook could not be attached: {0}", reason));
  }
}

async function chooseConnectionFile(list: () => Promise<readonly Choice[]>): Promise<string | undefined> {
  const pick = window.createQuickPick<Choice>();
  pick.title = l10n.t("Attach to Running Kernel");
  pick.placeholder = l10n.t("The notebook shares the kernel's variables; its own kernel ends");
  pick.matchOnDescription = true;
  pick.show();
  try {
    await refresh(pick, list);
    const choice = await new Promise<Choice | undefined>((resolve) => {
      pick.onDidAccept(() => resolve(pick.selectedItems[0]));
      pick.onDidHide(() => resolve(undefined));
      pick.onDidTriggerItemButton(async ({ item: { kernel } }) => {
        if (kernel === undefined) return;
        await shutDownKernel(kernel.connectionFile).catch(() => undefined);
        await refresh(pick, list);
      });
    });
    if (choice === undefined) return undefined;
    return choice.kernel === undefined ? await browse() : choice.kernel.connectionFile;
  } finally {
    pick.dispose();
  }
}

async function refresh(pick: QuickPick<Choice>, list: () => Promise<readonly Choice[]>): Promise<void> {
  pick.busy = true;
  pick.items = await list();
  pick.busy = false;
}

function choices(kernels: readonly RunningKernel[]): readonly Choice[] {
  const shutDown = { iconPath: new ThemeIcon("trash"), tooltip: l10n.t("Shut down") };
  return [
    ...kernels.map((kernel): Choice => {
      const { notebook, connectionFile, started } = kernel;
      const name = (notebook ?? connectionFile).split("/").at(-1) ?? "";
      return {
        kernel,
        label: `$(notebook) ${notebook === undefined ? name : decodeURIComponent(name)}`,
        description: l10n.t("since {0}", started.toLocaleString()),
        detail: notebook === undefined ? connectionFile : Uri.parse(notebook).fsPath,
        buttons: [shutDown],
      };
    }),
    {
      kernel: undefined,
      label: `$(folder-opened) ${l10n.t("Browse for a connection file…")}`,
      alwaysShow: true,
    },
  ];
}

async function browse(): Promise<string | undefined> {
  const [file] =
    (await window.showOpenDialog({
      title: l10n.t("The connection file of a kernel"),
      filters: { JSON: ["json"] },
    })) ?? [];
  return file?.fsPath;
}
