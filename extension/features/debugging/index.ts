/** @file Debugging: VS Code's debugger on a notebook's kernel, for one cell's run or for as long as it is wanted. */
import {
  type DebugConfiguration,
  type DebugConfigurationProvider,
  type DebugSession,
  DebugAdapterInlineImplementation,
  Disposable,
  type NotebookCell,
  type NotebookDocument,
  commands,
  debug,
  l10n,
  window,
  workspace,
} from "vscode";
import * as v from "valibot";
import type { Feature } from "../index.ts";
import { notebookSession } from "../notebook-session.ts";
import { runCells } from "../../platform/notebook-cells.ts";
import type { Services } from "../../platform/services.ts";
import { mayRun } from "../../platform/workspace-trust.ts";
import { cellName } from "./editor-cells.ts";
import { NotebookDebugAdapter } from "./notebook-debug-adapter.ts";

const debugType = "tenon";
/** True while a lasting session is attached to the active notebook. */
const attachedContext = "tenon.debuggerAttached";

const configurationSchema = v.looseObject({
  request: v.picklist(["launch", "attach"]),
  /** The notebook's URI. */
  notebook: v.string(),
  /** The cell's URI, where the session is for its run. */
  cell: v.optional(v.string()),
});

export const debugging: Feature = (services) => {
  const sessions = new Set<DebugSession>();
  const attachedTo = (notebook: NotebookDocument): DebugSession | undefined =>
    [...sessions].find(({ configuration }) => configuration["notebook"] === notebook.uri.toString());
  const showAttached = (): void => {
    const notebook = window.activeNotebookEditor?.notebook;
    const session = notebook && attachedTo(notebook);
    const isAttached = session?.configuration.request === "attach";
    void commands.executeCommand("setContext", attachedContext, isAttached);
  };

  const attach = async (): Promise<void> => {
    const notebook = window.activeNotebookEditor?.notebook;
    if (notebook === undefined || attachedTo(notebook) !== undefined || !mayRun()) return;
    await start(notebook, { name: l10n.t("Debug Notebook"), request: "attach" });
  };
  const detach = async (): Promise<void> => {
    const notebook = window.activeNotebookEditor?.notebook;
    const session = notebook && attachedTo(notebook);
    if (session !== undefined) await debug.stopDebugging(session);
  };
  const debugCell = async (argument: unknown): Promise<void> => {
    const cell = cellOf(argument);
    if (cell === undefined || !mayRun()) return;
    if (attachedTo(cell.notebook) !== undefined) {
      await runCells(cell.notebook, [cell]);
      return;
    }
    const uri = cell.document.uri.toString();
    await start(cell.notebook, { name: cellName(cell.index), request: "launch", cell: uri });
  };

  return Disposable.from(
    debug.registerDebugAdapterDescriptorFactory(debugType, {
      createDebugAdapterDescriptor: async (session) =>
        new DebugAdapterInlineImplementation(await createAdapter(services, session)),
    }),
    debug.registerDebugConfigurationProvider(debugType, configurations),
    debug.onDidStartDebugSession((session) => {
      if (session.type !== debugType) return;
      sessions.add(session);
      showAttached();
    }),
    debug.onDidTerminateDebugSession((session) => {
      sessions.delete(session);
      showAttached();
    }),
    window.onDidChangeActiveNotebookEditor(showAttached),
    commands.registerCommand("tenon.debugCell", debugCell),
    commands.registerCommand("tenon.attachDebugger", attach),
    commands.registerCommand("tenon.detachDebugger", detach),
  );
};

/** Completes what `launch.json` leaves out: the notebook is the one in front. */
const configurations: DebugConfigurationProvider = {
  resolveDebugConfiguration: (_folder, configuration) => {
    const notebook = configuration["notebook"] ?? window.activeNotebookEditor?.notebook.uri.toString();
    if (notebook === undefined) {
      void window.showErrorMessage(l10n.t("Open a notebook first, then start debugging."));
      return undefined;
    }
    const name = configuration.name === "" ? l10n.t("Debug Notebook") : configuration.name;
    const request = configuration.request === "launch" ? "launch" : "attach";
    return {
      internalConsoleOptions: "neverOpen",
      ...configuration,
      type: debugType,
      name,
      request,
      notebook,
    };
  },
};

async function start(
  notebook: NotebookDocument,
  options: { readonly name: string; readonly request: "launch" | "attach"; readonly cell?: string },
): Promise<void> {
  const folder = workspace.getWorkspaceFolder(notebook.uri);
  const configuration: DebugConfiguration = {
    ...options,
    type: debugType,
    notebook: notebook.uri.toString(),
  };
  await debug.startDebugging(folder, configuration, { suppressSaveBeforeStart: true });
}

async function createAdapter(services: Services, session: DebugSession): Promise<NotebookDebugAdapter> {
  const configuration = v.parse(configurationSchema, session.configuration);
  const notebook = workspace.notebookDocuments.find(({ uri }) => uri.toString() === configuration.notebook);
  if (notebook === undefined) throw new Error(l10n.t("Open the notebook first, then start debugging."));
  const kernel = notebookSession(notebook.uri, services);
  const client = await kernel.start();
  const cell = notebook.getCells().find(({ document }) => document.uri.toString() === configuration.cell);
  return new NotebookDebugAdapter({
    notebook,
    kernel,
    client,
    cell: cell && {
      uri: cell.document.uri.toString(),
      run: async () => await runCells(cell.notebook, [cell]),
    },
    onProblem: (error) => services.log.error("debugger", error),
  });
}

/** The cell that a button belongs to, or the selected one. */
function cellOf(button: unknown): NotebookCell | undefined {
  const cells = workspace.notebookDocuments.flatMap((notebook) => notebook.getCells());
  const own = cells.find((cell) => cell === button);
  const editor = window.activeNotebookEditor;
  return own ?? editor?.notebook.cellAt(editor.selection.start);
}
