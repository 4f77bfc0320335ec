import assert from "node:assert/strict";
import * as v from "valibot";
import {
  accuracy,
  bootstrapDifference,
  bootstrapInterval,
  correctedResampledT,
  delongInterval,
  delongTest,
  fiveByTwoF,
  fiveByTwoT,
  mcnemar,
  rocAuc,
  wilcoxon,
  wilsonInterval,
  type Interval,
} from "../../../ml/evaluate/index.ts";
import { bcaProbabilities, quantile } from "../../../ml/evaluate/intervals/bootstrap.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const pair = v.tuple([v.number(), v.number()]);
const reference = readReference(
  "evaluate-comparisons",
  v.object({
    wilson: v.array(v.tuple([v.number(), v.number(), v.number(), v.number(), v.number()])),
    delong: v.array(
      v.object({
        labels: numbers,
        first: numbers,
        second: numbers,
        areas: pair,
        standardError: v.number(),
        interval: pair,
        statistic: v.number(),
        pValue: v.number(),
      }),
    ),
    bootstrap: v.array(
      v.object({
        name: v.string(),
        data: numbers,
        distribution: numbers,
        intervals: v.array(v.tuple([v.picklist(["percentile", "bca"]), v.number(), v.number(), v.number()])),
      }),
    ),
    mcnemar: v.array(
      v.tuple([
        v.tuple([v.number(), v.number(), v.number(), v.number()]),
        v.boolean(),
        v.boolean(),
        v.number(),
        v.number(),
      ]),
    ),
    wilcoxon: v.array(v.object({ differences: numbers, statistic: v.number(), pValue: v.number() })),
    fiveByTwo: v.array(v.object({ differences: v.array(pair), t: pair, f: pair })),
    corrected: v.array(v.tuple([numbers, v.number(), v.number(), v.number(), v.number()])),
  }),
);

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < values.length; row++) sum += values[row] ?? 0;
  return sum / values.length;
}

describe("intervals and tests, against SciPy, statsmodels and mlxtend", () => {
  it("Wilson's interval", () => {
    for (const [successes, trials, confidence, low, high] of reference.wilson) {
      const interval = wilsonInterval(successes, trials, { confidence });
      assertCloseTo([interval.low, interval.high], [low, high], 1e-12, `${successes} of ${trials}`);
    }
  });

  it("DeLong's interval and test, by all pairs", () => {
    for (const { labels, first, second, ...expected } of reference.delong) {
      const interval = delongInterval(labels, first);
      assertCloseTo(
        [interval.estimate, interval.standardError, interval.low, interval.high],
        [expected.areas[0], expected.standardError, ...expected.interval],
        1e-12,
      );
      const test = delongTest(labels, first, second);
      assertCloseTo(
        [...test.areas, test.statistic, test.pValue],
        [...expected.areas, expected.statistic, expected.pValue],
        1e-9,
      );
      assert.equal(test.areas[0], rocAuc(labels, first));
    }
  });

  for (const { name, data, distribution, intervals } of reference.bootstrap) {
    it(`bootstrap of a mean: ${name}`, () => {
      const sorted = Float64Array.from(distribution).sort();
      const left = Float64Array.from(data, (_, row) => mean(data.toSpliced(row, 1)));
      for (const [method, confidence, low, high] of intervals) {
        const tail = (1 - confidence) / 2;
        const [lower, upper] =
          method === "bca" ? bcaProbabilities(mean(data), sorted, [left], tail) : [tail, 1 - tail];
        assertCloseTo([quantile(sorted, lower), quantile(sorted, upper)], [low, high], 1e-9, method);
      }
    });
  }

  it("McNemar's test", () => {
    for (const [[both, first, second, neither], exact, correction, statistic, pValue] of reference.mcnemar) {
      const rows = (...right: readonly number[]): number[] =>
        [both, first, second, neither].flatMap((count, at) =>
          Array.from({ length: count }, () => right[at] ?? 0),
        );
      const truth = rows(1, 1, 1, 1);
      const found = mcnemar(truth, rows(1, 1, 0, 0), rows(1, 0, 1, 0), { exact, correction });
      assertCloseTo([found.statistic, found.pValue], [statistic, pValue], 1e-9);
      assert.deepEqual([found.onlyFirst, found.onlySecond], [first, second]);
    }
  });

  it("Wilcoxon's signed-rank test", () => {
    for (const { differences, statistic, pValue } of reference.wilcoxon) {
      const found = wilcoxon(differences);
      assertCloseTo([found.statistic, found.pValue], [statistic, pValue], 1e-9, `${differences.length}`);
    }
  });

  it("5x2cv t and F, and the corrected resampled t", () => {
    for (const { differences, t, f } of reference.fiveByTwo) {
      const found = [fiveByTwoT(differences), fiveByTwoF(differences)];
      assertCloseTo(
        found.flatMap(({ statistic, pValue }) => [statistic, pValue]),
        [...t, ...f],
        1e-9,
      );
    }
    for (const [differences, trainRows, testRows, statistic, pValue] of reference.corrected) {
      const found = correctedResampledT(differences, { trainRows, testRows });
      assertCloseTo([found.statistic, found.pValue], [statistic, pValue], 1e-9);
    }
  });
});

