/** @file The `tenon` command for what the user asked: shown while it runs, cancelled by the user, its failure told. */
import { homedir } from "node:os";
import { type CancellationToken, ProgressLocation, l10n, window, workspace } from "vscode";
import * as v from "valibot";
import type { TenonCommand } from "../first-use/tenon-command.ts";
import { findNode } from "../kernels/node-runtime.ts";
import type { Services } from "./services.ts";
import { mayRun } from "./workspace-trust.ts";

/** Runs the command while the user sees that it runs; undefined where it was cancelled or failed, which is told. */
export async function withTenonCommand<T>(
  services: Services,
  title: string,
  run: (command: TenonCommand, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (!mayRun()) return undefined;
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  try {
    return await window.withProgress(options, async (_progress, token) => {
      const signal = signalOf(token);
      try {
        return await run(await tenonCommand(services), signal);
      } catch (error) {
        if (signal.aborted) return undefined;
        throw error;
      }
    });
  } catch (error) {
    services.log.error(title, error);
    const showLog = l10n.t("Show Log");
    const message = error instanceof Error ? error.message : String(error);
    if ((await window.showErrorMessage(`${title}: ${message}`, showLog)) === showLog) services.log.show();
    return undefined;
  }
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** The command on the Node that runs kernels. @throws {NodeRuntimeError} */
async function tenonCommand({ file }: Services): Promise<TenonCommand> {
  const named = v.parse(v.string(), workspace.getConfiguration("tenon").get("kernel.node", ""));
  const { program, env } = await findNode(named);
  return { node: program, main: file("dist", "cli", "main.js"), cwd: homedir(), env };
}
