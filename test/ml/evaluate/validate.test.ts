import assert from "node:assert/strict";
import * as v from "valibot";
import {
  crossValidate,
  groupKFold,
  kFold,
  learningCurve,
  logLoss,
  meanAbsoluteError,
  nestedCrossValidate,
  outOfFoldPredictions,
  outOfFoldProbabilities,
  purgedKFold,
  regressionScorers,
  scoreSplits,
  shuffleSplit,
  stratifiedKFold,
  validationCurve,
  type CrossValidation,
  type CurvePoint,
} from "../../../ml/evaluate/index.ts";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";
import { SmallBayes, SmallRidge } from "./small-estimators.ts";

const numbers = v.array(v.number());
const scores = v.record(v.string(), v.object({ test: numbers, train: numbers }));
const curve = { train: v.array(numbers), test: v.array(numbers) };
const reference = readReference(
  "evaluate-validation",
  v.object({
    rows: numbers,
    numbers,
    two: numbers,
    three: numbers,
    regression: scores,
    binary: scores,
    several: scores,
    learning: v.object({ sizes: numbers, ...curve }),
    validation: v.object({ alphas: numbers, ...curve }),
  }),
);
const matrix: DenseMatrix = { data: Float64Array.from(reference.rows), rows: 72, columns: ["a", "b", "c"] };

function assertScores(found: CrossValidation, expected: v.InferOutput<typeof scores>): void {
  assert.deepEqual([...found.names].sort(), Object.keys(expected).sort());
  for (const [name, { test, train }] of Object.entries(expected)) {
    assertCloseTo(found.scores(name), test, 1e-9, `${name}, test`);
    assertCloseTo(
      found.folds.map(({ trainScores }) => trainScores?.[name] ?? Number.NaN),
      train,
      1e-9,
      `${name}, train`,
    );
  }
}

describe("cross-validation, against scikit-learn", () => {
  const returnTrainScore = true;

  it("of a regressor", async () => {
    const found = await crossValidate(new SmallRidge({ alpha: 0.5 }), matrix, reference.numbers, {
      metrics: [
        "r2",
        "meanAbsoluteError",
        "rootMeanSquaredError",
        "maxError",
        "explainedVariance",
        "medianAbsoluteError",
      ],
      returnTrainScore,
    });
    assertScores(found, reference.regression);
  });

  it("of a classifier of two classes", async () => {
    const found = await crossValidate(new SmallBayes(), matrix, reference.two, {
      metrics: [
        "accuracy",
        "balancedAccuracy",
        "precision",
        "recall",
        "f1",
        "rocAuc",
        "averagePrecision",
        "logLoss",
        "brierScore",
        "matthewsCorrelation",
      ],
      returnTrainScore,
    });
    assertScores(found, reference.binary);
  });

  it("of a classifier of three classes", async () => {
    const names = ["low", "middle", "upper"];
    const target = reference.three.map((code) => names[code] ?? "");
    const found = await crossValidate(new SmallBayes(), matrix, target, {
      metrics: ["accuracy", "precisionMacro", "recallMacro", "f1Macro", "f1Weighted", "rocAuc", "logLoss"],
      returnTrainScore,
    });
    assertScores(found, reference.several);
  });

  it("learning and validation curves", async () => {
    const split = kFold({ splits: 4 });
    const learnt = await learningCurve(new SmallRidge(), matrix, reference.numbers, { split });
    assert.deepEqual(
      learnt.map(({ value }) => value),
      reference.learning.sizes,
    );
    assertCurve(learnt, reference.learning);
    const { alphas } = reference.validation;
    const judged = await validationCurve(new SmallRidge(), "alpha", alphas, matrix, reference.numbers, {
      split,
    });
    assertCurve(judged, reference.validation);
  });

  function assertCurve(
    points: readonly CurvePoint<unknown>[],
    expected: { train: number[][]; test: number[][] },
  ): void {
    assertCloseTo(
      points.flatMap(({ trainScores }) => trainScores),
      expected.train.flat(),
      1e-9,
    );
    assertCloseTo(
      points.flatMap(({ testScores }) => testScores),
      expected.test.flat(),
      1e-9,
    );
  }
});

