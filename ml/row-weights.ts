import { InvalidInputError } from "./errors.ts";
import type { FitOptions } from "./estimator.ts";

/**
 * How much each row counts, as doubles; undefined where all count the same.
 * @throws {@link InvalidInputError} unless they are as many as the rows, finite, not negative and not all zero
 */
export function rowWeights(weights: FitOptions["weights"], rows: number): Float64Array | undefined {
  if (weights === undefined) return undefined;
  if (weights.length !== rows)
    throw new InvalidInputError(`there are ${weights.length} weights for ${rows} rows: they must be equal`);
  const numbers = Float64Array.from(weights);
  const bad = numbers.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (bad >= 0)
    throw new InvalidInputError(
      `the weight of row ${bad} is ${numbers[bad]}: a finite number from 0 up is needed`,
    );
  if (numbers.every((weight) => weight === 0)) throw new InvalidInputError("all weights are 0");
  return numbers;
}

/**
 * For methods that count every row the same.
 * @throws {@link InvalidInputError} where weights are given
 */
export function refuseWeights(method: string, weights: FitOptions["weights"]): void {
  if (weights !== undefined)
    throw new InvalidInputError(`${method} counts every row the same: give no weights`);
}
