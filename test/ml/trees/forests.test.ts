import assert from "node:assert/strict";
import * as v from "valibot";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import { Session, toOnnx } from "../../../ml/graph/index.ts";
import { ForestBuilder } from "../../../ml/trees/forest-builder.ts";
import { NodeRule } from "../../../ml/trees/forest.ts";
import { IsolationForestModel } from "../../../ml/trees/forests/isolation-model.ts";
import { averagePathLength } from "../../../ml/trees/forests/path-length.ts";
import {
  extraTreesClassifier,
  extraTreesRegressor,
  isolationForest,
  loadForest,
  randomForestClassifier,
  randomForestRegressor,
} from "../../../ml/trees/index.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "forests",
  v.object({
    single: v.object({ numbers, gini: numbers, entropy: numbers, blank: numbers }),
    scores: v.record(v.string(), numbers),
    isolation: v.object({
      trees: v.array(
        v.object({ left: numbers, right: numbers, feature: numbers, threshold: numbers, rows: numbers }),
      ),
      scores: numbers,
      threshold: v.number(),
    }),
  }),
);

const [half, width] = [1200, 8];
const columns = Array.from({ length: width }, (_, at) => `x${at}`);

/** The rows and targets of forests.py. */
function made(): {
  readonly data: Float64Array;
  readonly values: Float64Array;
  readonly binary: Int32Array;
  readonly classes: Int32Array;
} {
  const random = new LinearCongruential(21);
  const data = new Float64Array(2 * half * width);
  const values = new Float64Array(2 * half);
  const noises = new Float64Array(2 * half);
  for (let row = 0; row < 2 * half; row++) {
    for (let column = 0; column < width; column++) {
      const [kind, value] = [random.uniform(), random.uniform()];
      const isOdd = column % 2 === 1;
      data[row * width + column] =
        column === 5 && kind < 0.1 ? Number.NaN : Math.floor(value * (isOdd ? 7 : 200)) / (isOdd ? 3 : 50);
    }
    const noise = random.uniform() - 0.5;
    const x = (column: number): number => data[row * width + column] ?? 0;
    noises[row] = noise;
    values[row] = (x(0) * x(1)) / 2 + Math.abs(x(2) - 2) + (Number.isNaN(x(5)) ? 2 : 0) + 2 * noise;
  }
  const binary = Int32Array.from(values, (value, row) => (value + 2 * (noises[row] ?? 0) > 3 ? 1 : 0));
  const classes = Int32Array.from(values, (value, row) => {
    const noisy = value + (noises[row] ?? 0);
    return noisy < 2 ? 0 : noisy < 3 ? 1 : noisy < 4.5 ? 2 : 3;
  });
  return { data, values, binary, classes };
}

const { data, values, binary, classes } = made();
const matrixOf = (rows: Float64Array): DenseMatrix => ({ data: rows, rows: rows.length / width, columns });
const train = matrixOf(data.slice(0, half * width));
const test = matrixOf(data.slice(half * width));
const [trainValues, trainBinary, trainClasses] = [
  values.slice(0, half),
  binary.slice(0, half),
  classes.slice(0, half),
];

/** The area under the ROC curve: how many pairs are in order. */
function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const order = Array.from({ length: scores.length }, (_, at) => at).sort(
    (a, b) => (scores[a] ?? 0) - (scores[b] ?? 0),
  );
  let [below, pairs, positive] = [0, 0, 0];
  for (let at = 0; at < order.length;) {
    let end = at;
    let [ones, zeros] = [0, 0];
    while (end < order.length && scores[order[end] ?? 0] === scores[order[at] ?? 0]) {
      if (labels[order[end++] ?? 0] === 1) ones++;
      else zeros++;
    }
    pairs += ones * (below + zeros / 2);
    below += zeros;
    positive += ones;
    at = end;
  }
  return pairs / (positive * below);
}