describe("cross-validation", () => {
  it("takes measures of one's own, weights and groups", async () => {
    const weights = Float64Array.from(reference.two, (label) => 1 + label);
    const groups = reference.two.map((_, row) => row % 9);
    const found = await crossValidate(new SmallBayes(), matrix, reference.two, {
      split: groupKFold({ splits: 3 }),
      metrics: { share: ({ truth, weights = new Float64Array(0) }) => truth.length + weights.length },
      groups,
      weights,
    });
    assert.deepEqual(found.scores("share"), [48, 48, 48]);
    for (const { train, test } of found.folds) {
      const tested = new Set(Array.from(test, (row) => groups[row]));
      assert.ok(train.every((row) => !tested.has(groups[row])));
    }
  });

  it("gives a class that training rows lack the probability 0", async () => {
    const target = reference.two.map((label, row) => (row === 0 ? 2 : label));
    const found = await crossValidate(new SmallBayes(), matrix, target, {
      split: kFold({ splits: 6 }),
      metrics: ["logLoss", "accuracy"],
    });
    // The row of the unknown class costs -log of the smallest number.
    assert.ok((found.scores("logLoss")[0] ?? 0) > 36 / 12);
    assert.ok((found.scores("accuracy")[0] ?? 1) < 1);
  });

  it("fits anything that learns from rows and predicts others", async () => {
    const truth = Float64Array.from(reference.numbers);
    const found = await scoreSplits(
      async (train) => {
        const mean = train.reduce((sum, row) => sum + (truth[row] ?? 0), 0) / train.length;
        return async (rows) => new Float64Array(rows.length).fill(mean);
      },
      kFold().split({ rows: truth.length }),
      regressionScorers(truth, {
        error: ({ truth, predicted }) => meanAbsoluteError(truth, predicted),
      }),
    );
    assert.equal(found.folds.length, 5);
    assert.ok(found.mean("error") > 1.5 && found.std("error") > 0);
    const bundle = Object(found)[Symbol.for("Jupyter.display")]();
    assert.match(bundle["text/plain"], /5 splits.*\nerror \d/);
    assert.match(bundle["text/html"], /<th[^>]*>error<\/th>/);
  });

  it("gives what was predicted of each row by a fit that didn't see it", async () => {
    const split = kFold({ splits: 4, shuffle: true, seed: 2 });
    const classes = await crossValidate(new SmallBayes(), matrix, reference.two, {
      split,
      metrics: ["logLoss"],
    });
    const probabilities = outOfFoldProbabilities(classes, 1);
    // Parts of equal size: the mean of their losses is that of all rows.
    assertCloseTo([logLoss(reference.two, probabilities)], [classes.mean("logLoss")], 1e-12);
    const found = await crossValidate(new SmallRidge(), matrix, reference.numbers, {
      split,
      metrics: ["meanAbsoluteError"],
    });
    const error = meanAbsoluteError(reference.numbers, outOfFoldPredictions(found));
    assertCloseTo([error], [found.mean("meanAbsoluteError")], 1e-12);
    const random = await crossValidate(new SmallRidge(), matrix, reference.numbers, {
      split: shuffleSplit(),
    });
    assert.throws(() => outOfFoldPredictions(random), /row \d+ was (never tested|tested twice)/);
    // Each row is tested once, and no split has all rows.
    const starts = Float64Array.from({ length: matrix.rows }, (_, row) => row);
    const purged = await crossValidate(new SmallRidge(), matrix, reference.numbers, {
      split: purgedKFold({ splits: 4 }),
      spans: { starts, ends: starts.map((start) => start + 3) },
    });
    assert.equal(outOfFoldPredictions(purged).length, matrix.rows);
  });

  it("nests: chooses on inner splits, judges on outer ones", async () => {
    const candidates = [100, 0.1, 30].map((alpha) => new SmallRidge({ alpha }));
    const metric = "rootMeanSquaredError";
    const found = await nestedCrossValidate(candidates, matrix, reference.numbers, { metric });
    assert.deepEqual(
      found.folds.map(({ chosen }) => chosen),
      [1, 1, 1, 1, 1],
    );
    const plain = await crossValidate(new SmallRidge({ alpha: 0.1 }), matrix, reference.numbers, {
      metrics: [metric],
    });
    assert.ok(
      Math.abs(found.mean - plain.mean(metric)) < 1e-12,
      "the outer splits are those of the plain one",
    );
    for (const { innerMeans } of found.folds) assert.equal(Math.min(...innerMeans), innerMeans[1]);
  });

  it("stops where it is told to", async () => {
    const controller = new AbortController();
    let fits = 0;
    const running = scoreSplits(
      async () => {
        fits += 1;
        if (fits === 2) controller.abort(new Error("enough"));
        await new Promise((resolve) => void setTimeout(resolve, 40));
        return async (rows) => rows;
      },
      kFold().split({ rows: 50 }),
      { one: () => 1 },
      { signal: controller.signal },
    );
    await assert.rejects(running, /enough/);
    assert.equal(fits, 2);
  });

  const invalid: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    [
      "unequal lengths",
      async () => crossValidate(new SmallRidge(), matrix, [1, 2]),
      /2 rows and the matrix has 72/,
    ],
    [
      "one class in a test part",
      async () =>
        crossValidate(
          new SmallBayes(),
          matrix,
          reference.two.toSorted((a, b) => a - b),
          {
            split: kFold(),
            metrics: ["rocAuc"],
          },
        ),
      /in split 0: .*both classes/,
    ],
    [
      "one class",
      async () => crossValidate(new SmallBayes(), matrix, new Uint8Array(72), { split: kFold() }),
      /in split 0: .*at least 2/,
    ],
    [
      "NaN targets",
      async () => crossValidate(new SmallRidge(), matrix, new Float64Array(72).fill(Number.NaN)),
      /in split 0: the target of row 0 is NaN/,
    ],
    [
      "texts for numbers",
      async () => crossValidate(new SmallRidge(), matrix, Object(Array.from({ length: 72 }, () => "a"))),
      /"a", where a number is needed/,
    ],
    [
      "unknown metrics",
      async () =>
        // @ts-expect-error: the compiler knows the names too
        await crossValidate(new SmallRidge(), matrix, reference.numbers, { metrics: ["accuracy"] }),
      /no metric "accuracy" .*there are r2/,
    ],
    [
      "negative weights",
      async () =>
        crossValidate(new SmallRidge(), matrix, reference.numbers, {
          weights: new Float64Array(72).fill(-1),
        }),
      /weight of row 0/,
    ],
    ["no candidates", async () => nestedCrossValidate([], matrix, reference.two), /no candidates/],
    [
      "no values",
      async () => validationCurve(new SmallRidge(), "alpha", [], matrix, reference.numbers),
      /no values/,
    ],
    [
      "too many training rows",
      async () => learningCurve(new SmallRidge(), matrix, reference.numbers, { trainSizes: [60] }),
      /trainSizes 60/,
    ],
    [
      "two rows",
      async () =>
        crossValidate(new SmallBayes(), { ...matrix, data: matrix.data.slice(0, 6), rows: 2 }, [0, 1], {
          split: stratifiedKFold(),
        }),
      /2 rows can't be split into 5/,
    ],
  ];
  for (const [name, run, message] of invalid) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(run, (error) => error instanceof InvalidInputError && message.test(error.message));
    });
  }
});
