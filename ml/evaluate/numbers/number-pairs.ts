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
  checkLengths(truth, predicted, weights);
  checkFinite(truth, predicted);
}

/** The part of {@link checkPairs} that looks at lengths and weights. */
export function checkLengths(truth: Numbers, predicted: Numbers, weights?: Weights): void {
  if (truth.length === 0) throw new InvalidInputError("there are no rows to evaluate");
  if (truth.length !== predicted.length)
    throw new InvalidInputError(
      `there are ${truth.length} true numbers and ${predicted.length} predicted ones: they must be equal`,
    );
  checkWeights(weights, truth.length);
}

/** The part of {@link checkPairs} that looks at the numbers: not needed where a sum over all of them is finite. */
export function checkFinite(truth: Numbers, predicted: Numbers): void {
  requireFinite("true", truth);
  requireFinite("predicted", predicted);
}

function requireFinite(which: string, values: Numbers): void {
  if (values instanceof Float64Array && isFiniteThroughout(values)) return;
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (row >= 0)
    throw new InvalidInputError(`the ${which} number of row ${row} is ${values[row]}, which isn't finite`);
}

/** NaN and infinities stay what they are in a sum of differences from themselves. */
function isFiniteThroughout(values: Float64Array): boolean {
  let sum = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? 0;
    sum += value - value;
  }
  return sum === 0;
}

/** Numbers as doubles: the same array where it is one. */
export function doubles(values: Numbers): Float64Array {
  return values instanceof Float64Array ? values : Float64Array.from(values);
}

/** The mean over the rows, by weight, of what a true and a predicted number give. */
export function meanOfPairs(
  truth: Numbers,
  predicted: Numbers,
  { weights }: WeightOptions,
  of: (truth: number, predicted: number) => number,
): number {
  const [a, b] = [doubles(truth), doubles(predicted)];
  let sum = 0;
  if (weights === undefined) {
    for (let row = 0; row < a.length; row++) sum += of(a[row] ?? 0, b[row] ?? 0);
    return sum / a.length;
  }
  let total = 0;
  for (let row = 0; row < a.length; row++) {
    const weight = weights[row] ?? 0;
    sum += weight * of(a[row] ?? 0, b[row] ?? 0);
    total += weight;
  }
  return sum / total;
}

/**
 * The weighted quantile that takes the mean of two neighbours where it falls between them: Hyndman and Fan's second
 * definition (1996), the median for 0.5 and equal weights.
 */
export function weightedQuantile(values: Numbers, weights: Weights | undefined, share: number): number {
  if (weights === undefined) return quantileInPlace(new Float64Array(values), share);
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

/** As {@link weightedQuantile} with equal weights, of numbers that it puts in another order. */
export function quantileInPlace(values: Float64Array, share: number): number {
  const wanted = share * values.length;
  const at = Math.max(0, Math.ceil(wanted) - 1);
  const value = selected(values, at);
  const isBetween = at + 1 - wanted <= Number.EPSILON;
  if (!isBetween || at + 1 >= values.length) return value;
  let next = Number.POSITIVE_INFINITY;
  for (let place = at + 1; place < values.length; place++) next = Math.min(next, values[place] ?? next);
  return (value + next) / 2;
}

/** The number of a rank from 0; smaller ones stand before it afterwards and larger ones behind (Hoare, 1961). */
function selected(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >>> 1] ?? 0;
    let [left, right] = [low, high];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left += 1;
      while ((values[right] ?? 0) > pivot) right -= 1;
      if (left > right) break;
      const held = values[left] ?? 0;
      values[left++] = values[right] ?? 0;
      values[right--] = held;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank] ?? Number.NaN;
}
