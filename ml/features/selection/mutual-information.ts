/**
 * @file Mutual information of columns and target, in nats; 0 where they are independent.
 *
 * Between numbers: Kraskov, Stögbauer and Grassberger, "Estimating mutual information" (2004). Between numbers and
 * classes: Ross, "Mutual information between discrete and continuous data sets" (2014). Both count neighbours, so that
 * numbers that repeat are told apart by a little noise, as scikit-learn does; its noise is drawn otherwise, which shows
 * in the third digit where many numbers repeat and nowhere else.
 */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import type { ColumnScores } from "./correlation-scores.ts";
import { lineDistances, planeDistances } from "./neighbour-distances.ts";
import { digammas } from "../../special-functions.ts";
import { classCodes, targetNumbers, type ClassTarget, type NumericTarget } from "../../target.ts";

/** How mutual information is estimated. */
export interface MutualInformationOptions {
  /** Neighbours that are looked at: more of them make estimates steadier and flatter; 3 where absent. */
  readonly neighbors?: number;
  /** Columns whose numbers are names of categories, by name. */
  readonly discrete?: readonly string[];
  /** 0 where absent. */
  readonly seed?: number;
}

/**
 * The mutual information of each column with the classes of a target (scikit-learn's `mutual_info_classif`).
 * @throws {@link InvalidInputError} for numbers that aren't finite, or a target without two classes
 */
export function mutualInfoClassif(
  matrix: DenseMatrix,
  target: ClassTarget,
  options: MutualInformationOptions = {},
): ColumnScores {
  checkMatrix(matrix);
  const { codes } = classCodes(target, matrix.rows);
  return estimate(matrix, options, (column, isDiscrete, neighbors) =>
    isDiscrete ? betweenCodes(codesOf(column), codes) : betweenNumbersAndCodes(column, codes, neighbors),
  );
}

/**
 * The mutual information of each column with a numeric target (scikit-learn's `mutual_info_regression`).
 * @throws {@link InvalidInputError} for numbers that aren't finite
 */
export function mutualInfoRegression(
  matrix: DenseMatrix,
  target: NumericTarget,
  options: MutualInformationOptions = {},
): ColumnScores {
  checkMatrix(matrix);
  const random = new Random((options.seed ?? 0) + 1);
  const y = untied(targetNumbers(target, matrix.rows), random);
  return estimate(matrix, options, (column, isDiscrete, neighbors) =>
    isDiscrete ? betweenNumbersAndCodes(y, codesOf(column), neighbors) : betweenNumbers(column, y, neighbors),
  );
}

type Estimate = (column: Float64Array, isDiscrete: boolean, neighbors: number) => number;

function estimate(
  { data, rows, columns }: DenseMatrix,
  { neighbors = 3, discrete = [], seed = 0 }: MutualInformationOptions,
  compute: Estimate,
): ColumnScores {
  if (!(Number.isInteger(neighbors) && neighbors >= 1 && neighbors < rows))
    throw new InvalidInputError(`of ${rows} rows, each has 1 to ${rows - 1} neighbours, not ${neighbors}`);
  const unknown = discrete.find((name) => !columns.includes(name));
  if (unknown !== undefined) throw new InvalidInputError(`there is no column "${unknown}"`);
  const random = new Random(seed);
  const width = columns.length;
  const scores = Float64Array.from(columns, (name, index) => {
    const column = Float64Array.from({ length: rows }, (_, row) => data[row * width + index] ?? 0);
    const isDiscrete = discrete.includes(name);
    return Math.max(0, compute(isDiscrete ? column : untied(column, random), isDiscrete, neighbors));
  });
  return { scores };
}

/** Scaled to a deviation of 1, and with noise that is too small to matter where numbers differ. */
function untied(values: Float64Array, random: Random): Float64Array {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count);
  const first = values[0] ?? 0;
  // What is constant stays so, whatever rounding makes of its deviation.
  const scale = deviation > 0 && values.some((value) => value !== first) ? deviation : 1;
  const scaled = values.map((value) => value / scale);
  const magnitude = scaled.reduce((sum, value) => sum + Math.abs(value), 0) / count;
  const noise = 1e-10 * Math.max(1, magnitude);
  return scaled.map((value) => value + noise * random.normal());
}