function r2(predicted: Float64Array): number {
  const actual = values.subarray(half);
  const mean = actual.reduce((sum, value) => sum + value, 0) / half;
  const [squares, total] = actual.reduce(
    ([a, b], value, row) => [a + (value - (predicted[row] ?? 0)) ** 2, b + (value - mean) ** 2] as const,
    [0, 0] as readonly [number, number],
  );
  return 1 - squares / total;
}

const second = (probabilities: Float64Array): Float64Array => probabilities.filter((_, at) => at % 2 === 1);
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;

const scored: Readonly<Record<string, (seed: number) => Promise<number>>> = {
  randomForestClassifier: async (seed) => {
    const model = await randomForestClassifier({ nEstimators: 40, seed }).fit(train, trainBinary);
    return auc(second(await model.predictProbabilities(test)), binary.subarray(half));
  },
  extraTreesClassifier: async (seed) => {
    const model = await extraTreesClassifier({ nEstimators: 40, seed }).fit(train, trainBinary);
    return auc(second(await model.predictProbabilities(test)), binary.subarray(half));
  },
  "randomForestClassifier, four classes": async (seed) => {
    const model = await randomForestClassifier({ nEstimators: 40, seed }).fit(train, trainClasses);
    const told = await model.predict(test);
    return told.filter((label, row) => label === classes[half + row]).length / half;
  },
  randomForestRegressor: async (seed) =>
    r2(await (await randomForestRegressor({ nEstimators: 40, seed }).fit(train, trainValues)).predict(test)),
  extraTreesRegressor: async (seed) =>
    r2(await (await extraTreesRegressor({ nEstimators: 40, seed }).fit(train, trainValues)).predict(test)),
  isolationForest: async (seed) => {
    const model = await isolationForest({ seed }).fit(known);
    return auc(await model.score(known), odd);
  },
};

/** The rows of the isolation forests, a fortieth of them moved away. */
const odd = Uint8Array.from({ length: 2 * half }, (_, row) => (row % 40 === 0 ? 1 : 0));
const known = matrixOf(
  data.map((value, at) => {
    const isMoved = at % width < 4 && odd[Math.floor(at / width)] === 1;
    return (Number.isNaN(value) ? 1 : value) * (isMoved ? 1.7 : 1);
  }),
);

