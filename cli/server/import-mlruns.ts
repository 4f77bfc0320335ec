/** @file Does what `tenon server import` is asked. */
import { resolve } from "node:path";
import { importMlruns, type ImportReport, MlrunsError } from "../../ml/registry/index.ts";
import type { StorePlace } from "../commands/server-users.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { withStore } from "./open-store.ts";

/** Lines about what was left that are shown; the rest is counted. */
const mostShown = 20;

/** Takes over an MLflow file store; Ctrl-C ends it, and it may be done again. */
export async function importCommand(mlruns: string, place: StorePlace): Promise<void> {
  const errors = new Terminal(process.stderr);
  const interruption = new AbortController();
  const onInterrupt = (): void => interruption.abort(new CommandFailure("interrupted", exitCode.interrupted));
  process.once("SIGINT", onInterrupt);
  let shown = 0;
  try {
    const report = await withStore(place, async (store) =>
      importMlruns(store, resolve(mlruns), {
        signal: interruption.signal,
        onProgress: ({ runs, points, artifacts }) => {
          if (!errors.interactive || performance.now() - shown < 100) return;
          shown = performance.now();
          errors.write(`\r${runs} runs, ${points} points, ${artifacts} files\u001B[K`);
        },
      }),
    );
    tell(report, errors);
  } catch (error) {
    if (error instanceof MlrunsError)
      throw new CommandFailure(error.message, exitCode.failed, { cause: error });
    throw error;
  } finally {
    process.off("SIGINT", onInterrupt);
    if (errors.interactive) errors.write("\r\u001B[K");
  }
}

function tell(report: ImportReport, errors: Terminal): void {
  const { experiments, runs, points, loggedModels, registeredModels, modelVersions, artifacts, left } =
    report;
  new Terminal(process.stdout).line(
    `${experiments} experiments, ${runs} runs, ${points} points, ${loggedModels} logged models, ${registeredModels} registered models with ${modelVersions} versions; ${artifacts} files copied`,
  );
  if (left.length === 0) return;
  errors.line(`${left.length} left:`);
  for (const line of left.slice(0, mostShown)) errors.line(`  ${line}`);
  if (left.length > mostShown) errors.line(`  and ${left.length - mostShown} more`);
}
