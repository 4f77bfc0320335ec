import assert from "node:assert/strict";
import * as v from "valibot";
import type { DenseMatrix } from "../../../../ml/dense-matrix.ts";
import { Random } from "../../../../ml/random.ts";
import {
  gradientBoostingClassifier,
  gradientBoostingRanker,
  gradientBoostingRegressor,
} from "../../../../ml/trees/index.ts";
import { readReference } from "../../reference.ts";
import { generated, generatedRows } from "./generated-rows.ts";
import { matrix, take } from "./rows.ts";

const middle = 3000;
const settings = { nEstimators: 40, learningRate: 0.15, maxDepth: 4 };
const schema = v.object({ losses: v.record(v.string(), v.number()) });

/** The first rows are learnt from, the others are predicted. */
function halves<Row>(rows: readonly Row[]): readonly [Row[], Row[]] {
  return [rows.slice(0, middle), rows.slice(middle)];
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("objectives of boosting beside XGBoost's", () => {
  const { losses } = readReference("boosting", schema);
  const { rows } = generated("smooth");
  const random = new Random(4);
  const counts: number[] = [];
  const numbers: number[] = [];
  for (let row = 0; row < generatedRows; row++) {
    const [a = 0, b = 0, c = 0] = rows.data.subarray(8 * row);
    counts.push(Math.floor(Math.exp(a + b * c) + random.uniform()));
    numbers.push(2 * a + b * (1 + c) * (2 * random.uniform() - 1));
  }
  const [trainRows, testRows] = [0, middle].map((from) =>
    take(
      rows,
      Array.from({ length: from === 0 ? middle : generatedRows - middle }, (_, at) => from + at),
    ),
  ) as [DenseMatrix, DenseMatrix];

  it("means of counts and numbers", async () => {
    const [train, test] = halves(counts);
    const poisson = gradientBoostingRegressor({ ...settings, objective: "poisson" });
    const means = await (await poisson.fit(trainRows, train)).predict(testRows);
    const loss = meanOf(test.map((count, row) => (means[row] ?? 0) - count * Math.log(means[row] ?? 0)));
    assertNear(loss, "poisson", 0.003);
    const [known, unknown] = halves(numbers);
    const predicted = await (
      await gradientBoostingRegressor(settings).fit(trainRows, known)
    ).predict(testRows);
    const squares = unknown.map((value, row) => ((predicted[row] ?? 0) - value) ** 2);
    assertNear(Math.sqrt(meanOf(squares)), "squaredError", 0.003);
  });

  for (const quantileAlpha of [0.1, 0.8]) {
    it(`the quantile ${quantileAlpha}`, async () => {
      const [train, test] = halves(numbers);
      const estimator = gradientBoostingRegressor({ ...settings, objective: "quantile", quantileAlpha });
      const predicted = await (await estimator.fit(trainRows, train)).predict(testRows);
      const errors = test.map((value, row) => value - (predicted[row] ?? 0));
      const pinball = errors.map((error) => Math.max(quantileAlpha * error, (quantileAlpha - 1) * error));
      assertNear(meanOf(pinball), `quantile ${quantileAlpha}`, 0.003);
    });
  }

  it("the order of queries' rows", async () => {
    const relevance = numbers.map((value) => Math.max(0, Math.min(4, Math.round(value))));
    const [train, target] = halves(relevance);
    const [qid, testQid] = halves(relevance.map((_, row) => Math.floor(row / 20)));
    const validation = { rows: testRows, target, qid: testQid };
    const model = await gradientBoostingRanker(settings).fit(trainRows, train, { qid, validation });
    assertNear(1 - (model.history.validationLosses.at(-1) ?? 1), "ndcg", 0.003, true);
  });

  it("categories", async () => {
    const kinds = matrix(
      Array.from({ length: generatedRows }, (_, row) =>
        [0, 1].map((column) => Math.floor(15 * ((rows.data[8 * row + column] ?? 0) + 1))),
      ),
    );
    const isOdd = Array.from({ length: generatedRows }, (_, row) => {
      const [a = 0, b = 0] = kinds.data.subarray(2 * row);
      return (7 * a + b) % 5 < 2;
    });
    const [train, test] = halves(isOdd);
    const estimator = gradientBoostingClassifier({ ...settings, categoricalFeatures: kinds.columns });
    const order = Array.from({ length: generatedRows }, (_, row) => row);
    const [known, unknown] = halves(order);
    const model = await estimator.fit(take(kinds, known), train);
    const odds = await model.predictProbabilities(take(kinds, unknown));
    const loss = meanOf(test.map((odd, row) => -Math.log(odds[2 * row + (odd ? 1 : 0)] ?? 0)));
    assertNear(loss, "categories", 0.003);
  });

  function assertNear(ours: number, name: string, tolerance: number, isMoreBetter = false): void {
    const theirs = losses[name] ?? Number.NaN;
    const worse = isMoreBetter ? theirs - ours : ours - theirs;
    assert.ok(worse <= tolerance, `${name}: ${ours} is worse than ${theirs}`);
  }
});
