/**
 * @file Where features are cut into bins, found on the rows of a fit. Bin 255 is for missing values; a feature of numbers
 * has at most 254 cuts, a feature of categories a bin for each of the 254 most frequent ones and one for the others.
 */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import type { Turns } from "../../turns.ts";
import type { TrainingMemory } from "./memory.ts";

/** The bin of missing values, for every feature. */
export const missingBin = 255;

/** More rows than these are sampled for cuts. */
const mostRowsForCuts = 2 ** 18;
const mostCategories = 254;
/** A set has a bit for each category up to its largest. */
const mostCategory = 65_535;

/** One feature's bins. */
export interface FeatureBins {
  /** The column of the rows. */
  readonly column: number;
  /** Values below `cuts[b]`, and not below the cut before, are in bin b; empty for categories. */
  readonly cuts: Float32Array;
  /** The category of each bin, ascending; undefined for numbers. */
  readonly categories: Int32Array | undefined;
  /** Bins without that of missing values. */
  readonly binCount: number;
  readonly hasMissing: boolean;
}

/**
 * Checks values and tells which columns have missing ones.
 * @throws {@link InvalidInputError} for values that are infinite as float32
 */
export function missingColumns({ data, columns }: DenseMatrix): Uint8Array {
  const width = columns.length;
  const missing = new Uint8Array(width);
  for (let at = 0; at < data.length; at++) {
    const value = Math.fround(data[at] ?? 0);
    if (value - value === 0) continue;
    const column = at % width;
    if (!Number.isNaN(value))
      throw new InvalidInputError(
        `column "${columns[column]}" holds ${data[at]} in row ${Math.floor(at / width)}: a value must be finite as float32, or NaN where it is missing`,
      );
    missing[column] = 1;
  }
  return missing;
}

/** What is to be cut. */
export interface CutSettings {
  readonly maxBins: number;
  /** Whether each column holds categories. */
  readonly categorical: readonly boolean[];
  readonly weights: Float32Array | undefined;
}

/**
 * Finds the bins of all columns that have more than one, of the first where none has. With more than 262,144 rows, cuts are
 * those of as many rows, one drawn from each stretch of equal length; categories are those of all rows.
 * @throws {@link InvalidInputError} for categories that are no whole numbers from 0
 */
export async function findBins(
  memory: TrainingMemory,
  rows: DenseMatrix,
  { maxBins, categorical, weights }: CutSettings,
  turns: Turns,
): Promise<readonly FeatureBins[]> {
  const missing = missingColumns(rows);
  const sample = sampledRows(rows.rows);
  const cutter = new Cutter(memory, Math.min(maxBins, missingBin), sample, weights);
  const found: FeatureBins[] = [];
  for (let column = 0; column < rows.columns.length; column++) {
    const hasMissing = missing[column] === 1;
    if (categorical[column] === true) found.push(categoriesOf(rows, column, hasMissing));
    else {
      const cuts = cutter.cut(rows, column);
      found.push({ column, cuts, categories: undefined, binCount: cuts.length + 1, hasMissing });
    }
    if (turns.due) await turns.give();
  }
  cutter.release();
  const useful = found.filter(({ binCount, hasMissing }) => binCount > 1 || hasMissing);
  return useful.length > 0 ? useful : found.slice(0, 1);
}

function sampledRows(rows: number): Uint32Array {
  if (rows <= mostRowsForCuts) return Uint32Array.from({ length: rows }, (_, row) => row);
  const random = new Random(rows);
  const stretch = rows / mostRowsForCuts;
  return Uint32Array.from({ length: mostRowsForCuts }, (_, at) =>
    Math.min(rows - 1, Math.floor((at + random.uniform()) * stretch)),
  );
}

/** Finds cuts of columns, one after another, in one place of the memory. */
class Cutter {
  readonly #memory: TrainingMemory;
  readonly #bins: number;
  readonly #sample: Uint32Array;
  readonly #weights: Float32Array | undefined;
  /** Keys, and beside them weights; twice. */
  readonly #keys: number;
  readonly #spare: number;
  readonly #counts: number;
  readonly #cuts: number;
  readonly #bytes: number;

  constructor(memory: TrainingMemory, bins: number, sample: Uint32Array, weights: Float32Array | undefined) {
    this.#memory = memory;
    this.#bins = bins;
    this.#sample = sample;
    this.#weights = weights;
    this.#bytes = 4 * sample.length;
    this.#keys = memory.reserve(2 * this.#bytes);
    this.#spare = memory.reserve(2 * this.#bytes);
    this.#counts = memory.reserve(4 * 3 * 2048);
    this.#cuts = memory.reserve(1024);
  }

  release(): void {
    this.#memory.release(this.#keys);
  }

  cut({ data, columns }: DenseMatrix, column: number): Float32Array {
    const { kernels } = this.#memory;
    const sample = this.#sample;
    const values = this.#memory.float32(this.#keys, 2 * sample.length);
    const weights = this.#weights;
    let count = 0;
    for (let at = 0; at < sample.length; at++) {
      const row = sample[at] ?? 0;
      const value = data[row * columns.length + column] ?? 0;
      if (Number.isNaN(value)) continue;
      values[count] = value;
      if (weights) values[sample.length + count] = weights[row] ?? 0;
      count++;
    }
    if (count === 0) return new Float32Array(0);
    kernels.orderedKeys(this.#keys, count);
    const sorted = weights
      ? kernels.sortKeysWithRows(this.#keys, count, this.#spare, this.#counts, this.#bytes)
      : kernels.sortKeys(this.#keys, count, this.#spare, this.#counts);
    const made = kernels.cutsOf(sorted, count, weights ? sorted + this.#bytes : 0, this.#bins, this.#cuts);
    return this.#memory.float32(this.#cuts, made).slice();
  }
}

function categoriesOf(
  { data, rows, columns }: DenseMatrix,
  column: number,
  hasMissing: boolean,
): FeatureBins {
  const counts = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    const value = data[row * columns.length + column] ?? 0;
    if (Number.isNaN(value)) continue;
    if (!(Number.isInteger(value) && value >= 0 && value <= mostCategory))
      throw new InvalidInputError(
        `column "${columns[column]}" is of categories and holds ${value} in row ${row}: they are whole numbers from 0 to ${mostCategory}`,
      );
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const frequent = [...counts]
    .sort(([a, often], [b, oftener]) => oftener - often || a - b)
    .slice(0, mostCategories);
  const categories = Int32Array.from(frequent, ([category]) => category).sort();
  const binCount = categories.length + (counts.size > mostCategories ? 1 : 0);
  return { column, cuts: new Float32Array(0), categories, binCount, hasMissing };
}