describe("intervals hold the truth as often as they say", () => {
  const random = new Random(42);
  const trials = 300;

  /** The share of intervals that hold the truth is within four standard errors of the confidence, and `slack`. */
  async function assertCoverage(
    truth: number,
    draw: () => Interval | Promise<Interval>,
    slack = 0,
  ): Promise<void> {
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { low, high } = await draw();
      if (low <= truth && truth <= high) held += 1;
    }
    const error = Math.sqrt((0.95 * 0.05) / trials);
    const share = held / trials;
    assert.ok(Math.abs(share - 0.95) <= 4 * error + slack, `${(100 * share).toFixed(1)} % of ${trials}`);
  }

  it("Wilson's, of a share of 0.3", async () => {
    await assertCoverage(0.3, () => {
      let successes = 0;
      for (let row = 0; row < 60; row++) successes += random.uniform() < 0.3 ? 1 : 0;
      return wilsonInterval(successes, 60);
    });
  });

  it("DeLong's, of normal scores a deviation apart", async () => {
    // The area is that of the normal distribution below 1 / √2.
    await assertCoverage(0.760_249_938_906_524, () => {
      const labels = Uint8Array.from({ length: 160 }, (_, row) => row % 2);
      return delongInterval(
        labels,
        Float64Array.from(labels, (label) => label + random.normal()),
      );
    });
  });

  for (const method of ["percentile", "bca"] as const) {
    it(`the bootstrap's (${method}), of a mean of 60`, async () => {
      await assertCoverage(
        1,
        async () => {
          // Exponential: skewed, of mean 1.
          const values = Float64Array.from({ length: 60 }, () => -Math.log(1 - random.uniform()));
          return await bootstrapInterval([values], mean, { method, resamples: 250, seed: random.uint32() });
        },
        // Known of skewed samples of this size: Efron and Tibshirani, chapter 14.
        0.02,
      );
    });
  }
});

