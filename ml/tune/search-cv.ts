/** @file The search for an estimator's settings by cross-validation. */
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { FitOptions } from "../estimator.ts";
import type { ClassTarget, NumericTarget } from "../target.ts";
import { gathered, matrixRows } from "../row-selection.ts";
import { optimize } from "./optimize.ts";
import type { OptimizeOptions } from "./optimize-options.ts";
import type { SearchSpace, SettingsOf, SpaceParameters } from "./space.ts";
import type { Study } from "./study.ts";

/** An estimator that learns from rows and a target, as every `Regressor` and `Classifier` does. */
export interface TargetEstimator<Settings, Target, Model> {
  with(changes: Partial<Settings>): TargetEstimator<Settings, Target, Model>;
  fit(rows: DenseMatrix, target: Target, options?: FitOptions): Promise<Model>;
}

/** The rows that a fit learns from, and those that it is judged by: their places, from 0. */
export interface RowSplit {
  readonly train: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

/** What is needed to judge an estimator's settings. */
export interface SearchCvOptions<P extends SpaceParameters, Target, Model> extends OptimizeOptions<P> {
  readonly rows: DenseMatrix;
  readonly target: Target;
  /** The folds. */
  readonly splits: Iterable<RowSplit>;
  /** How good a model is on rows that it didn't learn from; `direction` says whether high or low is good. */
  readonly score: (model: Model, rows: DenseMatrix, target: Target) => number | Promise<number>;
}

/** What a search found. */
export interface SearchCvResult<E, P extends SpaceParameters> {
  /** The estimator with the best settings, not fitted. */
  readonly best: E;
  readonly study: Study<SettingsOf<P>>;
}

/** Nothing more for a space whose settings are the estimator's; for any other what the compiler shows. */
type SettingsFit<Found, Settings> = [Found] extends [Partial<Settings>]
  ? [keyof Found] extends [keyof Settings]
    ? unknown
    : { readonly error: "the space has a parameter that is no setting of the estimator" }
  : { readonly error: "a parameter of the space has another type than the estimator's setting" };

/**
 * Searches for the settings of a regressor or classifier whose mean score over the folds is best. After each fold the mean so
 * far is reported (the step is the fold, from 0), so that a pruner can end a trial early.
 * @example
 * const { best } = await searchCv(ridge(), {
 *   space: space({ alpha: float(1e-3, 1e3, { log: true }) }), trials: 30, direction: "minimize",
 *   rows, target, splits, score: async (model, rows, target) => meanSquaredError(target, await model.predict(rows)),
 * });
 * const model = await best.fit(rows, target);
 * @throws as {@link optimize}; {@link InvalidInputError} for no splits, a target of another length, and places beyond the rows
 */
export async function searchCv<
  E,
  Settings extends object,
  Target extends NumericTarget | ClassTarget,
  Model,
  P extends SpaceParameters,
>(
  estimator: E & TargetEstimator<Settings, Target, Model>,
  options: SearchCvOptions<P, Target, Model> & {
    readonly space: SearchSpace<P> & SettingsFit<SettingsOf<P>, Settings>;
  },
): Promise<SearchCvResult<E, P>> {
  const { rows, target, score } = options;
  if (target.length !== rows.rows)
    throw new InvalidInputError(
      `the target has ${target.length} rows and the matrix has ${rows.rows}: they must be equal`,
    );
  const splits = Array.from(options.splits, ({ train, test }) => ({
    train: checkedPlaces(train, rows.rows),
    test: checkedPlaces(test, rows.rows),
  }));
  if (splits.length === 0) throw new InvalidInputError("a search by cross-validation needs splits");
  // SAFETY: SettingsFit has told that the space's settings are some of the estimator's.
  const withSettings = (settings: SettingsOf<P>) => estimator.with(settings as unknown as Partial<Settings>);
  const study = await optimize<P>(async (settings, trial) => {
    const tuned = withSettings(settings);
    let sum = 0;
    for (const [fold, { train, test }] of splits.entries()) {
      const model = await tuned.fit(matrixRows(rows, train), gathered(target, train), {
        signal: trial.signal,
      });
      sum += await score(model, matrixRows(rows, test), gathered(target, test));
      if (fold < splits.length - 1) await trial.report(sum / (fold + 1), fold);
    }
    return sum / splits.length;
  }, options);
  // SAFETY: `with` gives the same estimator with other settings.
  return { best: withSettings(study.best.settings) as E, study };
}

/** The places of a split as row numbers that there are. */
function checkedPlaces(places: ArrayLike<number>, rows: number): Uint32Array {
  return Uint32Array.from(places, (place) => {
    if (Number.isInteger(place) && place >= 0 && place < rows) return place;
    throw new InvalidInputError(`a split names row ${place}, and there are ${rows} rows`);
  });
}
