/** @file Selection by scores of single features as a step. */
import { InvalidInputError } from "../../errors.ts";
import { sqlNumber } from "../sql.ts";
import { rowsWithoutMissing } from "../column-matrix.ts";
import { toNumber } from "../fit-queries.ts";
import { bestScores } from "../selection/best-scores.ts";
import {
  chi2,
  differenceOfCounts,
  fClassif,
  fRegression,
  rRegression,
  varianceBetween,
  varianceExplained,
  type ColumnScores,
} from "../selection/correlation-scores.ts";
import {
  mutualInfoClassif,
  mutualInfoRegression,
  type MutualInformationOptions,
} from "../selection/mutual-information.ts";
import { numericTarget, type ClassTarget } from "../../target.ts";
import type { FitQueries, Matrix, SqlColumn, StepDefinition } from "../step.ts";
import type { MatrixTransformer } from "../transformer.ts";
import { keepsColumns, keptOf, neededDense, neededTarget, type KeptState } from "./kept-columns.ts";

/** By what features are scored: the functions of these names. */
export type ScoreName =
  "fClassif" | "fRegression" | "rRegression" | "chi2" | "mutualInfoClassif" | "mutualInfoRegression";

interface Settings {
  readonly score: ScoreName;
  readonly k: number;
  readonly options: MutualInformationOptions;
}

/**
 * Keeps the `k` features of highest score, as scikit-learn's SelectKBest. The fit needs a target: of classes (texts or
 * numbers) for `fClassif`, `chi2` and `mutualInfoClassif`, of numbers for the others. Missing values are an error.
 * @param options for mutual information only
 * @example columns({ … }).pipe(selectKBest("mutualInfoClassif", 20)).fit(table, { target: "bought" })
 */
export function selectKBest(
  score: ScoreName,
  k: number,
  options: MutualInformationOptions = {},
): MatrixTransformer {
  return { kind: "selectKBest", settings: { score, k, options } };
}

/** The kind of step behind {@link selectKBest}. */
export const selectKBestStep: StepDefinition<Settings, KeptState> = {
  kind: "selectKBest",
  ...keepsColumns<Settings>({
    onMatrix: ({ score, k, options }, matrix, target) =>
      best(matrix.columns, k, scoreMatrix(score, matrix, neededTarget("selectKBest", target), options)),
    byQuery: async ({ score, k }, columns, queries) => {
      const scored = await scoreByQuery(score, columns, queries);
      return (
        scored &&
        best(
          columns.map(({ name }) => name),
          k,
          scored,
        )
      );
    },
  }),
};

function best(columns: readonly string[], k: number, { scores, pValues }: ColumnScores): KeptState {
  return keptOf(columns, bestScores(scores, k), scores, pValues);
}

function scoreMatrix(
  score: ScoreName,
  matrix: Matrix,
  target: ClassTarget,
  options: MutualInformationOptions,
): ColumnScores {
  switch (score) {
    case "fClassif":
      return fClassif(matrix, target);
    case "chi2":
      return chi2(matrix, target);
    case "fRegression":
      return fRegression(neededDense(score, matrix), numericTarget(target));
    case "rRegression":
      return rRegression(neededDense(score, matrix), numericTarget(target));
    case "mutualInfoClassif":
      return mutualInfoClassif(neededDense(score, matrix), target, options);
    case "mutualInfoRegression":
      return mutualInfoRegression(neededDense(score, matrix), numericTarget(target), options);
  }
}

/** Scores that are made of sums, by one or two queries; undefined for the others. */
async function scoreByQuery(
  score: ScoreName,
  columns: readonly SqlColumn[],
  queries: FitQueries,
): Promise<ColumnScores | undefined> {
  const { target, isTargetText } = queries;
  if (target === undefined || score.startsWith("mutualInfo")) return undefined;
  const isByClass = score === "fClassif" || score === "chi2";
  if (!isByClass && isTargetText) return undefined;
  const [rows, , least] = await Promise.all([
    rowsWithoutMissing("selectKBest", columns, queries),
    rowsWithoutMissing("selectKBest", [{ type: "number", sql: target, name: "the target" }], queries),
    queries.aggregate(columns.map(({ sql }) => `min(${sql})`)),
  ]);
  // Less its minimum, a constant column is exactly 0, and none loses digits to its mean.
  const shifted = columns.map(({ sql }, at) => `(${sql}::DOUBLE - ${sqlNumber(toNumber(least[at]))})`);
  if (!isByClass) {
    const found = await queries.aggregate(shifted.map((sql) => `corr(${sql}, ${target})`));
    // Of a constant column there is no correlation.
    const correlations = Float64Array.from(found, (value) => toNumber(value) || 0);
    return score === "rRegression" ? { scores: correlations } : varianceExplained(correlations, rows);
  }
  const isVariance = score === "fClassif";
  const list = isVariance
    ? shifted.flatMap((sql, at) => [`avg(${sql}) AS m${at}`, `var_pop(${sql}) AS v${at}`])
    : columns.map(({ sql }, at) => `sum(${sql}::DOUBLE) AS m${at}`);
  const byClass = await queries.rows(
    (from) =>
      `SELECT ${target} AS class, count(*) AS n, ${list.join(", ")} FROM ${from} GROUP BY class ORDER BY class`,
  );
  if (byClass.length < 2)
    throw new InvalidInputError(`the target has ${byClass.length} classes: at least 2 are needed`);
  const counts = byClass.map((row) => toNumber(row["n"]));
  const gather = (prefix: string): Float64Array =>
    Float64Array.from(byClass.flatMap((row) => columns.map((_, at) => toNumber(row[`${prefix}${at}`]))));
  const width = columns.length;
  if (isVariance) return varianceBetween({ width, counts, means: gather("m"), variances: gather("v") });
  const negative = least.findIndex((value) => toNumber(value) < 0);
  if (negative >= 0)
    throw new InvalidInputError(
      `column "${columns[negative]?.name}" holds ${toNumber(least[negative])}: chi-squared needs counts, which aren't negative`,
    );
  return differenceOfCounts(gather("m"), counts, width);
}
