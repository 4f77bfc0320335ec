import assert from "node:assert/strict";
import * as v from "valibot";
import {
  brierScore,
  calibration,
  calibrationPlot,
  logLoss,
  rocAuc,
  rocCurve,
  rocPlot,
} from "../../ml/evaluate/index.ts";
import { InvalidInputError } from "../../ml/errors.ts";
import { assertCloseTo } from "./close-to.ts";
import { readReference } from "./reference.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "evaluate",
  v.object({
    cases: v.array(
      v.object({
        name: v.string(),
        labels: numbers,
        scores: numbers,
        float32: v.boolean(),
        falsePositiveRate: numbers,
        truePositiveRate: numbers,
        thresholds: numbers,
        rocAuc: v.number(),
        logLoss: v.number(),
        brierScore: v.number(),
        calibration: v.nullable(v.array(v.tuple([v.number(), v.number(), v.number()]))),
      }),
    ),
  }),
);

describe("evaluate, against scikit-learn", () => {
  for (const expected of reference.cases) {
    const labels = Uint8Array.from(expected.labels);
    const scores = expected.float32 ? Float32Array.from(expected.scores) : Float64Array.from(expected.scores);

    it(`${expected.name}: ROC curve`, () => {
      const curve = rocCurve(labels, scores);
      assertCloseTo(curve.falsePositiveRate, expected.falsePositiveRate, 1e-12, "false positive rate");
      assertCloseTo(curve.truePositiveRate, expected.truePositiveRate, 1e-12, "true positive rate");
      assert.equal(curve.thresholds[0], Number.POSITIVE_INFINITY);
      assertCloseTo(curve.thresholds.subarray(1), expected.thresholds, 1e-12, "thresholds");
    });

    it(`${expected.name}: areas, losses and calibration`, () => {
      assertCloseTo([rocAuc(labels, scores)], [expected.rocAuc], 1e-12, "AUC");
      // scikit-learn works on float32 scores in float32.
      assertCloseTo(
        [logLoss(labels, scores)],
        [expected.logLoss],
        expected.float32 ? 1e-6 : 1e-12,
        "log-loss",
      );
      assertCloseTo([brierScore(labels, scores)], [expected.brierScore], 1e-12, "Brier score");
      if (!expected.calibration) return;
      const groups = calibration(labels, scores, expected.calibration.length);
      assertCloseTo(
        groups.flatMap(({ predicted, observed, rows }) => [predicted, observed, rows]),
        expected.calibration.flat(),
        1e-12,
      );
    });
  }
});

describe("evaluate", () => {
  it("takes booleans as labels", () => {
    assert.equal(rocAuc([false, true, false, true], [0.1, 0.9, 0.2, 0.8]), 1);
  });

  it("plots a curve of few points whose legend holds the area", () => {
    const labels = Array.from({ length: 5000 }, (_, row) => (row * 7919) % 3 === 0);
    const scores = Float64Array.from(labels, (_, row) => ((row * 104_729) % 5003) / 5003);
    const { data } = rocPlot(labels, { model: scores });
    const curve = data[0];
    assert.ok(curve?.x && curve.x.length > 50 && curve.x.length < 1000, `${curve?.x?.length} points`);
    assert.deepEqual([curve.x[0], curve.x.at(-1), curve.y?.at(-1)], [0, 1, 1]);
    assert.match(curve.name ?? "", new RegExp(`AUC ${rocAuc(labels, scores).toFixed(3)}`));
    assert.equal(calibrationPlot(labels, scores, 5).data[0]?.x?.length, 5);
  });

  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["no rows", () => rocAuc([], []), /no rows/],
    ["unequal lengths", () => logLoss([1, 0], [0.5]), /2 labels and 1 scores/],
    ["one class", () => rocCurve([1, 1], [0.5, 0.6]), /both classes/],
    ["NaN", () => rocAuc([1, 0], [Number.NaN, 0.6]), /row 0 is NaN/],
    ["other labels", () => rocAuc([1, 2], [0.5, 0.6]), /label of row 1 is 2/],
    ["no probabilities", () => logLoss([1, 0], [0.5, 1.5]), /row 1 is 1.5/],
    ["too many bins", () => calibration([1, 0], [0.5, 0.5], 3), /bins/],
  ];
  for (const [name, evaluate, message] of invalid) {
    it(`refuses ${name}`, () => {
      assert.throws(evaluate, (error) => error instanceof InvalidInputError && message.test(error.message));
    });
  }
});
