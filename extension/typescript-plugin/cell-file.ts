/** @file How VS Code names notebook cells to its TypeScript server, and which notebooks are ours. */
import * as v from "valibot";

/** The plugin's name, which is that of its package. */
export const pluginName = "tenon-typescript-plugin";

/** What the extension tells the plugin. */
export const configurationSchema = v.looseObject({
  /** Our notebooks, each as authority and path of its cells' URIs. */
  notebooks: v.array(v.string()),
});
export type PluginConfiguration = v.InferOutput<typeof configurationSchema>;

const cellPrefix = "^/vscode-notebook-cell/";
const noAuthority = "ts-nul-authority";

/** The notebook that a file of the TypeScript server is a cell of, as authority and path; undefined for other files. */
export function notebookOfFile(file: string): string | undefined {
  if (!file.startsWith(cellPrefix)) return undefined;
  const [whole] = file.slice(cellPrefix.length).split("#", 1);
  if (whole === undefined) return undefined;
  const slash = whole.indexOf("/");
  if (slash === -1) return undefined;
  const authority = whole.slice(0, slash);
  return notebookKey(authority === noAuthority ? "" : authority, whole.slice(slash));
}

/** A notebook as {@link PluginConfiguration} names it. */
export function notebookKey(authority: string, path: string): string {
  return `${authority}${path.startsWith("/") ? path : `/${path}`}`;
}
