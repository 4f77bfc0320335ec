/**
 * @file Which run is active where it is asked.
 *
 * A scope is a stack of runs that were started in it. `run(options, work)` opens a scope for all that `work` does and awaits; the
 * outermost scope is the process, so that a run started in one cell of a notebook is active in the next.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { NoActiveRunError } from "./errors.ts";
import type { Run } from "./run.ts";
import { warn } from "./warn.ts";

type Listener = (run: Run) => void | Promise<void>;

const scopes = new AsyncLocalStorage<Run[]>();
const processScope: Run[] = [];
const listeners = new Set<Listener>();

/** The run that is active here, if any. */
export function activeRun(): Run | undefined {
  return lastOf(scopes.getStore()) ?? lastOf(processScope);
}

/** The run that is active here. Throws {@link NoActiveRunError} where there is none. */
export function requireActiveRun(): Run {
  const run = activeRun();
  if (!run) throw new NoActiveRunError();
  return run;
}

/** Runs `work` with a run as the active one of all that it does. */
export function withActiveRun<T>(run: Run, work: () => T): T {
  return scopes.run([run], work);
}

/** Makes a run the active one of this scope until it ends. */
export function enterRun(run: Run): void {
  const scope = scopes.getStore() ?? processScope;
  scope.push(run);
}

/**
 * Has `listener` told of each run that is made from now on, before anything else is logged to it; the start waits for it. What it
 * throws becomes a warning. Returns what ends that.
 */
export function onRunStart(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Tells those who asked that a run has started. */
export async function announceRun(run: Run): Promise<void> {
  for (const listener of listeners)
    try {
      await listener(run);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warn(`at the start of run ${run.info.runId}: ${reason}`);
    }
}

function lastOf(scope: Run[] | undefined): Run | undefined {
  while (scope?.at(-1)?.ended) scope.pop();
  return scope?.at(-1);
}
