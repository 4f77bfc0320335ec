/** @file Tensors freed together. */
import { runInScope } from "./runtime/scope.ts";
import { Tensor } from "./tensor.ts";
import { resolve } from "./value.ts";

/**
 * Runs a function, asynchronous or not, and frees every tensor that compiled functions computed in it, apart from those
 * in its result. Scopes nest: what an inner one gives belongs to the outer one.
 *
 * @returns the function's result
 */
export async function scope<Result>(compute: () => Result | Promise<Result>): Promise<Result> {
  return runInScope(compute, (result) => {
    const kept = new Set<Disposable>();
    note(result, kept, new Set());
    return kept;
  });
}

function note(result: unknown, kept: Set<Disposable>, seen: Set<unknown>): void {
  if (typeof result !== "object" || result === null || seen.has(result)) return;
  seen.add(result);
  if (result instanceof Tensor) {
    const { source } = resolve(result.value);
    if (source.kind === "stored") kept.add(source.stored);
    return;
  }
  // Only what trees are made of is looked through, and collections.
  const isTree = Array.isArray(result) || Object.getPrototypeOf(result) === Object.prototype;
  const isCollection = result instanceof Map || result instanceof Set;
  if (isTree || isCollection)
    for (const each of isCollection ? result.values() : Object.values(result)) note(each, kept, seen);
}
