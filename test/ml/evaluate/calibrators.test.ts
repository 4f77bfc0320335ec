import assert from "node:assert/strict";
import * as v from "valibot";
import {
  brierScore,
  chooseThreshold,
  expectedCalibrationError,
  isotonicCalibrator,
  loadCalibrator,
  plattCalibrator,
  thresholdCosts,
  thresholdOfCosts,
  type Calibrator,
} from "../../../ml/evaluate/index.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { Session, toOnnx } from "../../../ml/graph/index.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "evaluate-calibrators",
  v.object({
    cases: v.array(
      v.object({
        name: v.string(),
        labels: numbers,
        scores: numbers,
        weights: v.nullable(numbers),
        asked: numbers,
        isotonic: numbers,
        sigmoid: numbers,
        bestSigmoid: numbers,
      }),
    ),
    errors: v.array(v.tuple([numbers, numbers, v.number(), v.number()])),
  }),
);

const random = new Random(3);
/** Scores whose probability is not what they are: too sure of themselves. */
const labels = Uint8Array.from({ length: 2000 }, () => (random.uniform() < 0.4 ? 1 : 0));
const scores = Float32Array.from(
  labels,
  (label) => 1 / (1 + Math.exp(-4 * (label - 0.4 + 0.8 * random.normal()))),
);

describe("calibrators, against scikit-learn", () => {
  for (const { name, weights, ...data } of reference.cases) {
    const options = weights ? { weights } : {};
    it(`isotonic: ${name}${weights ? ", by weight" : ""}`, () => {
      const calibrator = isotonicCalibrator(data.labels, data.scores, options);
      assertCloseTo(calibrator.predict(data.asked), data.isotonic, 1e-12);
    });

    it(`Platt's: ${name}${weights ? ", by weight" : ""}`, () => {
      const found = plattCalibrator(data.labels, data.scores, options).predict(data.asked);
      assertCloseTo(found, data.bestSigmoid, 1e-6, "the best sigmoid");
      // Which scikit-learn's search ends near.
      assertCloseTo(found, data.sigmoid, 1e-3, "scikit-learn's");
    });
  }

  it("expected calibration error", () => {
    for (const [labels, probabilities, bins, error] of reference.errors)
      assertCloseTo([expectedCalibrationError(labels, probabilities, { bins })], [error], 1e-12);
  });
});

