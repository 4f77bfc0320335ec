import type { NumericTarget } from "../../target.ts";
import { gathered } from "../../row-selection.ts";
import { checkWeights, type Weights } from "../weights.ts";
import { mapped } from "./classification-scorers.ts";
import type { RegressionRows } from "./metrics.ts";
import type { Scorers } from "./score-splits.ts";

/**
 * Measures of a regression's predictions of some rows of a target.
 * @throws {@link InvalidInputError} for bad weights
 */
export function regressionScorers<Name extends string>(
  target: NumericTarget,
  metrics: Readonly<Record<Name, (rows: RegressionRows) => number>>,
  weights?: Weights,
): Scorers<Name, Float64Array> {
  checkWeights(weights, target.length);
  return mapped(
    metrics,
    (metric) => (predicted, rows) =>
      metric({
        truth: Float64Array.from(gathered(target, rows)),
        predicted,
        ...(weights && { weights: Float64Array.from(gathered(weights, rows)) }),
      }),
  );
}
