/** @file Splits at random, each independent of the others: a row may be tested several times, or never. */
import { InvalidInputError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { requireCount } from "../../settings.ts";
import { codesOf } from "../codes.ts";
import { shuffledNumbers, type Splitter } from "./splitter.ts";

/** Settings of random splits. */
export interface ShuffleOptions {
  /** How many splits; 10 where absent. */
  readonly splits?: number;
  /** Test rows: a share below 1 or a number of rows; 0.1, or what `trainSize` leaves, where absent. */
  readonly testSize?: number;
  /** Training rows, likewise; all others where absent. */
  readonly trainSize?: number;
  /** 0 where absent. */
  readonly seed?: number;
}

/** Random test rows and random training rows. As scikit-learn's `ShuffleSplit`. */
export function shuffleSplit({ splits = 10, seed = 0, ...sizes }: ShuffleOptions = {}): Splitter {
  requireCount("splits", splits);
  return {
    kind: "shuffleSplit",
    *split({ rows }) {
      const { train, test } = rowsOf(sizes, rows);
      const random = new Random(seed);
      for (let split = 0; split < splits; split++) {
        const order = shuffledNumbers(rows, random);
        yield { test: order.slice(0, test), train: order.slice(test, test + train) };
      }
    },
  };
}

/**
 * Random test rows and training rows in which the classes have the proportions of the whole, as nearly as whole rows allow.
 * As scikit-learn's `StratifiedShuffleSplit`.
 */
export function stratifiedShuffleSplit({ splits = 10, seed = 0, ...sizes }: ShuffleOptions = {}): Splitter {
  requireCount("splits", splits);
  return {
    kind: "stratifiedShuffleSplit",
    *split({ rows, target }) {
      const { codes, counts } = codesOf("classes", target, rows);
      const { train, test } = rowsOf(sizes, rows);
      const single = counts.findIndex((count) => count < 2);
      if (single >= 0)
        throw new InvalidInputError(
          `class number ${single} has one row, which can't be in both parts: at least 2 are needed`,
        );
      if (Math.min(train, test) < counts.length)
        throw new InvalidInputError(
          `${train} training rows and ${test} test rows can't both have all ${counts.length} classes`,
        );
      const random = new Random(seed);
      for (let split = 0; split < splits; split++) {
        const trained = proportions(counts, train, random);
        const left = counts.map((count, code) => count - (trained[code] ?? 0));
        const tested = proportions(left, test, random);
        const order = shuffledNumbers(rows, random);
        yield {
          train: taken(order, codes, trained),
          test: taken(order.toReversed(), codes, tested),
        };
      }
    },
  };
}

/** The first rows in an order of which each class has a given number. */
function taken(order: Uint32Array, codes: Uint32Array, counts: Uint32Array): Uint32Array {
  const left = counts.slice();
  return order.filter((row) => {
    const code = codes[row] ?? 0;
    const more = left[code] ?? 0;
    if (more > 0) left[code] = more - 1;
    return more > 0;
  });
}

/** How many of `total` rows each class gets: the whole part of its share, the rest by the largest fraction, ties at random. */
function proportions(counts: Uint32Array, total: number, random: Random): Uint32Array {
  const sum = counts.reduce((all, count) => all + count, 0);
  const shares = Array.from(counts, (count) => (count / sum) * total);
  const whole = Uint32Array.from(shares, Math.floor);
  let missing = total - whole.reduce((all, count) => all + count, 0);
  const order = shuffledNumbers(counts.length, random);
  order.sort((a, b) => (shares[b] ?? 0) - (whole[b] ?? 0) - ((shares[a] ?? 0) - (whole[a] ?? 0)));
  for (const code of order) {
    if (missing === 0) break;
    if ((whole[code] ?? 0) >= (counts[code] ?? 0)) continue;
    whole[code] = (whole[code] ?? 0) + 1;
    missing -= 1;
  }
  return whole;
}

/** Training and test rows in numbers: a share of test rows is rounded up, one of training rows down. */
function rowsOf(
  { testSize, trainSize }: Pick<ShuffleOptions, "testSize" | "trainSize">,
  rows: number,
): { readonly train: number; readonly test: number } {
  const given = { testSize: testSize ?? (trainSize === undefined ? 0.1 : undefined), trainSize };
  for (const [name, size] of Object.entries(given)) {
    if (size !== undefined && !(size > 0 && (size < 1 || (Number.isInteger(size) && size < rows))))
      throw new InvalidInputError(
        `${name} must be a share between 0 and 1 or a whole number below the ${rows} rows, not ${size}`,
      );
  }
  const test = given.testSize === undefined ? undefined : inRows(given.testSize, rows, Math.ceil);
  const train = trainSize === undefined ? undefined : inRows(trainSize, rows, Math.floor);
  const sizes = { test: test ?? rows - (train ?? 0), train: train ?? rows - (test ?? 0) };
  if (sizes.train < 1 || sizes.test < 1 || sizes.train + sizes.test > rows)
    throw new InvalidInputError(
      `${rows} rows can't be split into ${sizes.train} training rows and ${sizes.test} test rows`,
    );
  return sizes;
}

function inRows(size: number, rows: number, round: (value: number) => number): number {
  return size < 1 ? round(size * rows) : size;
}
