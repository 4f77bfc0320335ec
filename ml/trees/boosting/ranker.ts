/** @file Gradient boosting of orders: LambdaMART. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Estimator, FitOptions } from "../../estimator.ts";
import { observedEstimator } from "../../fit-observer.ts";
import { requireCount } from "../../settings.ts";
import { targetNumbers, type NumericTarget } from "../../target.ts";
import { BoostedRegressionModel } from "./boosted-model.ts";
import { lambdaRank, type QueryStarts } from "./objectives/lambda-rank.ts";
import { checkBoostingSettings, defaultBoostingSettings, type BoostingSettings } from "./settings.ts";
import { train } from "./train.ts";
import { checkTrainingRows, checkValidationRows, trainingRows } from "./training-rows.ts";

/** How {@link gradientBoostingRanker} learns. */
export interface BoostingRankerSettings extends BoostingSettings {
  /** Pairs have at least one row among so many first ones of a query by score. */
  readonly lambdarankNumPairPerSample: number;
}

/** The query of each row: any numbers; rows of a query stand together. */
export type QueryIds = ArrayLike<number>;

/** What a ranker's fit needs beside rows and relevances. */
export interface RankingFitOptions extends Pick<FitOptions, "signal"> {
  readonly qid: QueryIds;
  /** Rows on which 1 - NDCG is measured after each round. */
  readonly validation?: {
    readonly rows: DenseMatrix;
    readonly target: NumericTarget;
    readonly qid: QueryIds;
  };
}

/** How rows of queries are to be ordered. */
export interface GradientBoostingRanker extends Estimator<BoostingRankerSettings> {
  readonly task: "ranking";
  /** Learns from rows and how relevant each is to its query: whole numbers from 0 to 31. */
  fit(rows: DenseMatrix, target: NumericTarget, options: RankingFitOptions): Promise<BoostedRegressionModel>;
}

const kind = "gradientBoostingRanker";
const mostRelevance = 31;

/**
 * LambdaMART for NDCG: scores by which the rows of a query are ordered, the highest first.
 * @example await gradientBoostingRanker().fit(rows, relevances, { qid })
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function gradientBoostingRanker(
  changes: Partial<BoostingRankerSettings> = {},
): GradientBoostingRanker {
  const settings = { ...defaultBoostingSettings, lambdarankNumPairPerSample: 32, ...changes };
  checkBoostingSettings(settings);
  requireCount("lambdarankNumPairPerSample", settings.lambdarankNumPairPerSample);
  const objectiveOf = (qid: QueryIds, rows: number): ReturnType<typeof lambdaRank> =>
    lambdaRank(queryStarts(qid, rows), settings.lambdarankNumPairPerSample);
  return observedEstimator({
    kind,
    task: "ranking",
    settings,
    with: (more) => gradientBoostingRanker({ ...settings, ...more }),
    fit: async (rows, target, { qid, signal, validation }) => {
      checkTrainingRows(rows);
      const relevances = relevancesOf(target, rows.rows);
      if (validation) checkValidationRows(validation.rows, rows.columns);
      const { forest, ...history } = await train({
        ...trainingRows(rows, relevances, undefined),
        objective: objectiveOf(qid, rows.rows),
        settings,
        signal,
        validation:
          validation &&
          trainingRows(validation.rows, relevancesOf(validation.target, validation.rows.rows), undefined),
        validationObjective: validation && objectiveOf(validation.qid, validation.rows.rows),
      });
      return new BoostedRegressionModel(kind, forest, history);
    },
  });
}

function relevancesOf(target: NumericTarget, rows: number): Float64Array {
  const numbers = targetNumbers(target, rows);
  const bad = numbers.findIndex(
    (value) => !(Number.isInteger(value) && value >= 0 && value <= mostRelevance),
  );
  if (bad >= 0)
    throw new InvalidInputError(
      `the relevance of row ${bad} is ${numbers[bad]}: it must be a whole number from 0 to ${mostRelevance}`,
    );
  return numbers;
}

/** Where queries begin. @throws {@link InvalidInputError} where a query's rows don't stand together */
function queryStarts(qid: QueryIds, rows: number): QueryStarts {
  if (qid.length !== rows)
    throw new InvalidInputError(`there are ${qid.length} query ids for ${rows} rows: they must be equal`);
  const seen = new Set<number>();
  const starts: number[] = [];
  for (let row = 0; row < rows; row++) {
    const id = qid[row] ?? Number.NaN;
    if (row > 0 && id === qid[row - 1]) continue;
    if (Number.isNaN(id)) throw new InvalidInputError(`the query id of row ${row} is NaN`);
    if (seen.has(id))
      throw new InvalidInputError(`the rows of query ${id} don't stand together: row ${row} is apart`);
    seen.add(id);
    starts.push(row);
  }
  return Uint32Array.from([...starts, rows]);
}
