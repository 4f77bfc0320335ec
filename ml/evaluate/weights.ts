/** @file How much each row counts. */
import { InvalidInputError } from "../errors.ts";

/** A weight for each row: finite, not negative, not all zero. */
export type Weights = Float32Array | Float64Array | readonly number[];

/** Settings of a measure that may count some rows more than others. */
export interface WeightOptions {
  /** How much each row counts: finite, not negative, not all zero; equally where absent. */
  readonly weights?: Weights;
}

/**
 * Checks weights.
 * @throws {@link InvalidInputError} where they aren't as many as the rows, one is negative or not finite, or all are zero
 */
export function checkWeights(weights: Weights | undefined, rows: number): void {
  if (weights === undefined) return;
  if (weights.length !== rows)
    throw new InvalidInputError(`there are ${weights.length} weights and ${rows} rows: they must be equal`);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights[row] ?? Number.NaN;
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY))
      throw new InvalidInputError(`the weight of row ${row} is ${weight}, not a finite number from 0 up`);
    total += weight;
  }
  if (total === 0) throw new InvalidInputError("all weights are 0");
}

/** The mean of what each row has, by weight. */
export function weightedMean(
  rows: number,
  weights: Weights | undefined,
  of: (row: number) => number,
): number {
  let sum = 0;
  if (weights === undefined) {
    for (let row = 0; row < rows; row++) sum += of(row);
    return sum / rows;
  }
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const weight = weights[row] ?? 0;
    total += weight;
    if (weight !== 0) sum += weight * of(row);
  }
  return sum / total;
}
