/**
 * @file Fits and scores over splits, whatever is fitted: a matrix, a table, a network. Knows nothing of models but that a fit
 * gives something that predicts rows.
 */
import { InvalidInputError } from "../../errors.ts";
import { observed, stepReporter } from "../../fit-observer.ts";
import type { Split } from "../splits/index.ts";
import { Turns } from "../../turns.ts";
import { CrossValidation, type Fold } from "./cross-validation.ts";

/** Learns from rows and gives what predicts others. */
export type FitRows<Prediction> = (
  train: Uint32Array,
  signal: AbortSignal | undefined,
) => Promise<(rows: Uint32Array) => Promise<Prediction>>;

/** Measures of what was predicted of rows, by name. */
export type Scorers<Name extends string, Prediction> = Readonly<
  Record<Name, (prediction: Prediction, rows: Uint32Array) => number>
>;

/** Settings of {@link scoreSplits}. */
export interface ScoreSplitsOptions {
  /** Whether the training rows are scored too; no where absent. */
  readonly returnTrainScore?: boolean;
  /**
   * Is told of the scores so far after each split, and awaited; what it throws ends the validation. A search reports them, to
   * give up a trial that is behind.
   */
  readonly onFold?: (soFar: CrossValidation) => void | Promise<void>;
  /** Stops between and within fits, and throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/**
 * Fits on the training rows of each split and scores what is predicted of its test rows: the core of cross-validation.
 * @throws {@link InvalidInputError} for no splits; what a fit or a measure throws, with the split that it threw in
 * @example
 * await scoreSplits(
 *   async (train) => {
 *     const model = await pipeline.fit(table, train);
 *     return async (rows) => await model.predict(table, rows);
 *   },
 *   kFold().split({ rows }),
 *   { error: (prediction, rows) => meanAbsoluteError(pick(truth, rows), prediction) },
 * );
 */
export async function scoreSplits<Prediction, Name extends string>(
  fit: FitRows<Prediction>,
  splits: Iterable<Split>,
  scorers: Scorers<Name, Prediction>,
  options: ScoreSplitsOptions = {},
): Promise<CrossValidation<Name, Prediction>> {
  return await observed(
    () => ({ type: "validation", name: "crossValidation", parameters: {} }),
    async () => await scoreEach(fit, splits, scorers, options),
  );
}

async function scoreEach<Prediction, Name extends string>(
  fit: FitRows<Prediction>,
  splits: Iterable<Split>,
  scorers: Scorers<Name, Prediction>,
  { returnTrainScore = false, onFold, signal }: ScoreSplitsOptions,
): Promise<CrossValidation<Name, Prediction>> {
  const report = stepReporter();
  const turns = new Turns(signal);
  const folds: Fold<Name, Prediction>[] = [];
  for (const { train, test } of splits) {
    try {
      const started = performance.now();
      const predict = await fit(train, signal);
      const fitted = performance.now();
      const prediction = await predict(test);
      const scores = scored(scorers, prediction, test);
      folds.push({
        train,
        test,
        prediction,
        scores,
        ...(returnTrainScore && { trainScores: scored(scorers, await predict(train), train) }),
        fitMilliseconds: fitted - started,
      });
      report?.(scores, folds.length - 1);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      throw new InvalidInputError(`in split ${folds.length}: ${error.message}`, { cause: error });
    }
    await onFold?.(new CrossValidation(folds));
    if (turns.due) await turns.give();
  }
  if (folds.length === 0) throw new InvalidInputError("there are no splits to validate on");
  return new CrossValidation(folds);
}

function scored<Prediction, Name extends string>(
  scorers: Scorers<Name, Prediction>,
  prediction: Prediction,
  rows: Uint32Array,
): Readonly<Record<Name, number>> {
  const names = Object.keys(scorers) as Name[];
  // SAFETY: one number for each name.
  return Object.fromEntries(names.map((name) => [name, scorers[name](prediction, rows)])) as Record<
    Name,
    number
  >;
}
