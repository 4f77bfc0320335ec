import assert from "node:assert/strict";
import { Random } from "../../../../ml/random.ts";
import {
  gradientBoostingClassifier,
  gradientBoostingRanker,
  gradientBoostingRegressor,
  loadBoosting,
  NodeRule,
  type Forest,
} from "../../../../ml/trees/index.ts";
import { assertCloseTo } from "../../close-to.ts";
import { assertSameAsOnnx, numbersOf, runModel } from "../../run-model.ts";
import { matrix, take, uniformRows } from "./rows.ts";

const rows = uniformRows(600, 5, 4);
const x = matrix(rows);
const noise = new Random(9);
const smooth = rows.map(([a = 0, b = 0, c = 0]) => 3 * a + 2 * b * c + 0.1 * noise.normal());
const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const squaredError = (predicted: Float64Array, target: readonly number[]): number =>
  meanOf(target.map((value, row) => ((predicted[row] ?? 0) - value) ** 2));

describe("gradient boosting", () => {
  it("learns numbers, and predicts the same as ONNX and from JSON", async () => {
    const model = await gradientBoostingRegressor().fit(x, smooth);
    const predicted = await model.predict(x);
    assert.ok(squaredError(predicted, smooth) < 0.02);
    const { prediction } = await runModel((features) => model.trace(features), x);
    assertCloseTo(numbersOf(prediction), predicted, 1e-5);
    const again = loadBoosting(JSON.parse(JSON.stringify(model)));
    assert.deepEqual(await again.predict(x), predicted);
    assert.deepEqual(again.toJSON(), model.toJSON());
  });

  it("learns classes of text, two and three, with missing values", async () => {
    const holes = new Random(2);
    const data = matrix(rows.map((row) => row.map((value) => (holes.uniform() < 0.1 ? Number.NaN : value))));
    for (const names of [
      ["no", "yes"],
      ["high", "low", "middle"],
    ]) {
      const labels = rows.map(([a = 0]) => names[Math.floor(((a + 1) / 2) * names.length)] ?? "");
      const model = await gradientBoostingClassifier({ nEstimators: 20 }).fit(data, labels);
      assert.deepEqual(model.classes, names);
      const right = (await model.predict(data)).filter((label, row) => label === labels[row]);
      assert.ok(right.length > 0.9 * labels.length);
      await assertSameAsOnnx(model, data);
      const again = loadBoosting(JSON.parse(JSON.stringify(model)));
      assert.deepEqual(await again.predict(data), await model.predict(data));
    }
  });

  it("gives the same bits again, and others for another seed where it samples", async () => {
    const estimator = gradientBoostingRegressor({ nEstimators: 10, subsample: 0.5, colsampleByTree: 0.6 });
    const json = async (seed: number): Promise<string> =>
      JSON.stringify(await estimator.with({ seed }).fit(x, smooth));
    assert.equal(await json(1), await json(1));
    assert.notEqual(await json(1), await json(2));
  });

  it("gives the same bits whatever the number of threads", async () => {
    const many = uniformRows(40_000, 6, 8).map((row) => row.with(5, (row[5] ?? 0) < 0 ? Number.NaN : 1));
    const data = matrix(many);
    const labels = many.map(([a = 0, b = 0, c = 0]) => (a * b > 0 ? "a" : c > 0 ? "b" : "c"));
    const json = async (threads: number): Promise<string> =>
      JSON.stringify(
        await gradientBoostingClassifier({ nEstimators: 2, subsample: 0.9, threads }).fit(data, labels),
      );
    const [one, two, three] = [await json(1), await json(2), await json(3)];
    assert.equal(two, one);
    assert.equal(three, one);
  });

  it("counts a row of weight 2 as two rows", async () => {
    const few = matrix(rows.slice(0, 100).map((row) => row.map((value) => Math.round(20 * value))));
    const target = smooth.slice(0, 100);
    const doubled = Array.from({ length: 150 }, (_, at) => at % 100);
    const weights = target.map((_, row) => (row < 50 ? 2 : 1));
    const estimator = gradientBoostingRegressor({ nEstimators: 5 });
    const byWeight = await estimator.fit(few, target, { weights });
    const byRows = await estimator.fit(
      take(few, doubled),
      doubled.map((row) => target[row] ?? 0),
    );
    assertCloseTo(await byWeight.predict(few), await byRows.predict(few), 1e-5);
  });

  it("stops early and keeps the best round", async () => {
    const order = Array.from({ length: 600 }, (_, row) => row);
    const noisy = new Random(3);
    const target = smooth.map((value) => value + 2 * noisy.normal());
    const pick = (of: readonly number[]): number[] => of.map((row) => target[row] ?? 0);
    const [train, test] = [order.slice(0, 400), order.slice(400)];
    const validation = { rows: take(x, test), target: pick(test) };
    const model = await gradientBoostingRegressor({ nEstimators: 200, earlyStoppingRounds: 5 }).fit(
      take(x, train),
      pick(train),
      { validation },
    );
    const { rounds, validationLosses } = model.history;
    assert.equal(validationLosses.length, rounds + 5);
    assert.equal(Math.min(...validationLosses), validationLosses[rounds - 1]);
    assert.equal(model.forest.roots.length, rounds);
    const loss = Math.sqrt(squaredError(await model.predict(validation.rows), validation.target));
    assert.ok(Math.abs(loss - (validationLosses[rounds - 1] ?? 0)) < 1e-5);
  });

  it("predicts quantiles and means of counts", async () => {
    const random = new Random(5);
    const spread = rows.map(([a = 0]) => (1 + a) * random.uniform());
    for (const quantileAlpha of [0.1, 0.9]) {
      const model = await gradientBoostingRegressor({
        objective: "quantile",
        quantileAlpha,
        nEstimators: 30,
        maxDepth: 3,
      }).fit(x, spread);
      const predicted = await model.predict(x);
      const below = meanOf(spread.map((value, row) => (value <= (predicted[row] ?? 0) ? 1 : 0)));
      assert.ok(Math.abs(below - quantileAlpha) < 0.05, `${below} of the rows are below`);
    }
    const counts = rows.map(([a = 0]) => Math.floor(Math.exp(1 + a) + random.uniform()));
    const model = await gradientBoostingRegressor({ objective: "poisson", nEstimators: 50 }).fit(x, counts);
    const predicted = await model.predict(x);
    assert.ok(predicted.every((value) => value > 0));
    assert.ok(Math.abs(meanOf(predicted) - meanOf(counts)) < 0.05);
    const { prediction } = await runModel((features) => model.trace(features), x);
    assertCloseTo(numbersOf(prediction), predicted, 1e-4);
  });

  it("splits categories by sets; unknown ones go with those that are not in a set", async () => {
    const random = new Random(6);
    const values = Array.from({ length: 500 }, () => [Math.floor(40 * random.uniform()), random.uniform()]);
    const target = values.map(([category = 0]) => ((category * 7) % 5 < 2 ? 1 : 0));
    const data = matrix([...values, [Number.NaN, 0.5]], ["kind", "other"]);
    const model = await gradientBoostingClassifier({
      nEstimators: 10,
      maxDepth: 1,
      categoricalFeatures: ["kind"],
    }).fit(data, [...target, 1]);
    const predicted = await model.predict(data);
    assert.deepEqual(predicted.slice(0, 500), target);
    assert.ok(model.forest.rules.includes(NodeRule.inSet));
    const strange = matrix(
      [
        [1000, 0.5],
        [-1, 0.5],
        [Number.NaN, 0.5],
      ],
      ["kind", "other"],
    );
    await assertSameAsOnnx(model, strange);
    const [first, second] = await model.predictProbabilities(strange);
    assert.ok(first !== undefined && second !== undefined);
  });

  it("keeps more categories than bins apart from each other as far as there is room", async () => {
    const values = Array.from({ length: 1200 }, (_, row) => [row % 400]);
    const target = values.map(([category = 0]) => category % 2);
    const model = await gradientBoostingRegressor({ categoricalFeatures: ["x0"], nEstimators: 20 }).fit(
      matrix(values),
      target,
    );
    const predicted = await model.predict(matrix([[2], [3], [398], [399]]));
    assert.ok((predicted[0] ?? 1) < 0.1 && (predicted[1] ?? 0) > 0.9);
    assert.equal(predicted[2], predicted[3]);
  });

  it("rises and falls where it must", async () => {
    const directions = { x0: 1, x1: -1 } as const;
    const model = await gradientBoostingRegressor({ monotoneConstraints: directions }).fit(x, smooth);
    for (const [column, direction] of [1, -1].entries()) {
      for (const row of rows.slice(0, 20)) {
        const line = Array.from({ length: 41 }, (_, step) => row.with(column, step / 20 - 1));
        const predicted = await model.predict(matrix(line));
        for (let step = 1; step < predicted.length; step++)
          assert.ok(direction * ((predicted[step] ?? 0) - (predicted[step - 1] ?? 0)) >= -1e-6);
      }
    }
  });

  it("lets only columns of one group stand on a path", async () => {
    const interactionConstraints = [
      ["x0", "x3"],
      ["x1", "x2"],
    ];
    const model = await gradientBoostingRegressor({ interactionConstraints, nEstimators: 10 }).fit(x, smooth);
    const groups = interactionConstraints.map((group) => group.map((name) => x.columns.indexOf(name)));
    const paths = pathsOf(model.forest);
    assert.ok(paths.some((path) => path.size === 2));
    for (const path of paths)
      assert.ok(path.size < 2 || groups.some((group) => [...path].every((each) => group.includes(each))));
  });

  it("tells what features did", async () => {
    const model = await gradientBoostingRegressor({ nEstimators: 10 }).fit(x, smooth);
    const { x0 = 0, x4 = 0 } = model.importances("totalGain");
    assert.ok(x0 > 100 * x4);
    const splits = model.forest.rules.filter((rule) => rule !== NodeRule.leaf).length;
    const counts = Object.values(model.importances("weight"));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      splits,
    );
    assert.ok((model.importances("cover")["x0"] ?? 0) <= 600);
  });

  it("holds leaves by alpha, gamma and maxDeltaStep", async () => {
    const leaves = async (settings: object): Promise<Float64Array> =>
      (await gradientBoostingRegressor({ nEstimators: 1, learningRate: 1, ...settings }).fit(x, smooth))
        .forest.leafValues;
    const plain = await leaves({});
    assert.ok((await leaves({ gamma: 50 })).length < plain.length);
    assert.ok(Math.max(...(await leaves({ maxDeltaStep: 0.5 })).map(Math.abs)) <= 0.5);
    assert.ok((await leaves({ alpha: 1e6 })).every((value) => value === 0));
  });

  it("orders rows of queries", async () => {
    const qid = rows.map((_, row) => Math.floor(row / 12));
    const relevance = rows.map(([a = 0, b = 0]) => Math.max(0, Math.min(4, Math.round(2 * (a + b)))));
    const validation = { rows: x, target: relevance, qid };
    const model = await gradientBoostingRanker({ nEstimators: 30 }).fit(x, relevance, { qid, validation });
    const losses = model.history.validationLosses;
    assert.ok((losses.at(-1) ?? 1) < 0.02 && (losses[0] ?? 0) > (losses.at(-1) ?? 0));
    const again = loadBoosting(JSON.parse(JSON.stringify(model)));
    assert.deepEqual(await again.predict(x), await model.predict(x));
  });
});

/** The features on each path from a root to a leaf. */
function pathsOf({ roots, rules, features, left, right }: Forest): Set<number>[] {
  const paths: Set<number>[] = [];
  const walk = (node: number, above: ReadonlySet<number>): void => {
    if (rules[node] === NodeRule.leaf) {
      paths.push(new Set(above));
      return;
    }
    const here = new Set(above).add(features[node] ?? -1);
    for (const child of [left, right]) walk(child[node] ?? 0, here);
  };
  for (const root of roots) walk(root, new Set());
  return paths;
}
