/** @file What features are given: the extension's context, log and kernels. */
import { join } from "node:path";
import { type ExtensionContext, type LogOutputChannel, window } from "vscode";
import { KernelRecords } from "../kernels/kernel-records.ts";
import { NotebookKernels } from "../kernels/notebook-kernels.ts";

export interface Services {
  readonly context: ExtensionContext;
  /** "Tenon" in the Output panel. */
  readonly log: LogOutputChannel;
  readonly kernels: NotebookKernels;
  /** The absolute path of a file of the installed extension. */
  readonly file: (...path: readonly string[]) => string;
}

export function createServices(context: ExtensionContext): Services {
  const log = window.createOutputChannel("Tenon", { log: true });
  // One place for all windows; their workspaces tell untitled notebooks apart.
  const folder = join(context.globalStorageUri.fsPath, "kernels");
  const kernels = new NotebookKernels(new KernelRecords(folder, context.storageUri?.toString() ?? ""));
  context.subscriptions.push(log);
  return { context, log, kernels, file: (...path) => join(context.extensionPath, ...path) };
}
