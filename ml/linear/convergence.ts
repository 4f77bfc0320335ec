/** @file What a fit tells people while it runs and when it ends without having settled. */
import { notebookHost } from "../notebook-host.ts";
import type { ProgressHandle } from "../notebook/progress-types.ts";
import type { LinearFit } from "./linear-function.ts";

/** Fits that are done before need no bar, in milliseconds. */
const barAfter = 1000;

/** A bar in the notebook for fits that take long; nothing elsewhere. */
export class FitProgress implements Disposable {
  readonly #label: string;
  readonly #total: number;
  readonly #started = performance.now();
  #bar: ProgressHandle | undefined;

  /** @param total the most steps there may be */
  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  /** Tells how many steps are done and what is beside the bar. */
  report(steps: number, note: string): void {
    if (performance.now() - this.#started < barAfter) return;
    this.#bar ??= notebookHost()?.progress?.(this.#total, { label: this.#label, unit: "steps" });
    this.#bar?.set(steps);
    this.#bar?.note(note);
  }

  [Symbol.dispose](): void {
    this.#bar?.finish();
  }
}

/** The fit itself, after a warning (`ConvergenceWarning`, on stderr unless the process hears it) where it didn't settle. */
export function warnUnlessConverged<Fit extends LinearFit>(kind: string, fit: Fit): Fit {
  if (!fit.converged) {
    process.emitWarning(
      `${kind} did not converge in ${fit.iterations} iterations: scale the columns, raise maxIter, or make the penalty stronger`,
      "ConvergenceWarning",
    );
  }
  return fit;
}
