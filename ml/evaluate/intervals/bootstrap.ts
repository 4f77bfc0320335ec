/**
 * @file Bootstrap intervals of any statistic: rows are drawn again and again with replacement (Efron, 1979), and the
 * statistic's values say how much it varies.
 */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { requireCount } from "../../settings.ts";
import type { ClassTarget } from "../../target.ts";
import { Turns } from "../../turns.ts";
import { normalCdf, normalQuantile } from "../../normal-distribution.ts";
import { codesOf } from "../codes.ts";
import { gathered, type RowArray } from "../../row-selection.ts";
import { checkConfidence, type ConfidenceOptions, type Interval } from "./interval.ts";

/** Settings of a bootstrap. */
export interface BootstrapOptions extends ConfidenceOptions {
  /**
   * `"percentile"` takes quantiles of the drawn values; `"bca"` corrects them for bias and skew (Efron, 1987), at the price of
   * evaluating the statistic once more for each row (of more than 1,000 rows: for each of 1,000 groups). `"bca"` where absent.
   */
  readonly method?: "bca" | "percentile";
  /** How often rows are drawn; 9999 where absent. */
  readonly resamples?: number;
  /** Classes, or other groups, each of which keeps its number of rows in every draw. */
  readonly strata?: ClassTarget;
  /** 0 where absent. */
  readonly seed?: number;
  /** Stops the bootstrap, which then throws the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** An interval with the values that it is made of. */
export interface BootstrapInterval extends Interval {
  /** The standard deviation of the drawn values. */
  readonly standardError: number;
  /** The statistic of each draw, in ascending order. */
  readonly distribution: Float64Array;
}

/**
 * A bootstrap interval of a statistic of rows. The arrays hold something for each row; all are drawn together.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, or a statistic that is no number
 * @example await bootstrapInterval([labels, scores], (labels, scores) => rocAuc(labels, scores), { strata: labels })
 */
export async function bootstrapInterval<const Arrays extends readonly [RowArray, ...RowArray[]]>(
  arrays: Arrays,
  statistic: (...drawn: Arrays) => number,
  options: BootstrapOptions = {},
): Promise<BootstrapInterval> {
  const { confidence = 0.95, method = "bca", resamples = 9999, seed = 0, signal } = options;
  checkConfidence(confidence);
  requireCount("resamples", resamples);
  const rows = arrays[0].length;
  if (rows === 0) throw new InvalidInputError("there are no rows to draw from");
  const unequal = arrays.findIndex((array) => array.length !== rows);
  if (unequal >= 0)
    throw new InvalidInputError(
      `array ${unequal} has ${arrays[unequal]?.length} rows and the first one ${rows}: they must be equal`,
    );
  const strata = strataOf(options.strata, rows);
  const turns = new Turns(signal);
  const evaluate = (kept: Uint32Array): number => {
    // SAFETY: each array's rows are taken into one of its own type.
    const value = statistic(...(arrays.map((array) => gathered(array, kept)) as unknown as Arrays));
    if (!Number.isFinite(value)) throw new InvalidInputError(`the statistic of some rows is ${value}`);
    return value;
  };
  const estimate = evaluate(Uint32Array.from({ length: rows }, (_, row) => row));
  const random = new Random(seed);
  const distribution = new Float64Array(resamples);
  const drawn = new Uint32Array(rows);
  for (let draw = 0; draw < resamples; draw++) {
    drawRows(drawn, strata, random);
    distribution[draw] = evaluate(drawn);
    if (turns.due) await turns.give();
  }
  distribution.sort();
  const tail = (1 - confidence) / 2;
  const probabilities =
    method === "percentile"
      ? ([tail, 1 - tail] as const)
      : bcaProbabilities(estimate, distribution, await jackknife(strata, rows, evaluate, turns), tail);
  const [low, high] = probabilities;
  return {
    estimate,
    low: quantile(distribution, low),
    high: quantile(distribution, high),
    confidence,
    standardError: deviation(distribution),
    distribution,
  };
}

/** The rows of each stratum. */
type Strata = readonly Uint32Array[];

function strataOf(strata: ClassTarget | undefined, rows: number): Strata {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  if (strata === undefined) return [all];
  const { codes, counts } = codesOf("strata", strata, rows);
  return Array.from(counts, (_, code) => all.filter((row) => codes[row] === code));
}

function drawRows(drawn: Uint32Array, strata: Strata, random: Random): void {
  let at = 0;
  for (const members of strata) {
    for (let count = members.length; count > 0; count--)
      drawn[at++] = members[Math.floor(random.uniform() * members.length)] ?? 0;
  }
}

const mostGroups = 1000;

/** The statistic without each row (or group of rows), by stratum. */
async function jackknife(
  strata: Strata,
  rows: number,
  evaluate: (kept: Uint32Array) => number,
  turns: Turns,
): Promise<readonly Float64Array[]> {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const left: Float64Array[] = [];
  for (const members of strata) {
    const groups = Math.min(members.length, Math.max(2, Math.floor((mostGroups * members.length) / rows)));
    const values = new Float64Array(members.length < 2 ? 0 : groups);
    const groupOf = new Int32Array(rows).fill(-1);
    for (const [place, row] of members.entries()) groupOf[row] = place % groups;
    for (let group = 0; group < values.length; group++) {
      values[group] = evaluate(all.filter((row) => groupOf[row] !== group));
      if (turns.due) await turns.give();
    }
    left.push(values);
  }
  return left;
}

/**
 * The probabilities at which the drawn values are cut: Efron's bias-corrected and accelerated ones, with the acceleration of
 * several samples where there are strata.
 */
export function bcaProbabilities(
  estimate: number,
  sorted: Float64Array,
  left: readonly Float64Array[],
  tail: number,
): readonly [number, number] {
  let [below, equal] = [0, 0];
  for (const value of sorted) {
    if (value < estimate) below += 1;
    else if (value === estimate) equal += 1;
  }
  const bias = normalQuantile((below + equal / 2) / sorted.length);
  let [cubes, squares] = [0, 0];
  for (const values of left) {
    const count = values.length;
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    for (const value of values) {
      const influence = ((count - 1) * (mean - value)) / count;
      cubes += influence ** 3;
      squares += influence ** 2;
    }
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const corrected = (z: number): number => normalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)));
  // A statistic that no draw brings to both sides of the estimate has no correction.
  if (!Number.isFinite(bias)) return [tail, 1 - tail];
  return [corrected(normalQuantile(tail)), corrected(-normalQuantile(tail))];
}

/** A quantile of ascending values, with linear interpolation. */
export function quantile(sorted: Float64Array, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const low = sorted[Math.floor(position)] ?? Number.NaN;
  const high = sorted[Math.ceil(position)] ?? low;
  return low + (high - low) * (position - Math.floor(position));
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}
