/** @file Commands that write the notebook in front as a page or as a module, and make a notebook of a module. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { Disposable, type NotebookDocument, Uri, commands, env, l10n, window, workspace } from "vscode";
import { runTenon } from "../../first-use/tenon-command.ts";
import type { Services } from "../../platform/services.ts";
import { withTenonCommand } from "../../platform/tenon-command.ts";
import { notebookText } from "./editor-notebook.ts";

/** Registers the commands. */
export function registerExport(services: Services): Disposable {
  return Disposable.from(
    commands.registerCommand("tenon.exportHtml", async () => {
      const notebook = window.activeNotebookEditor?.notebook;
      if (notebook === undefined) return;
      const title = l10n.t("Export as HTML");
      const target = await askTarget(notebook.uri, ".html", title, l10n.t("Web page"));
      if (target === undefined) return;
      const images = dirname(notebook.uri.fsPath);
      const text = await notebookText(notebook);
      const isDone = await convert(services, title, nameOf(notebook.uri, ".ipynb"), text, (input) => [
        "export",
        "html",
        input,
        "--out",
        target.fsPath,
        ...(notebook.isUntitled ? [] : ["--images", images]),
      ]);
      if (isDone) await offerPage(target);
    }),
    commands.registerCommand("tenon.exportModule", async () => {
      const notebook = window.activeNotebookEditor?.notebook;
      if (notebook !== undefined) await exportModule(services, notebook);
    }),
    commands.registerCommand("tenon.importModule", async () => {
      const document = window.activeTextEditor?.document;
      if (document === undefined) return;
      const title = l10n.t("Import TypeScript Module as Notebook");
      const target = await askTarget(document.uri, ".ipynb", title, l10n.t("Notebook"));
      if (target === undefined) return;
      const name = nameOf(document.uri, ".ts");
      const isDone = await convert(services, title, name, document.getText(), (input) => [
        "import",
        input,
        "--out",
        target.fsPath,
      ]);
      if (isDone) await commands.executeCommand("vscode.open", target);
    }),
  );
}

async function exportModule(services: Services, notebook: NotebookDocument): Promise<void> {
  const title = l10n.t("Export as TypeScript Module");
  const target = await askTarget(notebook.uri, ".ts", title, l10n.t("TypeScript module"));
  if (target === undefined) return;
  const text = await notebookText(notebook);
  const isDone = await convert(services, title, nameOf(notebook.uri, ".ipynb"), text, (input) => [
    "export",
    "ts",
    input,
    "--out",
    target.fsPath,
  ]);
  if (isDone) await commands.executeCommand("vscode.open", target);
}

/** Where the user wants the file, beside the document unless they say otherwise; they are asked before it is replaced. */
async function askTarget(
  document: Uri,
  extension: string,
  title: string,
  kind: string,
): Promise<Uri | undefined> {
  const isFile = document.scheme === "file";
  const folder = isFile ? Uri.joinPath(document, "..") : workspace.workspaceFolders?.[0]?.uri;
  const name = nameOf(document, extension);
  return await window.showSaveDialog({
    title,
    defaultUri: folder === undefined ? Uri.file(name) : Uri.joinPath(folder, name),
    filters: { [kind]: [extension.slice(1)] },
  });
}

function nameOf(document: Uri, extension: string): string {
  return `${basename(document.path, extname(document.path))}${extension}`;
}

/** Runs the command on a text, through a temporary file of that name. Resolves with whether it went well. */
async function convert(
  services: Services,
  title: string,
  name: string,
  text: string,
  args: (input: string) => readonly string[],
): Promise<boolean> {
  const done = await withTenonCommand(services, title, async (command, signal) => {
    const folder = await mkdtemp(join(tmpdir(), "tenon-share-"));
    try {
      const input = join(folder, name);
      await writeFile(input, text);
      await runTenon(command, args(input), signal);
      return true;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return done === true;
}

async function offerPage(page: Uri): Promise<void> {
  // A browser that is elsewhere can't open a file of this machine.
  const isHere = env.remoteName === undefined;
  const action = isHere ? l10n.t("Open in Browser") : l10n.t("Show in Explorer");
  const message = l10n.t("Wrote {0}.", basename(page.fsPath));
  if ((await window.showInformationMessage(message, action)) !== action) return;
  if (isHere) await env.openExternal(page);
  else await commands.executeCommand("revealInExplorer", page);
}
