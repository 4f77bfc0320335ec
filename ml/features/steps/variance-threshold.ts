/** @file Selection by variance as a step. */
import { toNumber } from "../fit-queries.ts";
import { aboveThreshold, variedColumns } from "../selection/best-scores.ts";
import { isSparse, toDense } from "../../sparse-matrix.ts";
import type { StepDefinition } from "../step.ts";
import type { MatrixTransformer } from "../transformer.ts";
import { keepsColumns, keptOf, type KeptState } from "./kept-columns.ts";

/**
 * Keeps features whose variance is above a threshold; with 0, those that aren't constant: scikit-learn's
 * VarianceThreshold. Missing values are left out of the fit.
 * @example columns({ … }).pipe(varianceThreshold())
 */
export function varianceThreshold(threshold = 0): MatrixTransformer {
  return { kind: "varianceThreshold", settings: { threshold } };
}

/** The kind of step behind {@link varianceThreshold}. */
export const varianceThresholdStep: StepDefinition<{ readonly threshold: number }, KeptState> = {
  kind: "varianceThreshold",
  ...keepsColumns<{ readonly threshold: number }>({
    onMatrix: ({ threshold }, matrix) => {
      const { kept, variances } = variedColumns(isSparse(matrix) ? toDense(matrix) : matrix, threshold);
      return keptOf(matrix.columns, kept, variances);
    },
    byQuery: async ({ threshold }, columns, queries) => {
      const found = await queries.aggregate(
        columns.flatMap(({ sql }) => [
          `var_pop(${sql}::DOUBLE)`,
          `max(${sql})::DOUBLE - min(${sql})::DOUBLE`,
        ]),
      );
      const at = (offset: number): Float64Array =>
        Float64Array.from(columns, (_, column) => toNumber(found[2 * column + offset]));
      const { kept, variances } = aboveThreshold(at(0), at(1), threshold);
      return keptOf(
        columns.map(({ name }) => name),
        kept,
        variances,
      );
    },
  }),
};
