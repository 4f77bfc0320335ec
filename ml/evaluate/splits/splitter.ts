/**
 * @file What splits rows into training and test rows: pure generators of row numbers, which know nothing of models. Row
 * numbers ascend within each part unless the method shuffles.
 */
import { InvalidInputError } from "../../errors.ts";
import { requireCount } from "../../settings.ts";
import { Random } from "../../random.ts";
import type { ClassTarget } from "../../target.ts";

/** Row numbers to learn from and row numbers to judge by. */
export interface Split {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

/** The rows that are to be split, and what some methods must know of each. */
export interface RowsToSplit {
  /** How many rows there are. */
  readonly rows: number;
  /** The classes, where they are to be spread evenly. */
  readonly target?: ClassTarget;
  /** A group for each row, where no group may be torn apart. */
  readonly groups?: ClassTarget;
  /** The time that each row's target depends on, where it reaches past the row's own. */
  readonly spans?: Spans;
}

/** From when to when each row's target was decided; rows stand by rising start. */
export interface Spans {
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
}

/** A way to split rows. */
export interface Splitter {
  /** The method. */
  readonly kind: string;
  /**
   * One split after another.
   * @throws {@link InvalidInputError} where there are too few rows, groups or classes, or something needed is absent
   */
  split(rows: RowsToSplit): Generator<Split, void, undefined>;
}

/** Settings of a method that makes parts. */
export interface FoldOptions {
  /** How many parts, each of which is the test rows once; 5 where absent. */
  readonly splits?: number;
  /** Whether rows are shuffled first; no where absent. */
  readonly shuffle?: boolean;
  /** Of the shuffle; 0 where absent. */
  readonly seed?: number;
}

/** The number of parts, checked. */
export function checkedSplits(splits: number): number {
  requireCount("splits", splits);
  if (splits < 2) throw new InvalidInputError("splits must be at least 2: one part is no comparison");
  return splits;
}

/** The numbers from 0 up. */
export function rowNumbers(rows: number): Uint32Array {
  const numbers = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) numbers[row] = row;
  return numbers;
}

/** The numbers from 0 up in random order. */
export function shuffledNumbers(rows: number, random: Random): Uint32Array {
  const numbers = rowNumbers(rows);
  random.shuffle(numbers);
  return numbers;
}

/** The split for each fold, of the fold in which each row is tested. */
export function* splitsOfFolds(folds: ArrayLike<number>, count: number): Generator<Split, void, undefined> {
  const sizes = new Uint32Array(count);
  for (let row = 0; row < folds.length; row++) {
    const fold = folds[row] ?? 0;
    sizes[fold] = (sizes[fold] ?? 0) + 1;
  }
  for (let fold = 0; fold < count; fold++) {
    const test = new Uint32Array(sizes[fold] ?? 0);
    const train = new Uint32Array(folds.length - test.length);
    let tested = 0;
    for (let row = 0; row < folds.length; row++) {
      if (folds[row] === fold) test[tested++] = row;
      else train[row - tested] = row;
    }
    yield { train, test };
  }
}

/** How many rows the first `position` of `parts` nearly equal parts hold; larger parts come first. */
export function partStart(rows: number, parts: number, position: number): number {
  return position * Math.floor(rows / parts) + Math.min(position, rows % parts);
}
