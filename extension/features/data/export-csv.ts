/** @file Export CSV: asks for the file, shows how far it is, can be stopped, and offers to open what was written. */
import { basename, join } from "node:path";
import { ProgressLocation, Uri, commands, l10n, window } from "vscode";
import { type CsvExport, exportCsv } from "../../data/csv-export.ts";
import type { NotebookVariables } from "../../data/notebook-variables.ts";
import type { Services } from "../../platform/services.ts";

/** Asks where to, and writes. */
export async function saveAsCsv(
  what: CsvExport,
  name: string,
  folder: Uri | undefined,
  variables: NotebookVariables | undefined,
  { log }: Services,
): Promise<void> {
  const file = await window.showSaveDialog({
    defaultUri: Uri.file(join(folder?.fsPath ?? "", `${name.replaceAll(/[^\p{L}\p{N}_.-]+/gu, "-")}.csv`)),
    filters: { CSV: ["csv"] },
  });
  if (file === undefined || variables === undefined) return;
  const abort = new AbortController();
  try {
    const client = await variables.client();
    const rows = await window.withProgress(
      {
        location: ProgressLocation.Notification,
        title: l10n.t("Exporting {0}", basename(file.fsPath)),
        cancellable: true,
      },
      async (progress, token) => {
        token.onCancellationRequested(() => abort.abort());
        let last = 0;
        const onProgress = (written: number, total: number | null): void => {
          const share = total === null || total === 0 ? 0 : (written / total) * 100;
          progress.report({ increment: share - last, message: l10n.t("{0} rows", written.toLocaleString()) });
          last = share;
        };
        return await exportCsv(client, what, file.fsPath, onProgress, abort.signal);
      },
    );
    await offerToOpen(file, rows);
  } catch (error) {
    if (abort.signal.aborted) return;
    log.error("export", error);
    const reason = error instanceof Error ? error.message : String(error);
    void showFailure(reason);
  }
}

async function offerToOpen(file: Uri, rows: number): Promise<void> {
  const open = l10n.t("Open");
  const message = l10n.t("{0} rows are in {1}.", rows.toLocaleString(), basename(file.fsPath));
  if ((await window.showInformationMessage(message, open)) === open)
    await commands.executeCommand("vscode.open", file);
}

async function showFailure(reason: string): Promise<void> {
  const showLog = l10n.t("Show Log");
  const message = l10n.t("The export failed, and no file was written: {0}", reason);
  if ((await window.showErrorMessage(message, showLog)) === showLog)
    await commands.executeCommand("tenon.showLog");
}
