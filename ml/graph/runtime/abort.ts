/** @file Waiting that ends when a signal says so. */
import { notebookHost } from "../../notebook-host.ts";
import { RuntimeError } from "../errors.ts";

/**
 * As the promise, but rejects with the reason of a signal at once when it is aborted.
 * @param drop called then, since nobody waits for the promise any more
 */
export async function rejectOnAbort<T>(
  promise: Promise<T>,
  signals: readonly AbortSignal[],
  drop: () => void = () => {},
): Promise<T> {
  if (signals.length === 0) return promise;
  for (const signal of signals) if (signal.aborted) throw abortReason(signal.reason);
  return new Promise<T>((resolve, reject) => {
    const onAbort = ({ target }: Event): void => {
      drop();
      letGo();
      reject(abortReason(target instanceof AbortSignal ? target.reason : undefined));
    };
    const letGo = (): void => {
      for (const signal of signals) signal.removeEventListener("abort", onAbort);
    };
    for (const signal of signals) signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(letGo);
  });
}

function abortReason(reason: unknown): Error {
  return reason instanceof Error ? reason : new RuntimeError(`the run was aborted: ${String(reason)}`);
}

/** The signals that end a run: the caller's, and in a notebook that of the running cell. */
export function signalsOfRun(signal?: AbortSignal): AbortSignal[] {
  const cell = notebookHost()?.signal;
  return [signal, cell].filter((each) => each !== undefined);
}
