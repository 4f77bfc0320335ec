import assert from "node:assert/strict";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import * as evaluate from "../../../ml/evaluate/index.ts";

const infinite = Number.POSITIVE_INFINITY;
const points = (...data: readonly number[]): DenseMatrix => ({
  data: Float64Array.from(data),
  rows: data.length,
  columns: ["x"],
});

const invalid: Readonly<Record<string, readonly (readonly [string, () => unknown, RegExp])[]>> = {
  classes: [
    ["no rows", () => evaluate.accuracy([], []), /no rows/],
    ["unequal lengths", () => evaluate.f1Score([1], [1, 0]), /1 true classes and 2 predicted/],
    ["a NaN class", () => evaluate.confusionMatrix([NaN, 1], [1, 1]), /true class of row 0 is NaN/],
    ["a missing class", () => evaluate.accuracy([1], Object([undefined])), /predicted class of row 0/],
    ["three classes as two", () => evaluate.precision([1, 2, 3], [1, 2, 3]), /3 classes: say with `average`/],
    ["an unknown positive class", () => evaluate.recall(["a", "b"], ["a", "b"]), /say with `positive`/],
    ["a negative beta", () => evaluate.fBetaScore([1], [1], -1), /beta/],
    ["kappa of one class", () => evaluate.cohenKappa([1, 1], [1, 1]), /at least 2 classes/],
    [
      "negative weights",
      () => evaluate.accuracy([1, 1], [1, 1], { weights: [1, -1] }),
      /weight of row 1 is -1/,
    ],
    ["weights of zero", () => evaluate.accuracy([1, 1], [1, 1], { weights: [0, 0] }), /all weights are 0/],
    ["few weights", () => evaluate.rocAuc([0, 1], [1, 2], { weights: [1] }), /1 weights and 2 rows/],
    [
      "infinite weights",
      () => evaluate.logLoss([0, 1], [0, 1], { weights: [1, infinite] }),
      /weight of row 1/,
    ],
  ],
  probabilities: [
    ["no positives", () => evaluate.averagePrecision([0, 0], [1, 2]), /no row is positive/],
    ["one class of errors", () => evaluate.detCurve([1, 1], [1, 2]), /both classes/],
    ["NaN scores", () => evaluate.liftCurve([0, 1], [NaN, 2]), /score of row 0 is NaN/],
    ["too few columns", () => evaluate.multiclassLogLoss([0, 1, 2], [0.5, 0.5]), /need 9 numbers, not 2/],
    ["one class of several", () => evaluate.multiclassLogLoss([1, 1], [1, 1]), /1 classes/],
    ["unknown classes", () => evaluate.topKAccuracy([0, 7], [1, 0, 0, 1], { classes: [0, 1] }), /row 1 is 7/],
    ["sums other than 1", () => evaluate.multiclassBrierScore([0, 1], [0.9, 0.2, 0, 1]), /row 0 sum to 1\.1/],
    ["negative probabilities", () => evaluate.multiclassLogLoss([0, 1], [1.5, -0.5, 0, 1]), /row 0 is 1\.5/],
    [
      "NaN probabilities",
      () => evaluate.multiclassLogLoss([0, 1], [NaN, 1, 0, 1]),
      /row 0 has a NaN for class 0/,
    ],
    [
      "an absent class",
      () => evaluate.multiclassRocAuc([0, 1], [1, 0, 0, 0, 1, 0], { classes: [0, 1, 2] }),
      /no row is of class 2/,
    ],
    [
      "weights of pairs",
      () => evaluate.multiclassRocAuc([0, 1], [1, 0, 0, 1], { multiClass: "ovo", weights: [1, 1] }),
      /take no weights/,
    ],
    ["a k of 0", () => evaluate.topKAccuracy([0, 1], [1, 0, 0, 1], { k: 0 }), /k must be/],
  ],
  numbers: [
    ["no rows", () => evaluate.r2Score([], []), /no rows/],
    ["one row", () => evaluate.r2Score([1], [1]), /at least 2/],
    ["unequal lengths", () => evaluate.meanAbsoluteError([1], [1, 2]), /1 true numbers and 2 predicted/],
    ["NaN targets", () => evaluate.meanSquaredError([NaN], [1]), /true number of row 0 is NaN/],
    [
      "infinite predictions",
      () => evaluate.maxError([1, 1], [1, infinite]),
      /predicted number of row 1 is Infinity/,
    ],
    ["logarithms of -2", () => evaluate.meanSquaredLogError([1, -2], [1, 1]), /row 1 is -2/],
    ["negative counts", () => evaluate.meanPoissonDeviance([1, -1], [1, 1]), /from 0 up/],
    ["sizes of 0", () => evaluate.meanGammaDeviance([1, 0], [1, 1]), /above 0/],
    ["means of 0", () => evaluate.meanPoissonDeviance([1, 1], [1, 0]), /predicted number of row 1/],
    ["a power of a half", () => evaluate.meanTweedieDeviance([1], [1], { power: 0.5 }), /no Tweedie/],
    ["a quantile of 2", () => evaluate.meanPinballLoss([1], [1], { alpha: 2 }), /alpha/],
    ["deviations of 0", () => evaluate.crpsNormal([1], { means: [1], deviations: [0] }), /above 0/],
    ["uneven samples", () => evaluate.crpsEnsemble([1, 2], [1, 2, 3]), /not equally many/],
    [
      "reversed intervals",
      () => evaluate.intervalCoverage([1], { low: [2], high: [1] }),
      /row 0 is from 2 to 1/,
    ],
  ],
  rankings: [
    ["no rows", () => evaluate.ndcg([], []), /no rows/],
    ["unequal lengths", () => evaluate.ndcg([1], []), /1 relevances and 0 scores/],
    ["negative relevances", () => evaluate.ndcg([-1, 1], [1, 2]), /row 0 is -1/],
    ["NaN scores", () => evaluate.dcg([1, 1], [1, NaN]), /score of row 1 is NaN/],
    ["grades for hits", () => evaluate.hitRate([2, 1], [1, 2], { k: 1 }), /neither 0 nor 1/],
    ["a k of 0", () => evaluate.precisionAtK([1, 0], [1, 2], { k: 0 }), /k must be/],
    [
      "few queries",
      () => evaluate.meanReciprocalRank([1, 0], [1, 2], { queries: [1] }),
      /1 queries and 2 rows/,
    ],
    ["a base of 1", () => evaluate.dcg([1], [1], { logBase: 1 }), /logBase/],
  ],
  clusters: [
    ["no rows", () => evaluate.adjustedRand([], []), /no rows/],
    ["unequal lengths", () => evaluate.fowlkesMallows([1], [1, 2]), /2 clusters and 1 rows/],
    ["one cluster", () => evaluate.daviesBouldin(points(1, 2, 3), [0, 0, 0]), /1 clusters of 3 rows/],
    ["a cluster a row", () => evaluate.calinskiHarabasz(points(1, 2, 3), [0, 1, 2]), /3 clusters of 3 rows/],
    ["NaN", () => evaluate.daviesBouldin(points(1, NaN, 3), [0, 1, 1]), /row 1/],
    ["few clusters", () => evaluate.calinskiHarabasz(points(1, 2, 3), [0, 1]), /2 clusters and 3 rows/],
  ],
};

