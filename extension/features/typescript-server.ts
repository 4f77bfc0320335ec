/**
 * @file Tells VS Code's own TypeScript which notebooks are ours, so that it leaves their cells alone.
 *
 * Its server loads the plugin that says nothing about them; see extension/typescript-plugin.
 */
import { Disposable, extensions, workspace } from "vscode";
import * as v from "valibot";
import { isTypescriptNotebook, typescriptCells } from "../platform/notebook-cells.ts";
import { notebookKey, pluginName } from "../typescript-plugin/cell-file.ts";
import type { Feature } from "./index.ts";

type ConfigurePlugin = (plugin: string, configuration: unknown) => void;

const isFunction = (value: unknown): boolean => typeof value === "function";
const exportsSchema = v.looseObject({
  getAPI: v.custom<(version: 0) => unknown>(isFunction),
});

export const typescriptServer: Feature = ({ log }) => {
  let told: string | undefined;
  let configure: Promise<ConfigurePlugin | undefined> | undefined;
  const tell = async (): Promise<void> => {
    const notebooks = workspace.notebookDocuments
      .filter(isTypescriptNotebook)
      .flatMap((notebook) => typescriptCells(notebook).slice(0, 1))
      // In a remote window cells' URIs have the remote's authority, though notebooks' have none.
      .map(({ document: { uri } }) => notebookKey(uri.authority, uri.path))
      .sort();
    const text = notebooks.join("\n");
    if (text === told) return;
    told = text;
    configure ??= findConfigure();
    (await configure)?.(pluginName, { notebooks });
  };
  const tellSafely = (): void => {
    tell().catch((error: unknown) =>
      log.warn("VS Code's TypeScript could not be told of the notebook", error),
    );
  };
  tellSafely();
  return Disposable.from(
    workspace.onDidOpenNotebookDocument(tellSafely),
    workspace.onDidCloseNotebookDocument(tellSafely),
    workspace.onDidChangeNotebookDocument(({ contentChanges }) => {
      if (contentChanges.length > 0) tellSafely();
    }),
  );
};

async function findConfigure(): Promise<ConfigurePlugin | undefined> {
  const extension = extensions.getExtension<unknown>("vscode.typescript-language-features");
  const found = v.safeParse(exportsSchema, await extension?.activate());
  const api: unknown = found.success ? found.output.getAPI(0) : undefined;
  if (typeof api !== "object" || api === null || !("configurePlugin" in api)) return undefined;
  const { configurePlugin } = api;
  if (typeof configurePlugin !== "function") return undefined;
  return (plugin, configuration) => void Reflect.apply(configurePlugin, api, [plugin, configuration]);
}
