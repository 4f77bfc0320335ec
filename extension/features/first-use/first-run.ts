/** @file Tells the walkthrough that a cell has run. */
import { Disposable, commands } from "vscode";
import type { Services } from "../../platform/services.ts";

/** Sets the context key `tenon.hasRunCell` when the first cell has run to its end. */
export function noteFirstRun({ kernels }: Services): Disposable {
  const unsubscribe = kernels.onOpened((session) => {
    const stop = session.onExecuted(() => {
      stop();
      void commands.executeCommand("setContext", "tenon.hasRunCell", true);
    });
  });
  return new Disposable(unsubscribe);
}
