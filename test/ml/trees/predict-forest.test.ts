import assert from "node:assert/strict";
import { InvalidInputError } from "../../../ml/errors.ts";
import { compileForest } from "../../../ml/trees/predictor/compile-forest.ts";
import { placeForest } from "../../../ml/trees/predictor/columns.ts";
import { applyLink } from "../../../ml/trees/predictor/link.ts";
import { nextDown, nextUp } from "../../../ml/trees/predictor/next-number.ts";
import { addLeaves } from "../../../ml/trees/predictor/walk-row.ts";
import { predictForest } from "../../../ml/trees/predict-forest.ts";
import type { Forest } from "../../../ml/trees/forest.ts";
import { madeForest, madeRows, type MadeForestOptions } from "./made-forest.ts";

/** So many different thresholds that no two are equal. */
const most = 2 ** 31;

const forests: Readonly<Record<string, MadeForestOptions>> = {
  "of depth 6": { seed: 1, trees: 20 },
  "of depth 1": { seed: 2, depth: 1 },
  "of single leaves": { seed: 3, depth: 0 },
  "of depth 4": { seed: 4, depth: 4 },
  "of depth 12": { seed: 5, depth: 12, trees: 4 },
  "with sets": { seed: 6, categorical: 4, trees: 12 },
  "with sets in deep trees": { seed: 7, categorical: 4, depth: 12, trees: 3 },
  "compared as doubles": { seed: 8, precision: "float64", trees: 10 },
  "with more thresholds than a byte counts": { seed: 9, thresholds: 5000, trees: 60, features: 2 },
  "with more thresholds, compared as doubles": {
    seed: 10,
    thresholds: 5000,
    trees: 60,
    features: 2,
    precision: "float64",
    depth: 9,
  },
  "with more thresholds than two bytes count": {
    seed: 18,
    thresholds: most,
    trees: 25,
    features: 2,
    depth: 15,
    categorical: 1,
  },
  "with as many thresholds, compared as doubles": {
    seed: 19,
    thresholds: most,
    trees: 25,
    features: 2,
    depth: 15,
    precision: "float64",
  },
  "with as many thresholds in small trees too": {
    seed: 33,
    thresholds: most,
    trees: 6000,
    features: 2,
    depth: 5,
  },
  "of three outputs": { seed: 11, outputs: 3, trees: 12, link: "softmax" },
  "with wide leaves": { seed: 12, outputs: 4, wideLeaves: true, average: true },
  "with wide leaves in deep trees": { seed: 13, outputs: 3, wideLeaves: true, depth: 12, trees: 3 },
  "that averages": { seed: 14, average: true, outputs: 2, trees: 5 },
  "whose zeros are missing": { seed: 15, zeroAsMissing: 1e-35, categorical: 3 },
  "whose zeros are missing, as doubles": { seed: 16, zeroAsMissing: 0.2, precision: "float64" },
};

/** Row by row, node by node. */
function walked(forest: Forest, rows: Float64Array, count: number): Float64Array {
  const { outputs, featureNames, treeOutputs, average, base, link } = forest;
  const sums = new Float64Array(count * outputs);
  for (let row = 0; row < count; row++) {
    addLeaves(forest, rows, row * featureNames.length, sums, row * outputs);
    for (let at = 0; at < outputs; at++) {
      const trees = treeOutputs.filter((output) => output === -1 || output === at).length;
      const sum = sums[row * outputs + at] ?? 0;
      sums[row * outputs + at] = (base[at] ?? 0) + (average ? sum / Math.max(trees, 1) : sum);
    }
    applyLink(link, sums, row * outputs, outputs);
  }
  return sums;
}