describe("calibrators", () => {
  for (const [name, calibrator] of [
    ["isotonic", isotonicCalibrator(labels, scores)],
    ["Platt's", plattCalibrator(labels, scores)],
    ["isotonic of one point", isotonicCalibrator([0, 1, 0], [0.5, 0.5, 0.5])],
  ] as const) {
    it(`${name}: the same out of JSON, and as an ONNX model`, async () => {
      const expected = calibrator.predict(scores);
      const again: Calibrator = loadCalibrator(JSON.parse(JSON.stringify(calibrator)));
      assert.deepEqual(again.predict(scores), expected);
      const model = toOnnx(({ scores }) => ({ probability: calibrator.trace(scores) }), {
        scores: { dtype: "float32", shape: ["rows", 1] },
      });
      await using session = await Session.create(model);
      const feed = { dtype: "float32", shape: [scores.length, 1], data: scores } as const;
      const { probability } = await session.run({ scores: feed }, { probability: null });
      assertCloseTo(Array.from(probability?.data ?? [], Number), expected, 1e-6);
    });
  }

  it("makes probabilities mean what they say, on rows that they were not fitted on", () => {
    const half = labels.length / 2;
    const [fitted, tested] = [labels.subarray(0, half), labels.subarray(half)];
    const held = scores.subarray(half);
    for (const fit of [isotonicCalibrator, plattCalibrator]) {
      const calibrated = fit(fitted, scores.subarray(0, half)).predict(held);
      assert.ok(expectedCalibrationError(tested, calibrated) < expectedCalibrationError(tested, held) / 2);
      assert.ok(brierScore(tested, calibrated) < brierScore(tested, held));
    }
  });

  it("survives separable scores and huge ones", () => {
    for (const scale of [1, 1e-8, 1e12]) {
      const calibrator = plattCalibrator([0, 0, 1, 1], [-2 * scale, -scale, scale, 2 * scale]);
      const [low = 1, high = 0] = calibrator.predict([-scale, scale]);
      assertCloseTo([low], [1 - high], 1e-9);
      assert.ok(low < 0.4 && low > 0.3, `${low}`);
    }
  });

  const sure = { labels: [0, 1], scores: [0.2, 0.8] };
  const broken = { version: 1, kind: "isotonic", scores: doubles(0, 1), probabilities: doubles(0, 1) };
  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["one class", () => isotonicCalibrator([1, 1], [0, 1]), /both classes/],
    ["no rows", () => plattCalibrator([], []), /no rows/],
    [
      "infinite scores",
      () => plattCalibrator(sure.labels, [0, Number.POSITIVE_INFINITY]),
      /row 1 is Infinity/,
    ],
    [
      "a class without weight",
      () => isotonicCalibrator(sure.labels, sure.scores, { weights: [1, 0] }),
      /weight 0/,
    ],
    ["NaN later", () => plattCalibrator(sure.labels, sure.scores).predict([Number.NaN]), /row 0 is NaN/],
    ["no calibrator", () => loadCalibrator(null), /no calibrator/],
    ["an unknown kind", () => loadCalibrator({ version: 1, kind: "spline" }), /kind/],
    [
      "a later version",
      () => loadCalibrator({ version: 2, kind: "sigmoid", slope: 1, intercept: 0 }),
      /version/,
    ],
    [
      "a slope of text",
      () => loadCalibrator({ version: 1, kind: "sigmoid", slope: "1", intercept: 0 }),
      /slope/,
    ],
    ["falling scores", () => loadCalibrator({ ...broken, scores: doubles(1, 0) }), /don't rise/],
    ["NaN scores", () => loadCalibrator({ ...broken, scores: doubles(Number.NaN, 1) }), /don't rise/],
    ["falling probabilities", () => loadCalibrator({ ...broken, probabilities: doubles(1, 0) }), /fall/],
    [
      "probabilities of 2",
      () => loadCalibrator({ ...broken, probabilities: doubles(0, 2) }),
      /between 0 and 1/,
    ],
    ["unequal points", () => loadCalibrator({ ...broken, probabilities: doubles(0) }), /unequal/],
    [
      "no points",
      () => loadCalibrator({ ...broken, scores: doubles(), probabilities: doubles() }),
      /no points/,
    ],
    [
      "torn bytes",
      () => loadCalibrator({ ...broken, scores: { type: "float64", base64: "AAAA" } }),
      /3 bytes/,
    ],
    ["no bins", () => expectedCalibrationError(sure.labels, sure.scores, { bins: 0 }), /bins/],
  ];
  for (const [name, run, message] of invalid) {
    it(`refuses ${name}`, () => {
      assert.throws(run, (error) => error instanceof InvalidInputError && message.test(error.message));
    });
  }
});

describe("thresholds by cost", () => {
  const costs = { falsePositive: 1, falseNegative: 5 };

  it("are those of least cost, by trying all", () => {
    for (const weights of [undefined, Float64Array.from(labels, (_, row) => (row % 7) + 0.5)]) {
      const options = weights ? { weights } : {};
      const costOf = (threshold: number): number => {
        let [cost, total] = [0, 0];
        for (const [row, label] of labels.entries()) {
          const weight = weights?.[row] ?? 1;
          const isSaid = (scores[row] ?? 0) >= threshold;
          if (isSaid && label === 0) cost += weight * costs.falsePositive;
          if (!isSaid && label === 1) cost += weight * costs.falseNegative;
          total += weight;
        }
        return cost / total;
      };
      const curve = thresholdCosts(labels, scores, costs, options);
      const every = curve.thresholds.filter((_, point) => point % 40 === 0);
      assertCloseTo(
        curve.costs.filter((_, point) => point % 40 === 0),
        every.map(costOf),
        1e-12,
      );
      const chosen = chooseThreshold(labels, scores, costs, options);
      assertCloseTo([chosen.cost], [Math.min(...curve.costs)], 1e-12);
      assertCloseTo([costOf(chosen.threshold)], [chosen.cost], 1e-12);
    }
  });

  it("are Elkan's where probabilities are calibrated", () => {
    assertCloseTo([thresholdOfCosts(costs)], [1 / 6], 1e-15);
    const calibrated = isotonicCalibrator(labels, scores).predict(scores);
    const curve = thresholdCosts(labels, calibrated, costs);
    // On the very rows of an isotonic fit the two are one.
    const reached = curve.costs[curve.thresholds.findLastIndex((each) => each >= 1 / 6)];
    assertCloseTo([reached ?? Number.NaN], [chooseThreshold(labels, calibrated, costs).cost], 1e-12);
  });

  it("may be never, or always", () => {
    const never = chooseThreshold([0, 1], [0.1, 0.2], {
      falsePositive: 9,
      falseNegative: 1,
      truePositive: 1,
    });
    assert.deepEqual(never, { threshold: Number.POSITIVE_INFINITY, cost: 0.5 });
    assert.equal(chooseThreshold([0, 1], [0.2, 0.1], { falsePositive: 1, falseNegative: 9 }).threshold, 0.1);
  });

  it("refuse costs that are none", () => {
    assert.throws(
      () => thresholdCosts([0, 1], [0, 1], { falsePositive: Number.NaN, falseNegative: 1 }),
      /falsePositive/,
    );
    assert.throws(() => thresholdOfCosts({ falsePositive: 0, falseNegative: 1 }), /must cost more/);
  });
});

function doubles(...values: readonly number[]): object {
  return { type: "float64", base64: Buffer.from(Float64Array.from(values).buffer).toString("base64") };
}
