/** @file True numbers beside predicted ones, checked the same way everywhere. */
import { InvalidInputError } from "../../errors.ts";
import { checkWeights, type WeightOptions, type Weights } from "../weights.ts";

/** A number for each row. */
export type Numbers = readonly number[] | Uint8Array | Int32Array | Float32Array | Float64Array;

/**
 * Checks true and predicted numbers.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, NaN or infinite numbers, bad weights
 */
export function checkPairs(truth: Numbers, predicted: Numbers, weights?: Weights): void {
  if (truth.length === 0) throw new InvalidInputError("there are no rows to evaluate");
  if (truth.length !== predicted.length)
    throw new InvalidInputError(
      `there are ${truth.length} true numbers and ${predicted.length} predicted ones: they must be equal`,
    );
  for (let row = 0; row < truth.length; row++) {
    if (!Number.isFinite(truth[row]))
      throw new InvalidInputError(`the true number of row ${row} is ${truth[row]}, which isn't finite`);
    if (!Number.isFinite(predicted[row]))
      throw new InvalidInputError(
        `the predicted number of row ${row} is ${predicted[row]}, which isn't finite`,
      );
  }
  checkWeights(weights, truth.length);
}

/** The mean over the rows, by weight, of what a true and a predicted number give. */
export function meanOfPairs(
  truth: Numbers,
  predicted: Numbers,
  { weights }: WeightOptions,
  of: (truth: number, predicted: number) => number,
): number {
  const rows = truth.length;
  let sum = 0;
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    sum += weight * of(truth[row] ?? 0, predicted[row] ?? 0);
    total += weight;
  }
  return sum / total;
}

/**
 * The weighted quantile that takes the mean of two neighbours where it falls between them: Hyndman and Fan's second
 * definition (1996), the median for 0.5 and equal weights.
 */
export function weightedQuantile(values: Numbers, weights: Weights | undefined, share: number): number {
  if (weights === undefined) return plainQuantile(Float64Array.from(values).sort(), share);
  const kept = Array.from(values, (value, row) => ({ value, weight: weights[row] ?? 0 }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => a.value - b.value);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  const wanted = share * total;
  let below = 0;
  for (const [at, { value, weight }] of kept.entries()) {
    below += weight;
    if (below < wanted) continue;
    const next = kept[at + 1]?.value ?? value;
    return below - wanted > Number.EPSILON ? value : (value + next) / 2;
  }
  return kept.at(-1)?.value ?? Number.NaN;
}

function plainQuantile(sorted: Float64Array, share: number): number {
  const wanted = share * sorted.length;
  const at = Math.max(0, Math.ceil(wanted) - 1);
  const value = sorted[at] ?? Number.NaN;
  const isBetween = at + 1 - wanted <= Number.EPSILON;
  return isBetween ? (value + (sorted[at + 1] ?? value)) / 2 : value;
}
