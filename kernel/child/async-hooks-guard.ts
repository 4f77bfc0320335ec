/**
 * @file Keeps Node alive when an interrupt stops a callback.
 *
 * Stopping a timer's or a promise's callback leaves Node's stack of asynchronous ids one entry too long, and Node
 * aborts the process when it checks that stack while async hooks are in use. `--no-force-async-hooks-checks` turns
 * the check off, but the first hook turns it on again; so it is turned off where Node keeps that setting.
 */
import { setImmediate } from "./clock.ts";
import { executionAsyncId } from "node:async_hooks";

interface AsyncWrap {
  readonly async_hook_fields: Uint32Array;
  readonly constants: { readonly kCheck: number; readonly kTotals: number };
}

let wrap: AsyncWrap | undefined;

/** Finds Node's setting; without it interrupts in callbacks may end the child, which the parent then replaces. */
export function findAsyncHookChecks(): void {
  // SAFETY: neither property is in Node's types; what `binding` gives is checked just below.
  const internals = process as unknown as {
    noDeprecation?: boolean;
    binding?: (name: string) => Partial<AsyncWrap>;
  };
  const noDeprecation = internals.noDeprecation ?? false;
  internals.noDeprecation = true;
  try {
    const found = internals.binding?.("async_wrap");
    if (found?.async_hook_fields instanceof Uint32Array && typeof found.constants?.kCheck === "number") {
      wrap = { async_hook_fields: found.async_hook_fields, constants: found.constants };
    }
  } catch {
    wrap = undefined;
  } finally {
    internals.noDeprecation = noDeprecation;
  }
}

/** Turns the checks off; cheap, and repeated because user code may use hooks of its own. */
export function relaxAsyncHookChecks(): void {
  if (wrap === undefined) return;
  const { async_hook_fields: fields, constants } = wrap;
  fields[constants.kCheck] = 0;
  fields[constants.kTotals] = 0;
}

/** Thrown and swallowed to have Node empty its stack of asynchronous ids. */
export const unwindSignal = Symbol("unwind");

/** After an interrupt: has Node empty its stack of asynchronous ids, as it does after an uncaught exception. */
export function unwindAsyncStack(): void {
  if (executionAsyncId() === 0) return;
  setImmediate(() => {
    throw unwindSignal;
  });
}