describe("intervals and tests", () => {
  const random = new Random(9);
  const labels = Uint8Array.from({ length: 300 }, (_, row) => (row % 6 === 0 ? 1 : 0));
  const good = Float64Array.from(labels, (label) => 2 * label + random.normal());
  const poor = Float64Array.from(labels, (label) => 0.5 * label + random.normal());

  it("the same seed draws the same rows; strata keep their sizes", async () => {
    const sizes = new Set<number>();
    const draw = async (seed: number): Promise<Interval> =>
      await bootstrapInterval(
        [labels, good],
        (drawn, scores) => {
          if (drawn.length === 300) sizes.add(drawn.reduce((sum, label) => sum + label, 0));
          return rocAuc(drawn, scores);
        },
        { strata: labels, resamples: 200, seed },
      );
    const first = await draw(1);
    assert.deepEqual(await draw(1), first);
    assert.notDeepEqual(await draw(2), first);
    assert.deepEqual([...sizes], [50]);
    const { low, high } = delongInterval(labels, good);
    assertCloseTo([first.low, first.high], [low, high], 0.02);
  });

  it("draws lists of texts", async () => {
    const truth = Array.from({ length: 50 }, (_, row) => (row % 3 === 0 ? "yes" : "no"));
    const said = truth.map((value, row) => (row % 5 === 0 ? "no" : value));
    const interval = await bootstrapInterval([truth, said], (a, b) => accuracy(a, b), { resamples: 200 });
    assert.ok(interval.low < 0.92 && interval.high > 0.92 && interval.high <= 1, JSON.stringify(interval));
  });

  it("tells a difference from chance", async () => {
    const difference = async (a: Float64Array, b: Float64Array): Promise<number> => {
      const options = { resamples: 300, strata: labels, method: "percentile" } as const;
      const { pValue, low, high } = await bootstrapDifference(
        [labels, a, b],
        (drawn, x, y) => rocAuc(drawn, x) - rocAuc(drawn, y),
        options,
      );
      assert.ok(low <= high);
      return pValue;
    };
    assert.ok((await difference(good, poor)) < 0.01);
    assert.ok(
      (await difference(
        good,
        good.map((score) => score + 1e-9),
      )) > 0.9,
    );
    assert.ok(delongTest(labels, good, poor).pValue < 1e-3);
    assert.equal(delongTest(labels, good, good).pValue, 1);
  });

  it("finds no difference where there is none", () => {
    assert.equal(mcnemar([1, 0], [1, 0], [1, 0]).pValue, 1);
    assert.equal(wilcoxon([0, 0]).pValue, 1);
    assert.equal(correctedResampledT([0, 0, 0], { trainRows: 9, testRows: 1 }).pValue, 1);
    const none = Array.from({ length: 5 }, () => [0, 0] as const);
    assert.deepEqual([fiveByTwoT(none).pValue, fiveByTwoF(none).pValue], [1, 1]);
  });

  it("ends where it is told to", async () => {
    const controller = new AbortController();
    const running = bootstrapInterval([labels, good], rocAuc, { resamples: 1e7, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await assert.rejects(running, /enough/);
  });

  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no trials", () => wilsonInterval(0, 0), /trials/],
    ["more successes than trials", () => wilsonInterval(3, 2), /successes/],
    ["a confidence of 95", () => wilsonInterval(1, 2, { confidence: 95 }), /confidence/],
    ["one positive", () => delongInterval([1, 0, 0], [1, 2, 3]), /1 positives and 2 negatives/],
    ["one class", () => delongTest([1, 1], [1, 2], [1, 2]), /both classes/],
    ["no rows of a test", () => mcnemar([], [], []), /no rows/],
    ["unequal lengths", () => mcnemar([1], [1, 0], [1]), /must be equal/],
    ["NaN differences", () => wilcoxon([1, Number.NaN]), /difference 1 is NaN/],
    ["no differences", () => wilcoxon([]), /no differences/],
    ["four halvings", () => fiveByTwoT([]), /5 pairs/],
    ["one split", () => correctedResampledT([1], { trainRows: 9, testRows: 1 }), /at least 2/],
  ];
  for (const [name, test, message] of invalid) {
    it(`refuses ${name}`, () => {
      assert.throws(test, (error) => error instanceof InvalidInputError && message.test(error.message));
    });
  }

  it("refuses what can't be drawn", async () => {
    const cases: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
      [async () => bootstrapInterval([[]], () => 1), /no rows/],
      [async () => bootstrapInterval([[1, 2], [1]], () => 1), /array 1 has 1 rows/],
      [async () => bootstrapInterval([[1, 2]], () => Number.NaN), /statistic of some rows is NaN/],
      [async () => bootstrapInterval([labels.subarray(0, 8), good.subarray(0, 8)], rocAuc), /both classes/],
    ];
    for (const [run, message] of cases)
      await assert.rejects(run, (error) => error instanceof InvalidInputError && message.test(error.message));
  });
});