describe("forests", () => {
  it("split as scikit-learn's trees where there is nothing to draw", async () => {
    const all = { nEstimators: 1, bootstrap: false, maxFeatures: "all", maxDepth: 4 } as const;
    const regression = await randomForestRegressor(all).fit(train, trainValues);
    assertCloseTo(await regression.predict(test), reference.single.numbers, 1e-9, "numbers");
    const blank = test.data.map((value, at) => (at % (3 * width) === 0 ? Number.NaN : value));
    assertCloseTo(await regression.predict({ ...test, data: blank }), reference.single.blank, 1e-9, "blank");
    const gini = await randomForestClassifier({ ...all, minSamplesLeaf: 20 }).fit(train, trainBinary);
    assertCloseTo(second(await gini.predictProbabilities(test)), reference.single.gini, 1e-9, "gini");
    const entropy = randomForestClassifier({ ...all, maxDepth: 3, criterion: "entropy", minSamplesLeaf: 20 });
    const shares = await (await entropy.fit(train, trainClasses)).predictProbabilities(test);
    assertCloseTo(
      shares.filter((_, at) => at % 4 === 2),
      reference.single.entropy,
      1e-9,
      "entropy",
    );
  });

  for (const [name, score] of Object.entries(scored)) {
    it(`predict as well as scikit-learn's: ${name}`, async () => {
      const ours: number[] = [];
      for (let seed = 0; seed < 3; seed++) ours.push(await score(seed));
      const theirs = reference.scores[name] ?? [];
      assert.ok(
        Math.abs(mean(ours) - mean(theirs)) < 0.012,
        `${mean(ours)} (${ours.join(", ")}), scikit-learn ${mean(theirs)} (${theirs.join(", ")})`,
      );
    });
  }

  it("score anomalies as scikit-learn, given its trees", async () => {
    const builder = new ForestBuilder();
    for (const tree of reference.isolation.trees) {
      const depths = tree.left.map(() => 0);
      builder.addTree(0, 0, (node) => {
        const [left = -1, right = -1, depth = 0] = [tree.left[node], tree.right[node], depths[node]];
        if (left < 0) return { leaf: [depth + averagePathLength(tree.rows[node] ?? 0)] };
        depths[left] = depth + 1;
        depths[right] = depth + 1;
        const threshold = tree.threshold[node] ?? 0;
        return { rule: NodeRule.atMost, feature: tree.feature[node] ?? 0, threshold, left, right };
      });
    }
    const forest = builder.build({
      featureNames: columns,
      outputs: 1,
      base: new Float64Array(1),
      average: true,
      link: "identity",
      precision: "float64",
    });
    const model = new IsolationForestModel({ forest, samples: 64, threshold: reference.isolation.threshold });
    const rows = matrixOf(Float64Array.from(Float32Array.from(known.data.subarray(0, 200 * width))));
    assertCloseTo(await model.score(rows), reference.isolation.scores, 1e-9);
  });

  it("tell as many anomalies as they are told there are", async () => {
    const model = await isolationForest({ contamination: 0.05, nEstimators: 30 }).fit(known);
    const told = (await model.predict(known)).reduce((sum, each) => sum + each, 0);
    assert.ok(Math.abs(told - 0.05 * 2 * half) <= 2, `${told}`);
  });

  it("are the same again for a seed, by JSON, and as ONNX", async () => {
    const models = [
      await randomForestClassifier({ nEstimators: 5, maxDepth: 6 }).fit(train, trainClasses),
      await extraTreesRegressor({ nEstimators: 5, maxDepth: 6 }).fit(train, trainValues),
      await isolationForest({ nEstimators: 5 }).fit(train),
    ] as const;
    const again = await randomForestClassifier({ nEstimators: 5, maxDepth: 6 }).fit(train, trainClasses);
    assert.deepEqual(again.forest, models[0].forest);
    for (const model of models) {
      const loaded = loadForest(JSON.parse(JSON.stringify(model)));
      assert.deepEqual(loaded, model);
      const rows = Float32Array.from(test.data);
      const told =
        model.task === "classification"
          ? await model.predictProbabilities({ ...test, data: rows })
          : model.task === "regression"
            ? await model.predict({ ...test, data: rows })
            : await model.score({ ...test, data: rows });
      const onnx = toOnnx(({ x }) => ({ ...model.trace(x) }), {
        x: { dtype: "float32", shape: ["rows", width] },
      });
      await using session = await Session.create(onnx);
      const name = { classification: "probabilities", regression: "prediction", anomaly: "score" }[
        model.task
      ];
      const found = await session.run(
        { x: { dtype: "float32", shape: [half, width], data: rows } },
        { [name]: null },
      );
      const output = found[name]?.data;
      assert.ok(output instanceof Float32Array);
      assertCloseTo(output, told, 1e-5, name);
    }
  });

  it("weigh rows, and leave out those of weight 0", async () => {
    const some = Float64Array.from({ length: half }, (_, row) => (row % 3 === 0 ? 0 : 1));
    const kept = Array.from(some.keys()).filter((row) => some[row] === 1);
    const fewer = matrixOf(
      Float64Array.from(
        kept.flatMap((row) => Array.from(train.data.subarray(row * width, (row + 1) * width))),
      ),
    );
    const tree = randomForestRegressor({ nEstimators: 1, bootstrap: false, maxDepth: 4 });
    const weighted = await tree.fit(train, trainValues, { weights: some });
    const without = await tree.fit(
      fewer,
      Float64Array.from(kept, (row) => trainValues[row] ?? 0),
    );
    assertCloseTo(await weighted.predict(test), await without.predict(test), 1e-9);
  });

  it("have importances that name the features that matter", async () => {
    const model = await randomForestRegressor({ nEstimators: 10 }).fit(train, trainValues);
    const ranked = Object.entries(model.importances()).sort(([, a], [, b]) => b - a);
    assert.deepEqual(
      ranked
        .slice(0, 3)
        .map(([name]) => name)
        .sort(),
      ["x0", "x1", "x5"],
    );
  });
});

