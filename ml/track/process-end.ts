/**
 * @file Runs that are open when the process ends. One that has nothing more to do ends them as finished, as MLflow does; one that is
 * ended from inside (`process.exit`, an error that nobody caught) puts what is in memory into the journals, which are sent when the store
 * is next used.
 */
import type { RunLog } from "./run-log.ts";
import type { EndStatus } from "./run.ts";
import { warn } from "./warn.ts";

const open = new Set<RunLog>();

/** Has a run looked after at the end of the process. */
export function watchRun(log: RunLog): void {
  if (open.size === 0) {
    process.on("beforeExit", endAll);
    process.on("exit", writeAll);
  }
  open.add(log);
}

/** Takes a run that has ended, and that the store has, off the watch. */
export function unwatchRun(log: RunLog): void {
  open.delete(log);
  if (open.size > 0) return;
  process.off("beforeExit", endAll);
  process.off("exit", writeAll);
}

function endAll(): void {
  for (const log of open) {
    if (log.ended) continue;
    log
      .end("FINISHED")
      .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)));
  }
}

function writeAll(code: number): void {
  const status: EndStatus = code === 0 ? "FINISHED" : "FAILED";
  for (const log of open)
    try {
      log.endNow(status);
    } catch {
      // There is nobody left to tell.
    }
}
