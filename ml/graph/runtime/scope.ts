/** @file Scopes at whose end tensors are freed that were made in them. */
import { AsyncLocalStorage } from "node:async_hooks";

// Made with the first scope: it slows down every promise a little.
let storage: AsyncLocalStorage<Set<Disposable>> | undefined;

/** Notes what is to be freed at the end of the scope that runs, if one does. */
export function noteInScope(made: Disposable): void {
  storage?.getStore()?.add(made);
}

/**
 * Runs a function and then frees what was noted in it, apart from what it keeps, which belongs to the scope around.
 * @param keptOf what of the result is kept
 */
export async function runInScope<Result>(
  compute: () => Result | Promise<Result>,
  keptOf: (result: Result) => ReadonlySet<Disposable>,
): Promise<Result> {
  storage ??= new AsyncLocalStorage();
  const outer = storage.getStore();
  const made = new Set<Disposable>();
  let kept: ReadonlySet<Disposable> = new Set();
  try {
    const result = await storage.run(made, async () => compute());
    kept = keptOf(result);
    return result;
  } finally {
    for (const each of made) {
      if (kept.has(each)) outer?.add(each);
      else each[Symbol.dispose]();
    }
  }
}
