/** @file How trees are boosted, in XGBoost's names and with its defaults. */
import { InvalidInputError } from "../../errors.ts";
import { requireCount, requireIndex, requireNotNegative, requirePositive } from "../../settings.ts";

/** What all gradient boosting estimators can be told. */
export interface BoostingSettings {
  /** Rounds; each gives a tree for each output. */
  readonly nEstimators: number;
  /** What each tree's values are multiplied by; above 0. */
  readonly learningRate: number;
  /** The most splits between a root and a leaf. */
  readonly maxDepth: number;
  /** The most bins of a feature, from 2 to 256; of 256 one is for missing values. */
  readonly maxBins: number;
  /** The least sum of second derivatives in a leaf. */
  readonly minChildWeight: number;
  /** L2 regularisation of leaf values. */
  readonly lambda: number;
  /** L1 regularisation of leaf values. */
  readonly alpha: number;
  /** The least that a split must improve the objective. */
  readonly gamma: number;
  /** The most that a leaf's value may be before the learning rate; 0 is no bound. */
  readonly maxDeltaStep: number;
  /** The share of rows that each tree is grown on, drawn row by row. */
  readonly subsample: number;
  /** The share of features that each tree may use. */
  readonly colsampleByTree: number;
  /** Columns with which the prediction may only rise (1) or fall (-1). */
  readonly monotoneConstraints: Readonly<Record<string, -1 | 0 | 1>>;
  /** Groups of columns: on a path from root to leaf only columns of one group stand together, and one that is in no group stands alone. None: all may. */
  readonly interactionConstraints: readonly (readonly string[])[];
  /** Columns whose values are categories: whole numbers from 0, in no order. */
  readonly categoricalFeatures: readonly string[];
  /** Ends after so many rounds without a better validation loss, and keeps the best round's model; 0: never. */
  readonly earlyStoppingRounds: number;
  /** Of the samples of rows and features; the same seed gives the same model, bit for bit. */
  readonly seed: number;
  /** Threads; 0: as many as the machine has, at most 8, and 1 for few rows. The model doesn't depend on them. */
  readonly threads: number;
}

/** XGBoost's defaults. */
export const defaultBoostingSettings: BoostingSettings = {
  nEstimators: 100,
  learningRate: 0.3,
  maxDepth: 6,
  maxBins: 256,
  minChildWeight: 1,
  lambda: 1,
  alpha: 0,
  gamma: 0,
  maxDeltaStep: 0,
  subsample: 1,
  colsampleByTree: 1,
  monotoneConstraints: {},
  interactionConstraints: [],
  categoricalFeatures: [],
  earlyStoppingRounds: 0,
  seed: 0,
  threads: 1,
};

/** @throws {@link InvalidInputError} for a setting that makes no sense */
export function checkBoostingSettings(settings: BoostingSettings): void {
  requireCount("nEstimators", settings.nEstimators);
  requirePositive("learningRate", settings.learningRate);
  requireCount("maxDepth", settings.maxDepth);
  for (const name of ["minChildWeight", "lambda", "alpha", "gamma", "maxDeltaStep"] as const)
    requireNotNegative(name, settings[name]);
  requireIndex("earlyStoppingRounds", settings.earlyStoppingRounds);
  requireIndex("threads", settings.threads);
  for (const name of ["subsample", "colsampleByTree"] as const) {
    const share = settings[name];
    if (!(share > 0 && share <= 1))
      throw new InvalidInputError(`${name} must be a number above 0 and up to 1, not ${share}`);
  }
  if (!Number.isSafeInteger(settings.seed))
    throw new InvalidInputError(`seed must be a whole number, not ${settings.seed}`);
  const { maxBins } = settings;
  if (!Number.isSafeInteger(maxBins) || maxBins < 2 || maxBins > 256)
    throw new InvalidInputError(`maxBins must be a whole number from 2 to 256, not ${maxBins}`);
  for (const [column, direction] of Object.entries(settings.monotoneConstraints)) {
    if (![-1, 0, 1].includes(direction))
      throw new InvalidInputError(
        `the monotone constraint of "${column}" must be -1, 0 or 1, not ${direction}`,
      );
  }
}

/**
 * The place of a column that a setting names.
 * @throws {@link InvalidInputError} when there is none
 */
export function columnOf(columns: readonly string[], name: string, setting: string): number {
  const place = columns.indexOf(name);
  if (place < 0) throw new InvalidInputError(`${setting} names the column "${name}", which there is not`);
  return place;
}

/**
 * The monotone constraint of each column.
 * @throws {@link InvalidInputError} where one names no column, or one of categories
 */
export function directionsOf(columns: readonly string[], settings: BoostingSettings): readonly number[] {
  const directions = columns.map(() => 0);
  for (const [name, direction] of Object.entries(settings.monotoneConstraints))
    directions[columnOf(columns, name, "monotoneConstraints")] = direction;
  const both = settings.categoricalFeatures.find((name) => (directions[columns.indexOf(name)] ?? 0) !== 0);
  if (both !== undefined)
    throw new InvalidInputError(
      `"${both}" is of categories, which have no order: it can't have a monotone constraint`,
    );
  return directions;
}

/** @throws {@link InvalidInputError} where early stopping has no validation to look at */
export function checkEarlyStopping({ earlyStoppingRounds }: BoostingSettings, validation: unknown): void {
  if (earlyStoppingRounds > 0 && validation === undefined)
    throw new InvalidInputError("earlyStoppingRounds needs a validation, which the fit was not given");
}