describe("the predictor of forests", () => {
  for (const [name, options] of Object.entries(forests)) {
    it(`equals walking a forest ${name}`, async () => {
      const forest = madeForest(options);
      const count = options.thresholds === most ? 50 : 700;
      if (options.thresholds === most) assert.equal(placeForest(forest).placeBytes, 4);
      const rows = madeRows(forest, count, options.seed + 100, options.thresholds);
      const expected = walked(forest, rows, count);
      const columns = forest.featureNames;
      assert.deepEqual(await predictForest(forest, { data: rows, rows: count, columns }), expected);
      const predictor = compileForest(forest);
      const one = new Float64Array(forest.outputs);
      for (const row of [0, 1, 2, 3, 4, 5, 6, 7, 40, count - 1]) {
        predictor.predict(rows.subarray(row * columns.length, (row + 1) * columns.length), 1, one);
        assert.deepEqual(one, expected.slice(row * forest.outputs, (row + 1) * forest.outputs));
      }
    });
  }

  it("takes rows of float32 as the doubles that they are", async () => {
    for (const precision of ["float32", "float64"] as const) {
      const forest = madeForest({ seed: 20, precision });
      const data = Float32Array.from(madeRows(forest, 300, 21));
      const columns = forest.featureNames;
      const found = await predictForest(forest, { data, rows: 300, columns });
      assert.deepEqual(found, walked(forest, Float64Array.from(data), 300));
    }
  });

  it("sends everything but what is missing left where the threshold is infinite", () => {
    const forest = madeForest({ seed: 22, depth: 1, trees: 30 });
    const thresholds = forest.thresholds.map((_, node) => (forest.rules[node] === 0 ? 0 : Infinity));
    const infinite = { ...forest, thresholds };
    const rows = madeRows(forest, 64, 23);
    const found = new Float64Array(64);
    compileForest(infinite).predict(rows, 64, found);
    assert.deepEqual(found, walked(infinite, rows, 64));
  });

  it("serves more forests in turns than there are memories", () => {
    const made = Array.from({ length: 12 }, (_, at) => madeForest({ seed: 30 + at }));
    const predictors = made.map((forest) => compileForest(forest));
    for (let round = 0; round < 2; round++) {
      for (const [at, predictor] of predictors.entries()) {
        const forest = made[at] ?? madeForest({ seed: 30 });
        const rows = madeRows(forest, 20, at);
        const found = new Float64Array(20);
        predictor.predict(rows, 20, found);
        assert.deepEqual(found, walked(forest, rows, 20));
      }
    }
  });

  it("gives nothing for no rows and refuses other widths and short arrays", async () => {
    const forest = madeForest({ seed: 40 });
    const columns = forest.featureNames;
    assert.deepEqual(
      await predictForest(forest, { data: new Float64Array(0), rows: 0, columns }),
      new Float64Array(0),
    );
    await assert.rejects(
      predictForest(forest, { data: new Float64Array(5), rows: 1, columns: columns.slice(1) }),
      InvalidInputError,
    );
    assert.throws(
      () => compileForest(forest).predict(new Float64Array(6), 2, new Float64Array(2)),
      InvalidInputError,
    );
  });

  it("hears an abort between blocks", async () => {
    const forest = madeForest({ seed: 41, trees: 300, depth: 10 });
    const rows = 60_000;
    const matrix = { data: new Float64Array(rows * 6).fill(0.3), rows, columns: forest.featureNames };
    const controller = new AbortController();
    const prediction = predictForest(forest, matrix, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 5);
    await assert.rejects(prediction, /enough/u);
  });

  it("knows the neighbours of numbers", () => {
    assert.equal(nextUp(1, "float64"), 1 + Number.EPSILON);
    assert.equal(nextUp(-0, "float64"), Number.MIN_VALUE);
    assert.equal(nextDown(0, "float64"), -Number.MIN_VALUE);
    assert.equal(nextUp(-1, "float32"), -1 + 2 ** -24);
    assert.equal(nextUp(1, "float32"), 1 + 2 ** -23);
    assert.equal(nextUp(Number.MAX_VALUE, "float64"), Infinity);
    assert.equal(nextUp(Number.NEGATIVE_INFINITY, "float64"), -Number.MAX_VALUE);
    assert.ok(Number.isNaN(nextUp(Infinity, "float32")));
  });
});