describe("forests of bad input", () => {
  const one: DenseMatrix = { data: Float64Array.of(1, 2), rows: 1, columns: ["a", "b"] };

  it("learn from one row and from targets that are all the same", async () => {
    assert.deepEqual(await (await randomForestRegressor().fit(one, [3])).predict(one), Float64Array.of(3));
    const constant = await extraTreesRegressor({ nEstimators: 3 }).fit(train, new Float64Array(half).fill(7));
    assert.ok((await constant.predict(test)).every((value) => value === 7));
    assert.deepEqual(await (await isolationForest().fit(one)).score(one), Float64Array.of(1));
  });

  it("refuse what nothing can be learnt from", async () => {
    const fits: readonly (readonly [RegExp, () => Promise<unknown>])[] = [
      [
        /no rows/u,
        async () => randomForestRegressor().fit({ data: new Float64Array(0), rows: 0, columns }, []),
      ],
      [/no columns/u, async () => isolationForest().fit({ data: new Float64Array(0), rows: 3, columns: [] })],
      [/1 classes/u, async () => randomForestClassifier().fit(train, new Int32Array(half))],
      [/the target has 2 rows/u, async () => randomForestRegressor().fit(train, [1, 2])],
      [/target of row 0 is NaN/u, async () => extraTreesRegressor().fit(one, [Number.NaN])],
      [/target of row 0 is Infinity/u, async () => extraTreesRegressor().fit(one, [Infinity])],
      [
        /column "b" holds Infinity in row 0/u,
        async () => randomForestRegressor().fit({ ...one, data: Float64Array.of(1, Infinity) }, [1]),
      ],
      [/all weights are 0/u, async () => randomForestRegressor().fit(one, [1], { weights: [0] })],
      [/give no weights/u, async () => isolationForest().fit(one, { weights: [1] })],
      [/fitted on|columns/u, async () => (await randomForestRegressor().fit(one, [1])).predict(test)],
    ];
    for (const [message, fit] of fits) {
      await assert.rejects(fit, (error) => {
        assert.ok(error instanceof InvalidInputError, String(error));
        assert.match(error.message, message);
        return true;
      });
    }
  });

  it("refuse settings that make no sense", () => {
    const makers = [
      () => randomForestClassifier({ nEstimators: 0 }),
      () => randomForestClassifier({ maxDepth: 0 }),
      () => randomForestClassifier({ maxFeatures: -1 }),
      () => randomForestClassifier({ minSamplesSplit: 1 }),
      () => randomForestClassifier({ maxSamples: 1.5 }),
      () => extraTreesClassifier({ maxSamples: 0.5 }),
      () => randomForestRegressor({ seed: 0.5 }),
      () => isolationForest({ contamination: 0.7 }),
      () => isolationForest({ maxSamples: 0 }),
    ];
    for (const make of makers) assert.throws(make, InvalidInputError);
  });

  it("stop where they are told to", async () => {
    const controller = new AbortController();
    const fit = randomForestRegressor({ nEstimators: 10_000 }).fit(train, trainValues, {
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error("enough")), 5);
    await assert.rejects(fit, /enough/u);
  });

  it("refuse JSON that is no model", async () => {
    const json = JSON.parse(
      JSON.stringify(await randomForestClassifier({ nEstimators: 2, maxDepth: 3 }).fit(train, trainBinary)),
    ) as Record<string, unknown>;
    const forest = json["forest"] as Record<string, unknown>;
    for (const changed of [
      null,
      { ...json, kind: "other" },
      { ...json, classes: [0, 1, 2] },
      { ...json, featureNames: ["a"] },
      { ...json, forest: { ...forest, left: forest["right"] } },
      { ...json, forest: { ...forest, roots: { type: "int32", base64: "AAAA" } } },
    ])
      assert.throws(() => loadForest(changed), InvalidInputError);
  });
});
