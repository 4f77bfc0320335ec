/** @file Commands that the `tenon` command does the work of: the doctor, and the kernel's installation for Jupyter. */
import { homedir } from "node:os";
import {
  type CancellationToken,
  Disposable,
  EventEmitter,
  ProgressLocation,
  Uri,
  commands,
  l10n,
  window,
  workspace,
} from "vscode";
import * as v from "valibot";
import { doctorPage } from "../../first-use/doctor-report.ts";
import { type TenonCommand, examine, installKernelspec } from "../../first-use/tenon-command.ts";
import { findNode } from "../../kernels/node-runtime.ts";
import type { Services } from "../../platform/services.ts";
import { mayRun } from "../../platform/workspace-trust.ts";

const reportScheme = "tenon-doctor";

/** Registers `tenon.doctor` and `tenon.installKernelspec`. */
export function registerTenonCommands(services: Services): Disposable {
  const page = Uri.from({ scheme: reportScheme, path: `/${l10n.t("Doctor")}.md` });
  const changes = new EventEmitter<Uri>();
  let text = "";

  const doctor = async (): Promise<void> => {
    const report = await withCommand(services, l10n.t("Examining this machine"), examine);
    if (report === undefined) return;
    text = doctorPage(report, {
      title: l10n.t("Doctor"),
      healthy: l10n.t("The essentials work."),
      unhealthy: l10n.t("Something essential is missing."),
      toDo: l10n.t("What you can do"),
      allFindings: l10n.t("All that was looked at"),
    });
    changes.fire(page);
    await commands.executeCommand("markdown.showPreview", page);
  };
  const install = async (): Promise<void> => {
    const folder = await withCommand(
      services,
      l10n.t("Installing the kernel for Jupyter"),
      installKernelspec,
    );
    if (folder === undefined) return;
    const message = l10n.t(
      "JupyterLab now offers the kernel TypeScript (Tenon). It is installed in {0}.",
      folder,
    );
    void window.showInformationMessage(message);
  };
  return Disposable.from(
    changes,
    workspace.registerTextDocumentContentProvider(reportScheme, {
      onDidChange: changes.event,
      provideTextDocumentContent: () => text,
    }),
    commands.registerCommand("tenon.doctor", doctor),
    commands.registerCommand("tenon.installKernelspec", install),
  );
}

/** Runs the command while the user sees that it runs; undefined where it was cancelled or failed, which is told. */
async function withCommand<T>(
  services: Services,
  title: string,
  run: (command: TenonCommand, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (!mayRun()) return undefined;
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  try {
    return await window.withProgress(options, async (_progress, token) => {
      const signal = signalOf(token);
      try {
        return await run(await tenonCommand(services), signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        throw error;
      }
    });
  } catch (error) {
    services.log.error(title, error);
    const showLog = l10n.t("Show Log");
    const message = error instanceof Error ? error.message : String(error);
    if ((await window.showErrorMessage(`${title}: ${message}`, showLog)) === showLog) services.log.show();
    return undefined;
  }
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** The command on the Node that runs kernels. @throws {NodeRuntimeError} */
async function tenonCommand({ file }: Services): Promise<TenonCommand> {
  const named = v.parse(v.string(), workspace.getConfiguration("tenon").get("kernel.node", ""));
  const { program, env } = await findNode(named);
  return { node: program, main: file("dist", "cli", "main.js"), cwd: homedir(), env };
}
