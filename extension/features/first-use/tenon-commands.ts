/** @file Commands that the `tenon` command does the work of: the doctor, and the kernel's installation for Jupyter. */
import { Disposable, EventEmitter, Uri, commands, l10n, window, workspace } from "vscode";
import { doctorPage } from "../../first-use/doctor-report.ts";
import { examine, installKernelspec } from "../../first-use/tenon-command.ts";
import type { Services } from "../../platform/services.ts";
import { withTenonCommand } from "../../platform/tenon-command.ts";

const reportScheme = "tenon-doctor";

/** Registers `tenon.doctor` and `tenon.installKernelspec`. */
export function registerTenonCommands(services: Services): Disposable {
  const page = Uri.from({ scheme: reportScheme, path: `/${l10n.t("Doctor")}.md` });
  const changes = new EventEmitter<Uri>();
  let text = "";

  const doctor = async (): Promise<void> => {
    const report = await withTenonCommand(services, l10n.t("Examining this machine"), examine);
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
    const folder = await withTenonCommand(
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
