import assert from "node:assert/strict";
import {
  decodeOnnx,
  GraphError,
  importOnnx,
  Session,
  Tensor,
  tensor,
  toOnnx,
} from "../../../ml/graph/index.ts";
import { applyAll } from "../../../ml/graph/ops/apply.ts";
import type { Forest } from "../../../ml/trees/forest.ts";
import { predictForest } from "../../../ml/trees/predict-forest.ts";
import { traceForest } from "../../../ml/trees/trace-forest.ts";
import { assertCloseTo } from "../close-to.ts";
import { madeForest, madeRows, type MadeForestOptions } from "./made-forest.ts";

const forests: Readonly<Record<string, MadeForestOptions>> = {
  "of depth 6": { seed: 1, trees: 20 },
  "of single leaves": { seed: 3, depth: 0 },
  "of no trees": { seed: 3, trees: 0, outputs: 2 },
  "with sets": { seed: 6, categorical: 4, trees: 12 },
  "of thresholds that are doubles": { seed: 8, precision: "float64", trees: 10 },
  "of three outputs": { seed: 11, outputs: 3, trees: 12, link: "softmax" },
  "with wide leaves": { seed: 12, outputs: 4, wideLeaves: true, average: true },
  "that averages, with a sigmoid": { seed: 14, average: true, outputs: 2, link: "sigmoid" },
  "of counts": { seed: 17, link: "exp", depth: 9 },
  "whose zeros are missing": { seed: 15, zeroAsMissing: 0.15, categorical: 3 },
};

const inputs = { x: { dtype: "float32", shape: ["rows", 6] } } as const;

function exported(forest: Forest): Uint8Array {
  return toOnnx(({ x }) => ({ y: traceForest(forest, x) }), inputs);
}

async function run(model: Uint8Array, data: Float32Array): Promise<Float32Array> {
  await using session = await Session.create(model);
  const shape = [data.length / 6, 6];
  const { y } = await session.run({ x: { dtype: "float32", shape, data } }, { y: null });
  assert.ok(y?.data instanceof Float32Array);
  return y.data;
}

describe("a forest as a tensor program", () => {
  for (const [name, options] of Object.entries(forests)) {
    it(`equals the predictor for a forest ${name}`, async () => {
      const forest = madeForest(options);
      const data = Float32Array.from(madeRows(forest, 500, options.seed + 50));
      const expected = await predictForest(forest, { data, rows: 500, columns: forest.featureNames });
      assertCloseTo(await run(exported(forest), data), expected, 1e-5);
    });
  }

  it("is read back from a file, in a larger program", async () => {
    const forest = madeForest({ seed: 6, categorical: 4, trees: 12 });
    const data = Float32Array.from(madeRows(forest, 50, 7));
    const expected = await predictForest(forest, { data, rows: 50, columns: forest.featureNames });
    const model = importOnnx(decodeOnnx(exported(forest)));
    const again = toOnnx(({ x }) => ({ y: model.apply(model.parameters, { x })["y"]?.mul(2) ?? x }), inputs);
    assertCloseTo(
      await run(again, data),
      expected.map((value) => 2 * value),
      1e-5,
    );
  });

  it("has classes of trees as other libraries write them", async () => {
    const trees = {
      nodes_treeids: { ints: [0, 0, 0] },
      nodes_nodeids: { ints: [0, 1, 2] },
      nodes_featureids: { ints: [1, 0, 0] },
      nodes_modes: { texts: ["BRANCH_LEQ", "LEAF", "LEAF"] },
      nodes_values: { floats: [0.5, 0, 0] },
      nodes_truenodeids: { ints: [1, 0, 0] },
      nodes_falsenodeids: { ints: [2, 0, 0] },
      class_treeids: { ints: [0, 0, 0] },
      class_nodeids: { ints: [1, 2, 2] },
      class_ids: { ints: [2, 0, 1] },
      class_weights: { floats: [1, 0.25, 0.75] },
      post_transform: { text: "NONE" },
    };
    const options = { domain: "ai.onnx.ml", outputCount: 2 };
    const x = tensor([
      [9, 0.5],
      [9, 0.6],
    ]);
    for (const [dtype, labels] of [
      ["int64", { classlabels_int64s: { ints: [3, 7, 9] } }],
      ["string", { classlabels_strings: { texts: ["a", "b", "c"] } }],
    ] as const) {
      const [label, scores] = applyAll("TreeEnsembleClassifier", [x.value], { ...trees, ...labels }, options);
      assert.ok(label && scores);
      assert.equal(label.dtype, dtype);
      assert.deepEqual(label.shape, [2]);
      assert.deepEqual(scores.shape, [2, 3]);
      const names = dtype === "int64" ? [9n, 7n] : ["c", "b"];
      assert.deepEqual([...(await new Tensor(label).data())], names);
      assertCloseTo((await new Tensor(scores).data()) as Float32Array, [0, 0, 1, 0.25, 0.75, 0], 0);
    }
    assert.throws(() => applyAll("TreeEnsembleClassifier", [x.value], trees, options), GraphError);
  });

  it("refuses features that are no matrix of numbers", () => {
    const apply = (dtype: "string" | "float32", shape: readonly number[]): unknown =>
      toOnnx(
        ({ x }) => ({
          y: new Tensor(
            applyAll(
              "TreeEnsembleRegressor",
              [x.value],
              { n_targets: { int: 1 } },
              { domain: "ai.onnx.ml" },
            )[0] ?? x.value,
          ),
        }),
        { x: { dtype, shape } },
      );
    assert.throws(() => apply("float32", [3]), /\[rows, features\]/u);
    assert.throws(() => apply("string", [3, 2]), /no features of string/u);
  });
});
