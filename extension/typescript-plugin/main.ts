/**
 * @file The plugin for VS Code's TypeScript server that keeps it quiet about the cells of our notebooks.
 *
 * Runs in the server, not in the extension. Until the extension has said which notebooks are ours, the cells of all
 * .ipynb files are taken for ours, so that nothing false flashes up while VS Code starts.
 */
import * as v from "valibot";
import { configurationSchema, notebookOfFile } from "./cell-file.ts";
import { type LanguageService, mute } from "./muted.ts";

/** What the server gives to a plugin for a project, as far as it is used here. */
interface PluginInfo {
  readonly config: unknown;
  readonly languageService: LanguageService;
  readonly languageServiceHost: {
    readonly getScriptSnapshot: (
      file: string,
    ) =>
      | { readonly getText: (start: number, end: number) => string; readonly getLength: () => number }
      | undefined;
  };
  readonly project: { readonly refreshDiagnostics?: () => void };
}

interface Plugin {
  readonly create: (info: PluginInfo) => LanguageService;
  readonly onConfigurationChanged: (configuration: unknown) => void;
}

/** Makes the plugin; the server calls this once for each project. */
export default function createPlugin(): Plugin {
  let notebooks: ReadonlySet<string> | undefined;
  let project: PluginInfo["project"] | undefined;
  const configure = (configuration: unknown): boolean => {
    const found = v.safeParse(configurationSchema, configuration);
    if (found.success) notebooks = new Set(found.output.notebooks);
    return found.success;
  };
  return {
    create: (info) => {
      project = info.project;
      configure(info.config);
      return mute(info.languageService, {
        isOurs: (file) => {
          const notebook = notebookOfFile(file);
          return notebook !== undefined && (notebooks?.has(notebook) ?? notebook.endsWith(".ipynb"));
        },
        text: (file) => {
          const snapshot = info.languageServiceHost.getScriptSnapshot(file);
          return snapshot?.getText(0, snapshot.getLength()) ?? "";
        },
      });
    },
    onConfigurationChanged: (configuration) => {
      if (configure(configuration)) project?.refreshDiagnostics?.();
    },
  };
}