for (const [what, cases] of Object.entries(invalid)) {
  describe(`measures of ${what} refuse`, () => {
    for (const [name, measure, message] of cases) {
      it(name, () => {
        assert.throws(measure, (error) => error instanceof InvalidInputError && message.test(error.message));
      });
    }
  });
}

describe("measures", () => {
  it("take typed arrays, lists and booleans alike", () => {
    const [truth, said] = [
      [true, false, true, true],
      [true, true, false, true],
    ] as const;
    const measured = [truth, Uint8Array.from(truth, Number), Float32Array.from(truth, Number)].map((labels) =>
      evaluate.f1Score(labels, said),
    );
    assert.deepEqual(measured, [2 / 3, 2 / 3, 2 / 3]);
    const scores = [0.9, 0.4, -1, 0.4];
    const areas = [scores, Float32Array.from(scores), Float64Array.from(scores)].map((values) =>
      evaluate.rocAuc(truth, values),
    );
    assert.deepEqual(areas, [0.5, 0.5, 0.5]);
  });

  it("order scores of any size and sign", () => {
    // Sorted by radix on the upper half of each number: neighbours, zeros and infinities are told apart by the lower.
    const odd = [0, -0, 5e-324, -5e-324, 1, 1 + 2 ** -52, -1, infinite, -infinite, 1e300, -1e300, 2 ** -1000];
    const near = Array.from({ length: 300 }, (_, at) => 1 + ((at * 7919) % 300) * 2 ** -50);
    const values = [...odd, ...near];
    const labels = values.map((value) => (value > 1 ? 1 : 0));
    assert.equal(evaluate.rocAuc(labels, values), 1);
    const curve = evaluate.precisionRecallCurve(labels, values);
    assert.deepEqual(
      Array.from(curve.thresholds.subarray(0, -1), (each) => each + 0),
      [...new Set(values)].sort((a, b) => a - b),
    );
  });

  it("silhouettes end where they are told to", async () => {
    const rows = 6000;
    const data = Float64Array.from({ length: rows * 2 }, (_, at) => Math.sin(at));
    const groups = Uint8Array.from({ length: rows }, (_, row) => row % 3);
    const controller = new AbortController();
    const running = evaluate.silhouette({ data, rows, columns: ["a", "b"] }, groups, controller);
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await assert.rejects(running, /enough/);
    await assert.rejects(evaluate.silhouette(points(1, 2), [0, 1]), /2 clusters of 2 rows/);
  });

  it("equal numbers have no variance by rounding", () => {
    // A sum of ten times 0.1 by ten is not 0.1.
    const truth = Array.from({ length: 10 }, () => 0.1);
    const near = truth.map((value, row) => value + row / 1e3);
    const weights = truth.map((_, row) => row);
    for (const options of [{}, { weights }]) {
      assert.equal(evaluate.r2Score(truth, near, options), 0);
      assert.equal(evaluate.r2Score(truth, truth, options), 1);
      assert.equal(evaluate.explainedVariance(truth, near, options), 0);
      assert.equal(evaluate.d2TweedieScore(truth, near, { ...options, power: 0 }), 0);
    }
  });

  it("clusters of equal rows have no spread by rounding", () => {
    const rows = 7;
    const data = Float64Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 0 ? 0.1 : -1.7));
    const matrix = { data, rows, columns: ["a", "b"] };
    const clusters = [0, 0, 0, 1, 1, 1, 1];
    assert.equal(evaluate.calinskiHarabasz(matrix, clusters), 1);
    assert.equal(evaluate.daviesBouldin(matrix, clusters), 0);
  });

  it("intervals hold what they hold", () => {
    const found = evaluate.intervalCoverage([1, 2, 3, 4], { low: [0, 2, 4, 4], high: [1, 3, 5, 4] });
    assert.deepEqual(found, { coverage: 0.75, meanWidth: 0.75 });
  });

  it("lift is how much richer the first rows are", () => {
    const { share, gain, lift } = evaluate.liftCurve([1, 0, 1, 0], [4, 3, 2, 1]);
    assert.deepEqual([...share], [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual([...gain], [0, 0.5, 0.5, 1, 1]);
    assert.deepEqual([...lift], [2, 2, 1, 4 / 3, 1]);
  });
});
