/** @file Selections by models: coefficients that a penalty leaves, and recursive elimination. */
import { InvalidInputError } from "../../errors.ts";
import { columnMoments } from "../column-moments.ts";
import { lasso, lassoOfMoments } from "../selection/lasso.ts";
import type { ImportanceModel } from "../selection/model.ts";
import { eliminate, type EliminationOptions } from "../selection/recursive-elimination.ts";
import { sparseLogistic } from "../selection/sparse-logistic.ts";
import { numericTarget } from "../../target.ts";
import type { SqlColumn, StepDefinition } from "../step.ts";
import type { MatrixTransformer } from "../transformer.ts";
import { keepsColumns, keptOf, neededDense, neededTarget, type KeptState } from "./kept-columns.ts";

/** Coefficients up to here count as zero: scikit-learn's bound for models with an l1 penalty. */
const leastCoefficient = 1e-5;

/**
 * Keeps the features that a linear regression with an l1 penalty uses: scikit-learn's `SelectFromModel(Lasso(alpha))`.
 * Scale the features before it. The larger `alpha`, the fewer stay.
 */
export function selectFromLasso(alpha: number): MatrixTransformer {
  return { kind: "selectFromLasso", settings: { alpha } };
}

/**
 * Keeps the features that a logistic regression with an l1 penalty uses, of any class: scikit-learn's
 * `SelectFromModel(LogisticRegression(C=c, l1_ratio=1, solver="saga"))`, one class against the others where there are more
 * than two. Scale the features before it. The smaller `c`, the fewer stay.
 */
export function selectFromLogistic(c: number): MatrixTransformer {
  return { kind: "selectFromLogistic", settings: { c } };
}

/**
 * Keeps the features that a model finds important, removing the least important ones again and again: scikit-learn's RFE.
 * @example columns({ … }).pipe(recursiveElimination(model, { keep: 10 })).fit(table, { target: "price" })
 */
export function recursiveElimination(
  model: ImportanceModel,
  options: EliminationOptions = {},
): MatrixTransformer {
  return { kind: "recursiveElimination", settings: { model, options } };
}

/** The kind of step behind {@link selectFromLasso}. */
export const selectFromLassoStep: StepDefinition<{ readonly alpha: number }, KeptState> = {
  kind: "selectFromLasso",
  ...keepsColumns<{ readonly alpha: number }>({
    onMatrix: ({ alpha }, matrix, target) => {
      const y = numericTarget(neededTarget("selectFromLasso", target));
      const { coefficients } = lasso(neededDense("selectFromLasso", matrix), y, alpha);
      return used("selectFromLasso", matrix.columns, coefficients);
    },
    byQuery: async ({ alpha }, columns, queries) => {
      const { target, isTargetText } = queries;
      if (target === undefined || isTargetText) return undefined;
      const all: readonly SqlColumn[] = [...columns, { type: "number", sql: target, name: "the target" }];
      const moments = await columnMoments("selectFromLasso", all, queries);
      const names = columns.map(({ name }) => name);
      return used("selectFromLasso", names, lassoOfMoments(moments, alpha).coefficients);
    },
  }),
};

/** The kind of step behind {@link selectFromLogistic}. */
export const selectFromLogisticStep: StepDefinition<{ readonly c: number }, KeptState> = {
  kind: "selectFromLogistic",
  ...keepsColumns<{ readonly c: number }>({
    onMatrix: ({ c }, matrix, target) => {
      const dense = neededDense("selectFromLogistic", matrix);
      const functions = sparseLogistic(dense, neededTarget("selectFromLogistic", target), c);
      const magnitudes = Float64Array.from(matrix.columns, (_, at) =>
        functions.reduce((sum, { coefficients }) => sum + Math.abs(coefficients[at] ?? 0), 0),
      );
      return used("selectFromLogistic", matrix.columns, magnitudes);
    },
  }),
};

interface EliminationSettings {
  readonly model: ImportanceModel;
  readonly options: EliminationOptions;
}

/** The kind of step behind {@link recursiveElimination}; its scores are ranks, 1 for what stays. */
export const recursiveEliminationStep: StepDefinition<EliminationSettings, KeptState> = {
  kind: "recursiveElimination",
  ...keepsColumns<EliminationSettings>({
    onMatrix: async ({ model, options }, matrix, target) => {
      const y = numericTarget(neededTarget("recursiveElimination", target));
      const { kept, ranking } = await eliminate(
        neededDense("recursiveElimination", matrix),
        y,
        model,
        options,
      );
      return keptOf(matrix.columns, kept, ranking);
    },
  }),
};

function used(kind: string, columns: readonly string[], coefficients: Float64Array): KeptState {
  const kept = Array.from(coefficients.keys()).filter(
    (at) => Math.abs(coefficients[at] ?? 0) >= leastCoefficient,
  );
  if (kept.length === 0)
    throw new InvalidInputError(`${kind}: the penalty leaves no feature: make it weaker`);
  return keptOf(columns, kept, coefficients);
}
