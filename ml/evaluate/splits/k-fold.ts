/** @file Splits that look at nothing but how many rows there are. Definitions follow scikit-learn's. */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import {
  checkedSplits,
  partStart,
  rowNumbers,
  shuffledNumbers,
  splitsOfFolds,
  type FoldOptions,
  type Split,
  type Splitter,
} from "./splitter.ts";

/**
 * Parts of equal size (the first ones one row larger where it doesn't come out even): neighbouring rows, or random ones
 * with `shuffle`. As scikit-learn's `KFold`.
 */
export function kFold({ splits = 5, shuffle = false, seed = 0 }: FoldOptions = {}): Splitter {
  checkedSplits(splits);
  return {
    kind: "kFold",
    *split({ rows }) {
      requireRows(rows, splits);
      const order = shuffle ? shuffledNumbers(rows, new Random(seed)) : rowNumbers(rows);
      const folds = new Uint32Array(rows);
      for (let fold = 0; fold < splits; fold++) {
        for (const row of order.subarray(partStart(rows, splits, fold), partStart(rows, splits, fold + 1)))
          folds[row] = fold;
      }
      yield* splitsOfFolds(folds, splits);
    },
  };
}

/** Each row once as the only test row: as many splits as rows. As scikit-learn's `LeaveOneOut`. */
export function leaveOneOut(): Splitter {
  return {
    kind: "leaveOneOut",
    *split({ rows }) {
      requireRows(rows, 2);
      for (let row = 0; row < rows; row++) {
        const train = new Uint32Array(rows - 1);
        for (let at = 0; at < rows - 1; at++) train[at] = at < row ? at : at + 1;
        yield { train, test: Uint32Array.of(row) };
      }
    },
  };
}

/** Settings of {@link timeSeriesSplit}. */
export interface TimeSeriesOptions {
  /** How many splits; 5 where absent. */
  readonly splits?: number;
  /** The most recent rows that are learnt from; all where absent. */
  readonly maxTrainSize?: number;
  /** Rows in each test part; rows / (splits + 1) where absent. */
  readonly testSize?: number;
  /** Rows left out between training and test; 0 where absent. */
  readonly gap?: number;
}

/**
 * Training on the past, test on what follows: rows stand in the order of time, test parts follow one another up to the
 * last row. As scikit-learn's `TimeSeriesSplit`.
 */
export function timeSeriesSplit({
  splits = 5,
  maxTrainSize = Number.POSITIVE_INFINITY,
  testSize,
  gap = 0,
}: TimeSeriesOptions = {}): Splitter {
  checkedSplits(splits);
  return {
    kind: "timeSeriesSplit",
    *split({ rows }) {
      const size = testSize ?? Math.floor(rows / (splits + 1));
      if (size < 1 || rows - gap - size * splits <= 0)
        throw new InvalidInputError(
          `${splits} test parts of ${Math.max(1, size)} rows and a gap of ${gap} leave nothing of ${rows} rows to learn from`,
        );
      const numbers = rowNumbers(rows);
      for (let start = rows - splits * size; start < rows; start += size) {
        const end = start - gap;
        const train = numbers.slice(Math.max(0, end - maxTrainSize), end);
        yield { train, test: numbers.slice(start, start + size) };
      }
    },
  };
}

/**
 * A way to split, repeated: `make(seed)` is called with as many seeds as there are repetitions.
 * @example repeated(10, (seed) => stratifiedKFold({ splits: 5, shuffle: true, seed }))
 */
export function repeated(repeats: number, make: (seed: number) => Splitter, seed = 0): Splitter {
  if (!Number.isInteger(repeats) || repeats < 1)
    throw new InvalidInputError(`repeats must be a whole number from 1 up, not ${repeats}`);
  const seeds = new Random(seed);
  const splitters = Array.from({ length: repeats }, () => make(seeds.uint32()));
  return {
    kind: "repeated",
    *split(rows): Generator<Split, void, undefined> {
      for (const splitter of splitters) yield* splitter.split(rows);
    },
  };
}

/** Throws {@link InvalidInputError} unless there are at least so many rows. */
export function requireRows(rows: number, least: number): void {
  if (rows < least)
    throw new InvalidInputError(`${rows} rows can't be split into ${least} parts: there are too few`);
}