function betweenNumbers(x: Float64Array, y: Float64Array, neighbors: number): number {
  const count = x.length;
  const psi = digammas(count);
  const distances = planeDistances(x, y, neighbors);
  const meanAlong = (values: Float64Array): number => {
    const sorted = Float64Array.from(values).sort();
    let sum = 0;
    for (let index = 0; index < count; index++)
      sum += psi[countWithin(sorted, values[index] ?? 0, distances[index] ?? 0)] ?? 0;
    return sum / count;
  };
  return (psi[count] ?? 0) + (psi[neighbors] ?? 0) - meanAlong(x) - meanAlong(y);
}

function betweenNumbersAndCodes(x: Float64Array, codes: Int32Array, neighbors: number): number {
  // A class of one row has no neighbours: it is left out.
  const classes = valuesByCode(x, codes).filter(({ length }) => length > 1);
  for (const values of classes) values.sort();
  const count = classes.reduce((sum, { length }) => sum + length, 0);
  if (count === 0) return 0;
  const all = new Float64Array(count);
  let place = 0;
  for (const values of classes) {
    all.set(values, place);
    place += values.length;
  }
  all.sort();
  const psi = digammas(count);
  let sum = 0;
  for (const values of classes) {
    const k = Math.min(neighbors, values.length - 1);
    sum += values.length * ((psi[k] ?? 0) - (psi[values.length] ?? 0));
    for (const [index, distance] of lineDistances(values, k).entries())
      sum -= psi[countWithin(all, values[index] ?? 0, distance)] ?? 0;
  }
  return (psi[count] ?? 0) + sum / count;
}

function valuesByCode(x: Float64Array, codes: Int32Array): Float64Array[] {
  const counts = new Int32Array(codes.reduce((most, code) => Math.max(most, code), 0) + 1);
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  const groups = Array.from(counts, (count) => new Float64Array(count));
  const filled = new Int32Array(counts.length);
  for (const [row, code] of codes.entries()) {
    const group = groups[code];
    const place = filled[code] ?? 0;
    if (group) group[place] = x[row] ?? 0;
    filled[code] = place + 1;
  }
  return groups;
}

/** How many of the sorted values, the value itself among them, are nearer to it than the distance. */
function countWithin(sorted: Float64Array, value: number, distance: number): number {
  // Differences, not sums, are compared: the neighbour that gave the distance must not round into it.
  const first = firstThat(sorted, (each) => value - each < distance);
  const end = firstThat(sorted, (each) => each - value >= distance);
  // Where the nearest ones are equal to it, there is none nearer but itself.
  return Math.max(1, end - first);
}

/** The place of the first of the sorted values for which a condition holds that holds for all after it. */
function firstThat(sorted: Float64Array, holds: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function codesOf(values: Float64Array): Int32Array {
  const places = new Map<number, number>();
  return Int32Array.from(values, (value) => {
    const known = places.get(value);
    if (known !== undefined) return known;
    places.set(value, places.size);
    return places.size - 1;
  });
}

/** The mutual information of two classifications of the same rows, from how often each pair of classes meets. */
function betweenCodes(first: Int32Array, second: Int32Array): number {
  const rows = first.length;
  const counts = (of: (row: number) => number): Map<number, number> => {
    const found = new Map<number, number>();
    for (let row = 0; row < rows; row++) found.set(of(row), (found.get(of(row)) ?? 0) + 1);
    return found;
  };
  const size = second.reduce((most, code) => Math.max(most, code), 0) + 1;
  const ofFirst = counts((row) => first[row] ?? 0);
  const ofSecond = counts((row) => second[row] ?? 0);
  let sum = 0;
  for (const [pair, count] of counts((row) => (first[row] ?? 0) * size + (second[row] ?? 0))) {
    const expected = ((ofFirst.get(Math.floor(pair / size)) ?? 0) * (ofSecond.get(pair % size) ?? 0)) / rows;
    sum += (count / rows) * Math.log(count / expected);
  }
  return sum;
}
