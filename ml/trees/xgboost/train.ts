/** @file A training by XGBoost's library: round by round, with turns for the event loop between them. */
import { stepReporter } from "../../fit-observer.ts";
import { Turns } from "../../turns.ts";
import { missingColumns } from "../boosting/feature-bins.ts";
import { RoundsDisplay } from "../boosting/rounds-display.ts";
import { checkEarlyStopping, columnOf, type BoostingSettings } from "../boosting/settings.ts";
import type { Trained, TrainingRows } from "../boosting/train.ts";
import type { Forest } from "../forest.ts";
import { ForestFileError } from "../native/errors.ts";
import { decodeXgboost } from "../native/xgboost.ts";
import { checkCategories } from "./check-categories.ts";
import { XgboostError } from "./errors.ts";
import { NativeBooster, NativeRows } from "./handles.ts";
import { loadXgboostLibrary } from "./library.ts";
import { xgboostParameters, type XgboostObjective } from "./parameters.ts";

/** What XGBoost trains. */
export interface XgboostTask {
  readonly training: TrainingRows;
  readonly validation: TrainingRows | undefined;
  readonly objective: XgboostObjective;
  readonly settings: BoostingSettings;
  readonly signal: AbortSignal | undefined;
}

/**
 * Trains a forest by XGBoost's library. What the library holds is freed however it ends.
 * @throws InvalidInputError for settings and values that XGBoost can't learn from
 * @throws XgboostMissingError where the library, or koffi, is missing
 * @throws {@link XgboostError} where XGBoost fails
 */
export async function trainByXgboost(task: XgboostTask): Promise<Trained> {
  const { training, validation, objective, settings, signal } = task;
  checkEarlyStopping(settings, validation);
  const { columns } = training.rows;
  const parameters = xgboostParameters(settings, objective, columns);
  const named = new Set(
    settings.categoricalFeatures.map((name) => columnOf(columns, name, "categoricalFeatures")),
  );
  const reading = { categorical: columns.map((_, column) => named.has(column)), threads: settings.threads };
  for (const { rows } of validation ? [training, validation] : [training]) {
    missingColumns(rows);
    checkCategories(rows, named);
  }
  const turns = new Turns(signal);
  const library = await loadXgboostLibrary({
    xgboost: process.env["TENON_XGBOOST"],
    python: process.env["TENON_PYTHON"],
  });
  using own = NativeRows.create(library, training, reading);
  using other = validation && NativeRows.create(library, validation, reading);
  using booster = NativeBooster.create(library, other ? [own, other] : [own], parameters);
  using display = new RoundsDisplay(settings.nEstimators, objective.metric);
  const report = stepReporter();
  const losses: number[] = [];
  let best = 0;
  let rounds = 0;
  while (rounds < settings.nEstimators) {
    const round = rounds++;
    booster.update(round, own);
    if (other) {
      const loss = booster.evaluate(round, other);
      losses.push(loss);
      report?.({ [`validation_${objective.metric}`]: loss }, rounds);
      if (loss < (losses[best] ?? Number.POSITIVE_INFINITY)) best = round;
    }
    display.round(rounds, losses.at(-1), () => booster.evaluate(round, own));
    if (turns.due) await turns.give();
    if (settings.earlyStoppingRounds > 0 && round - best >= settings.earlyStoppingRounds) break;
  }
  display.finish();
  if (settings.earlyStoppingRounds === 0)
    return { forest: forestOf(booster, columns), validationLosses: losses, rounds };
  using kept = booster.first(best + 1);
  return { forest: forestOf(kept, columns), validationLosses: losses, rounds: best + 1 };
}

function forestOf(booster: NativeBooster, columns: readonly string[]): Forest {
  try {
    return { ...decodeXgboost(booster.save()).forest, featureNames: [...columns] };
  } catch (cause) {
    if (!(cause instanceof ForestFileError)) throw cause;
    throw new XgboostError(`the model that XGBoost trained can't be used: ${cause.message}`, { cause });
  }
}
