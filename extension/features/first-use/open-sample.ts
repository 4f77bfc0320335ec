/** @file `Tenon: Open Sample…`: copies a sample to where the user wants it and opens it, and offers what its data need. */
import { basename, dirname } from "node:path";
import { type QuickPickItem, Uri, commands, l10n, window, workspace, type Disposable } from "vscode";
import { type Sample, copySample, listSamples, missingPackages } from "../../first-use/samples.ts";
import type { Services } from "../../platform/services.ts";
import { offerInstall } from "./install-packages.ts";

/** Registers `tenon.openSample`. */
export function registerOpenSample(services: Services): Disposable {
  return commands.registerCommand("tenon.openSample", async () => {
    const sample = await chooseSample(services.file("samples"));
    const folder = sample && (await chooseFolder());
    if (sample === undefined || folder === undefined) return;
    const copy = await copySample(sample, folder);
    const notebook = await workspace.openNotebookDocument(Uri.file(copy));
    await window.showNotebookDocument(notebook);
    const missing = missingPackages(sample, [dirname(copy), services.file()]);
    if (missing.length === 0) return;
    const install = l10n.t("Install");
    const text = l10n.t(
      "This sample reads its data from {0}, which npm can install beside it.",
      missing.join(", "),
    );
    if ((await window.showInformationMessage(text, install)) === install)
      await offerInstall(services, notebook, missing);
  });
}

async function chooseSample(folder: string): Promise<Sample | undefined> {
  const samples = await listSamples(folder);
  const items = samples.map((sample) => ({
    label: sample.title,
    description: basename(sample.file),
    detail: sample.summary,
    sample,
  }));
  const options = {
    title: l10n.t("Open Sample"),
    placeHolder: l10n.t("A copy is made; change it as you like"),
  };
  return (await window.showQuickPick(items, { ...options, matchOnDetail: true }))?.sample;
}

async function chooseFolder(): Promise<string | undefined> {
  const folders = workspace.workspaceFolders?.filter(({ uri }) => uri.scheme === "file") ?? [];
  const other: QuickPickItem = { label: `$(folder-opened) ${l10n.t("Another Folder…")}` };
  const items = [
    ...folders.map(({ name, uri }) => ({
      label: `$(folder) ${name}`,
      description: uri.fsPath,
      path: uri.fsPath,
    })),
    other,
  ];
  const choice =
    folders.length === 0
      ? other
      : await window.showQuickPick(items, { title: l10n.t("Where the Copy Goes") });
  if (choice === undefined) return undefined;
  if ("path" in choice && typeof choice.path === "string") return choice.path;
  const [chosen] =
    (await window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: l10n.t("Copy Here"),
      title: l10n.t("Where the Copy Goes"),
    })) ?? [];
  return chosen?.fsPath;
}
