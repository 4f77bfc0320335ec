/** @file What an activity gave, as metrics and params. */
import type { Activity } from "../../fit-observer.ts";
import { CrossValidation } from "../../evaluate/index.ts";
import type { Study } from "../../tune/index.ts";
import type { ParamValue } from "../run.ts";
import { flattenParameters } from "./flatten-parameters.ts";

/** A trial's value, a validation's means, a study's best value. */
export function outcomeMetrics({ type }: Activity, result: unknown): Readonly<Record<string, number>> {
  if (type === "trial" && typeof result === "number") return Number.isNaN(result) ? {} : { value: result };
  if (type === "validation") {
    if (!(result instanceof CrossValidation)) return meanOf(result);
    const validation: CrossValidation = result;
    return Object.fromEntries(
      validation.names.flatMap((name) => [
        [`mean_${name}`, validation.mean(name)],
        [`std_${name}`, validation.std(name)],
      ]),
    );
  }
  if (type !== "study") return {};
  // SAFETY: what a study gives.
  const study = result as Study;
  const { complete, pruned, fail } = study.counts;
  return {
    ...(complete > 0 && { best_value: study.best.value }),
    trials_complete: complete,
    trials_pruned: pruned,
    trials_failed: fail,
  };
}

/** The mean of a nested cross-validation; a curve has none. */
function meanOf(result: unknown): Readonly<Record<string, number>> {
  const { mean } = Object(result) as { readonly mean?: unknown };
  return typeof mean === "number" ? { mean_score: mean } : {};
}

/** The settings of a study's best trial, as `best.NAME`. */
export function outcomeParams({ type }: Activity, result: unknown): Readonly<Record<string, ParamValue>> {
  if (type !== "study") return {};
  // SAFETY: what a study gives.
  const study = result as Study;
  if (study.counts.complete === 0) return {};
  const chosen = Object.fromEntries([...study.best.parameters].map(([name, { value }]) => [name, value]));
  return flattenParameters({ best: chosen, best_trial: study.best.number });
}

/** What a fitted model says of its training: how many rounds or iterations it took. */
export function modelMetrics(model: unknown): Readonly<Record<string, number>> {
  const { history, iterations } = Object(model) as {
    readonly history?: unknown;
    readonly iterations?: unknown;
  };
  const { rounds } = Object(history) as { readonly rounds?: unknown };
  return {
    ...(typeof rounds === "number" && { rounds }),
    // A model that is solved for directly has taken none.
    ...(typeof iterations === "number" && iterations > 0 && { iterations }),
  };
}
