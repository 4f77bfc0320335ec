import { InvalidInputError } from "../../errors.ts";
import type { BinaryLabels } from "../../labels.ts";
import { countWithProbabilities, type Scores } from "../scores.ts";
import { checkWeights, type WeightOptions } from "../weights.ts";

/** Settings of {@link expectedCalibrationError}. */
export interface CalibrationErrorOptions extends WeightOptions {
  /** How many bins of equal width; 10 where absent. */
  readonly bins?: number;
}

/**
 * The expected calibration error (Naeini, Cooper and Hauskrecht, 2015): the mean, by rows, over bins of equal width of the
 * distance between predicted probability and share of positives. A probability on a bound belongs to the lower bin, as in
 * scikit-learn's `calibration_curve`.
 *
 * Of several classes, give whether the likeliest class was right as the labels and its probability.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, values that aren't probabilities, bad weights or bins
 */
export function expectedCalibrationError(
  labels: BinaryLabels,
  probabilities: Scores,
  { bins = 10, weights }: CalibrationErrorOptions = {},
): number {
  countWithProbabilities(labels, probabilities);
  checkWeights(weights, labels.length);
  if (!Number.isSafeInteger(bins) || bins < 1)
    throw new InvalidInputError(`bins must be a whole number from 1 up, not ${bins}`);
  const excess = new Float64Array(bins);
  let total = 0;
  for (let row = 0; row < labels.length; row++) {
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    const probability = probabilities[row] ?? 0;
    let bin = Math.min(bins - 1, Math.floor(probability * bins));
    // Rounding of the product may have gone past a bound, on which the lower bin ends.
    if (bin > 0 && probability <= bin / bins) bin -= 1;
    else if (bin + 1 < bins && probability > (bin + 1) / bins) bin += 1;
    excess[bin] = (excess[bin] ?? 0) + weight * (probability - Number(labels[row]));
    total += weight;
  }
  return excess.reduce((sum, each) => sum + Math.abs(each), 0) / total;
}
