/** @file The session of a notebook's kernel for features that may come before the first cell has run, or before the notebook is shown. */
import type { Uri } from "vscode";
import type { KernelSession } from "../kernels/kernel-session.ts";
import type { Services } from "../platform/services.ts";
import { kernelCommand } from "./notebook/kernel-command.ts";

/** The notebook's session; its kernel is not started by this. */
export function notebookSession(notebook: Uri, services: Services): KernelSession {
  return services.kernels.open(notebook.toString(), async () => await kernelCommand(notebook, services));
}
