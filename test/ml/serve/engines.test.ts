/** @file What engines answer: compiled ones as the graph, for every kind of step and model that is compiled. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRows } from "../../../ml/data/index.ts";
import {
  columns,
  imputer,
  minMaxScaler,
  oneHot,
  ordinal,
  passthrough,
  standardScaler,
} from "../../../ml/features/index.ts";
import { tensor } from "../../../ml/graph/create.ts";
import { relu, sigmoid, softmax } from "../../../ml/graph/functions/activations.ts";
import { concat } from "../../../ml/graph/functions/arrange.ts";
import { decodeOnnx } from "../../../ml/graph/onnx/decode.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import type { OnnxModel } from "../../../ml/graph/onnx/model.ts";
import { toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import { logisticRegression, poissonRegressor, ridge } from "../../../ml/linear/index.ts";
import { readModel, writeModel, type ModelRow } from "../../../ml/package/index.ts";
import { pipeline } from "../../../ml/pipeline/index.ts";
import { Random } from "../../../ml/random.ts";
import { GraphEngine } from "../../../ml/serve/engines/compiled/graph-engine.ts";
import { OnnxEngine } from "../../../ml/serve/engines/onnx-engine.ts";
import type { ModelInputs } from "../../../ml/serve/plan/model-inputs.ts";
import { planModel } from "../../../ml/serve/plan/model-plan.ts";
import { inputsOfRecords } from "../../../ml/serve/plan/read-rows.ts";
import { loadPackage } from "../../../ml/serve/service/load-package.ts";
import {
  extraTreesClassifier,
  gradientBoostingClassifier,
  gradientBoostingRegressor,
  randomForestRegressor,
} from "../../../ml/trees/index.ts";
import { weights } from "./matrix-model.ts";

const limits = { deadline: Number.POSITIVE_INFINITY, priority: 0, signal: undefined };

const random = new Random(3);
const pick = <T>(from: readonly [T, ...T[]]): T =>
  from[Math.floor(random.uniform() * from.length)] ?? from[0];
const rows = Array.from({ length: 300 }, (_, at) => {
  const age = Math.floor(random.uniform() * 60);
  const income = random.uniform() < 0.2 ? null : 1000 + random.normal() * 300;
  return {
    age,
    income,
    job: random.uniform() < 0.1 ? null : pick(["cook", "요리사", "pilot"]),
    size: pick(["small", "large", "medium"]),
    grade: pick([1, 2, 3]),
    married: random.uniform() < 0.5,
    status: pick(age > 30 ? ["good", "good", "fair"] : ["bad", "fair"]),
    late: age > 25 && (income ?? 900) > 900,
    amount: 3 + (age % 7) + (income ?? 800) / 400 + (at % 3),
  };
});
const features = columns({
  age: minMaxScaler(),
  income: [imputer("median", { indicator: true }), standardScaler()],
  job: [imputer({ constant: "none" }), oneHot({ handleUnknown: "ignore", minFrequency: 0.1 })],
  size: ordinal({ categories: ["small", "medium", "large"], unknown: -1 }),
  grade: oneHot({ handleUnknown: "ignore", drop: "first" }),
  married: passthrough(),
});

describe("engines", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-engines-"));
  });
  after(async () => await rm(folder, { recursive: true, force: true }));

  const estimators = [
    ["status", logisticRegression()],
    ["status", gradientBoostingClassifier({ nEstimators: 7, maxDepth: 4 })],
    ["status", extraTreesClassifier({ nEstimators: 9, maxDepth: 5 })],
    ["late", gradientBoostingClassifier({ nEstimators: 5 })],
    ["amount", ridge()],
    ["amount", poissonRegressor()],
    ["amount", gradientBoostingRegressor({ nEstimators: 12 })],
    ["amount", randomForestRegressor({ nEstimators: 6 })],
  ] as const;
  for (const [target, estimator] of estimators)
    it(`${estimator.kind} of "${target}" is compiled and answers as the graph`, async () => {
      const table = await fromRows(rows);
      const fitted = await pipeline(features, estimator).fit(table, { target });
      const directory = join(folder, `${estimator.kind}-${target}`);
      await writeModel(directory, fitted, { rows: table });
      const served = await loadPackage({ name: "m", version: "1", directory }, fail);
      assert.equal(served.engine.platform, "tenon_compiled");
      await using model = await readModel(directory);
      // Values that the fit hasn't seen, and missing ones.
      const asked: ModelRow[] = rows.slice(0, 100).map(({ age, income, job, size, grade, married }, at) => ({
        age: age + (at % 4),
        income: at % 5 === 0 ? null : income,
        job: at % 7 === 0 ? "poet" : job,
        size: at % 11 === 0 ? "huge" : size,
        grade: at % 13 === 0 ? 9 : grade,
        married,
      }));
      const expected = await model.outputs(asked);
      for (const part of [asked, asked.slice(0, 1), asked.slice(40, 45)]) {
        const found = await served.engine.run(inputsOfRecords(served.plan, part), limits);
        const first = asked.indexOf(part[0] ?? {});
        for (const { name, data } of found) {
          const width = data.length / part.length;
          const values = (expected.get(name) ?? []).slice(first * width, (first + part.length) * width);
          for (const [at, value] of values.entries()) assertClose(name, data[at], value);
        }
      }
      await served.engine.close();
    });

  it("graphs of layers and trees are compiled and answer as the runtime", async () => {
    const signature = planModel({
      inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [10] }],
      outputs: [
        { name: "y", type: "float32", shape: [5] },
        { name: "z", type: "float32" },
      ],
    });
    const layer = (inputs: number, outputs: number, seed: number): Tensor =>
      tensor(weights(inputs, outputs, seed));
    const row = (width: number): Tensor => tensor([weights(1, width, 9)[0] ?? []]);
    const programs: readonly ((x: Tensor) => { readonly y: Tensor; readonly z: Tensor })[] = [
      (x) => {
        const hidden = relu(x.matmul(layer(10, 7, 1)).add(row(7)));
        return {
          y: softmax(hidden.matmul(layer(7, 5, 2))),
          z: sigmoid(hidden.matmul(layer(7, 1, 3))).squeeze(1),
        };
      },
      (x) => {
        // The layer's numbers are used twice: what is behind one use must not change the other.
        const hidden = x.matmul(layer(10, 5, 4));
        return { y: relu(hidden).sub(hidden.tanh().mul(2)), z: hidden.matmul(layer(5, 1, 5)).squeeze(1) };
      },
      (x) => {
        const parts = concat(
          [
            x.matmul(layer(10, 3, 6)),
            x
              .mul(-1)
              .exp()
              .matmul(layer(10, 2, 7))
              .div(row(2)),
          ],
          1,
        );
        return {
          y: relu(relu(parts).add(1)),
          z: parts
            .matmul(layer(5, 1, 8))
            .add(0.5)
            .squeeze(1),
        };
      },
    ];
    for (const program of programs) {
      const onnx = toOnnx(({ x }: { readonly x: Tensor }) => ({ ...program(x) }), {
        x: { dtype: "float32", shape: ["rows", 10] },
      });
      const compiled = GraphEngine.compile(signature, decodeOnnx(onnx).graph);
      assert.ok(compiled);
      const runtime = await OnnxEngine.load(signature, onnx);
      for (const count of [1, 3, 64, 150]) {
        const inputs: ModelInputs = {
          rows: count,
          numbers: new Float64Array(0),
          texts: [],
          tensors: [Float32Array.from({ length: count * 10 }, () => random.normal())],
          shapes: [[count, 10]],
        };
        const expected = await runtime.run(inputs);
        for (const [at, { data, shape }] of compiled.run(inputs).entries()) {
          assert.deepEqual(shape, expected[at]?.shape);
          for (const [place, value] of Array.from(data, Number).entries())
            assertClose(String(at), value, Number(expected[at]?.data[place]));
        }
      }
      await runtime.close();
    }
  });

  it("trees of other tools, with every kind of test and missing values, answer as the runtime", async () => {
    const plan = planModel({
      inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [3] }],
      outputs: [{ name: "y", type: "float32", shape: [2] }],
    });
    for (const missing of [true, false]) {
      const onnx = encodeOnnx(randomTrees(missing));
      const compiled = GraphEngine.compile(plan, decodeOnnx(onnx).graph);
      assert.ok(compiled);
      const runtime = await OnnxEngine.load(plan, onnx);
      const values = Float32Array.from({ length: 3 * 500 }, () =>
        missing && random.uniform() < 0.1 ? Number.NaN : Math.round(random.normal() * 2) / 2,
      );
      const inputs = {
        rows: 500,
        numbers: new Float64Array(0),
        texts: [],
        tensors: [values],
        shapes: [[500, 3]],
      };
      const [expected] = await runtime.run(inputs);
      const [found] = compiled.run(inputs);
      for (const [at, value] of Array.from(found?.data ?? [], Number).entries())
        assertClose(String(at), value, Number(expected?.data[at]));
      await runtime.close();
    }
  });

  it("a package whose compiled answers aren't the recorded ones is served by its graph", async () => {
    const table = await fromRows(rows);
    const fitted = await pipeline(features, ridge()).fit(table, { target: "amount" });
    const directory = join(folder, "other");
    await writeModel(directory, fitted, { rows: table });
    const file = join(directory, "tenon/pipeline.json");
    const changed = (await readFile(file, "utf8")).replace(
      /"intercepts":\{[^}]*\}/,
      '"intercepts":{"type":"float64","base64":"AAAAAAAAAEA="}',
    );
    await writeFile(file, changed);
    const served = await loadPackage({ name: "m", version: "1", directory }, fail);
    assert.equal(served.engine.platform, "onnx_onnxv1");
    await served.engine.close();
  });
});

function fail(error: unknown): never {
  throw error;
}

/** An ensemble of full trees of depth 3, whose thresholds are values that rows have too. */
function randomTrees(missing: boolean): OnnxModel {
  const modes = ["BRANCH_LT", "BRANCH_LEQ", "BRANCH_GT", "BRANCH_GTE"] as const;
  const trees = 6;
  const nodes = Array.from({ length: trees * 15 }, (_, at) => ({ tree: Math.floor(at / 15), id: at % 15 }));
  const isLeaf = nodes.map(({ id }) => id >= 7);
  const leaves = nodes
    .filter(({ id }) => id >= 7)
    .flatMap(({ tree, id }) => [0, 1].map((target) => ({ tree, id, target })));
  const node = {
    name: "trees",
    operator: "TreeEnsembleRegressor",
    domain: "ai.onnx.ml",
    inputs: ["x"],
    outputs: ["y"],
    attributes: {
      n_targets: { int: 2 },
      aggregate_function: { text: "SUM" },
      post_transform: { text: "NONE" },
      base_values: { floats: [0.5, -1] },
      nodes_treeids: { ints: nodes.map(({ tree }) => tree) },
      nodes_nodeids: { ints: nodes.map(({ id }) => id) },
      nodes_featureids: { ints: nodes.map(() => Math.floor(random.uniform() * 3)) },
      nodes_modes: { texts: isLeaf.map((leaf) => (leaf ? "LEAF" : pick(modes))) },
      nodes_values: { floats: nodes.map(() => Math.round(random.normal() * 2) / 2) },
      nodes_truenodeids: { ints: nodes.map(({ id }, at) => (isLeaf[at] ? 0 : 2 * id + 1)) },
      nodes_falsenodeids: { ints: nodes.map(({ id }, at) => (isLeaf[at] ? 0 : 2 * id + 2)) },
      ...(missing && { nodes_missing_value_tracks_true: { ints: nodes.map(() => pick([0, 1])) } }),
      target_treeids: { ints: leaves.map(({ tree }) => tree) },
      target_nodeids: { ints: leaves.map(({ id }) => id) },
      target_ids: { ints: leaves.map(({ target }) => target) },
      target_weights: { floats: leaves.map(() => Math.fround(random.normal())) },
    },
  };
  return {
    irVersion: 8,
    producer: "test",
    documentation: "",
    opsets: { "": 17, "ai.onnx.ml": 3 },
    metadata: {},
    graph: {
      name: "trees",
      nodes: [node],
      inputs: [{ name: "x", dtype: "float32", shape: ["rows", 3] }],
      outputs: [{ name: "y", dtype: "float32", shape: ["rows", 2] }],
      initializers: [],
    },
  };
}

function assertClose(name: string, found: unknown, expected: string | number | boolean): void {
  if (typeof expected === "number" && typeof found === "number")
    assert.ok(
      Math.abs(found - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
      `${name}: ${found}, ${expected}`,
    );
  else assert.equal(typeof expected === "boolean" ? Number(found) === 1 : found, expected, name);
}
