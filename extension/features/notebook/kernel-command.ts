/** @file How a notebook's kernel is started: on which Node, in which folder. */
import { homedir } from "node:os";
import { dirname } from "node:path";
import { type Uri, workspace } from "vscode";
import { kernelArgv } from "../../../jupyter/kernelspec.ts";
import type { KernelCommand } from "../../kernels/kernel-session.ts";
import { findNode } from "../../kernels/node-runtime.ts";
import type { Services } from "../../platform/services.ts";

/** The command that starts the kernel of a notebook. @throws {NodeRuntimeError} */
export async function kernelCommand(notebook: Uri, { file, log }: Services): Promise<KernelCommand> {
  const node = await findNode(workspace.getConfiguration("tenon").get("kernel.node", ""));
  log.info(`Kernel of ${notebook.fsPath}: Node ${node.version} (${node.program})`);
  const isSaved = notebook.scheme === "file" || notebook.scheme === "vscode-remote";
  return {
    argv: kernelArgv(node.program, file("dist", "kernel", "main.cjs")),
    cwd: isSaved ? dirname(notebook.fsPath) : folderForUntitled(),
    env: { ...node.env, ...(isSaved ? { JPY_SESSION_NAME: notebook.fsPath } : {}) },
    onLog: (text) => log.info(text.trimEnd()),
  };
}

function folderForUntitled(): string {
  return workspace.workspaceFolders?.[0]?.uri.fsPath ?? homedir();
}
