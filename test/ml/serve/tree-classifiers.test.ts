/** @file Classifiers of trees that other tools wrote to ONNX: compiled, they answer as ONNX Runtime does. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { decodeOnnx } from "../../../ml/graph/onnx/decode.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import type { OnnxAttribute, OnnxModel } from "../../../ml/graph/onnx/model.ts";
import { writeModel, type ModelSignature } from "../../../ml/package/index.ts";
import { Random } from "../../../ml/random.ts";
import { GraphEngine } from "../../../ml/serve/engines/compiled/graph-engine.ts";
import { OnnxEngine } from "../../../ml/serve/engines/onnx-engine.ts";
import type { ModelInputs } from "../../../ml/serve/plan/model-inputs.ts";
import { planModel } from "../../../ml/serve/plan/model-plan.ts";
import { loadPackage } from "../../../ml/serve/service/load-package.ts";

const width = 6;
const graphs = v.parse(
  v.record(v.string(), v.string()),
  JSON.parse(readFileSync(join(import.meta.dirname, "../../reference/classifier-graphs.json"), "utf8")),
);
const onnxOf = (name: string): Uint8Array => gunzipSync(Buffer.from(graphs[name] ?? "", "base64"));

function signatureOf(onnx: Uint8Array): ModelSignature {
  const { inputs, outputs } = decodeOnnx(onnx).graph;
  return {
    inputs: [
      { name: inputs[0]?.name ?? "", type: "float32", dtype: "float32", required: true, shape: [width] },
    ],
    outputs: outputs.map(({ name, dtype }) =>
      dtype === "float32"
        ? { name, type: "float32", shape: [-1] }
        : { name, type: dtype === "string" ? "string" : "int64" },
    ),
  };
}

const random = new Random(5);
/** Numbers of one decimal, as the models were fitted on, so that tests of nodes meet equal values; one in ten is missing. */
function someRows(rows: number): ModelInputs {
  const data = Float32Array.from({ length: rows * width }, () =>
    random.uniform() < 0.1 ? Number.NaN : Math.round(random.normal() * 10) / 10,
  );
  return { rows, numbers: new Float64Array(0), texts: [], tensors: [data], shapes: [[rows, width]] };
}

/** Compares labels and scores of 10,000 rows; a label may differ where its score is within rounding of another or of the limit. */
async function assertAnswersAsRuntime(onnx: Uint8Array): Promise<void> {
  const plan = planModel(signatureOf(onnx));
  const compiled = GraphEngine.compile(plan, decodeOnnx(onnx).graph);
  assert.ok(compiled, "it is not compiled");
  const runtime = await OnnxEngine.load(plan, onnx);
  try {
    const inputs = someRows(10_000);
    const [expectedLabels, expectedScores] = await runtime.run(inputs);
    const [labels, scores] = compiled.run(inputs);
    assert.equal(scores?.data.length, expectedScores?.data.length);
    assert.deepEqual([labels?.datatype, labels?.shape], [expectedLabels?.datatype, expectedLabels?.shape]);
    const classes = Number(scores?.shape[1]);
    let different = 0;
    for (let row = 0; row < inputs.rows; row++) {
      const found = Array.from(scores?.data.slice(row * classes, (row + 1) * classes) ?? [], Number);
      for (const [at, score] of found.entries()) {
        const expected = Number(expectedScores?.data[row * classes + at]);
        assert.ok(
          Math.abs(score - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
          `row ${row}, class ${at}: ${score}, not ${expected}`,
        );
      }
      if (labels?.data[row] === expectedLabels?.data[row]) continue;
      different += 1;
      const [most = 0, next = 0] = found.toSorted((a, b) => b - a);
      assert.ok(most - next <= 1e-6, `row ${row}: ${String(labels?.data[row])} of ${found.join(", ")}`);
    }
    assert.ok(different <= 100, `${different} labels differ`);
    const kinds = new Set<unknown>(labels?.data);
    assert.ok(kinds.size >= 2, "only one label");
  } finally {
    await runtime.close();
  }
}

describe("classifiers of trees, compiled", () => {
  let folder = "";
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "tenon-trees-"))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  for (const name of Object.keys(graphs))
    it(`${name}: as the runtime`, () => assertAnswersAsRuntime(onnxOf(name)));

  for (const link of ["NONE", "SOFTMAX", "LOGISTIC"])
    for (const [title, shape] of [
      ["shares, by the first's number", { classes: 2, ids: [0], positive: true }],
      ["margins, by the first's number", { classes: 2, ids: [0], positive: false, base: 1 }],
      ["shares, by the second's number", { classes: 2, ids: [1], positive: true }],
      ["margins, by the second's number", { classes: 2, ids: [1], positive: false }],
      ["two sums of two", { classes: 2, ids: [0, 1], positive: false }],
      ["four sums of four, with base values", { classes: 4, ids: [0, 1, 2, 3], positive: false, base: 4 }],
      [
        "scores by the way, with base values",
        { classes: 3, ids: [0, 1, 2], positive: false, base: 3, gaps: [0, 1, 2, 3, 4] },
      ],
      [
        "scores by the way in all trees but one",
        { classes: 3, ids: [0, 1, 2], positive: false, gaps: [0, 1, 2, 3] },
      ],
    ] as const)
      it(`${title}, ${link}: as the runtime`, () =>
        assertAnswersAsRuntime(encodeOnnx(randomClassifier(link, shape))));

  it("what isn't compiled is left to the runtime", () => {
    const three = { classes: 3, ids: [0, 1, 2], positive: false };
    const two = { classes: 2, ids: [0, 1], positive: false };
    for (const [link, shape] of [
      ["PROBIT", three],
      ["SOFTMAX_ZERO", three],
      ["OTHER", three],
      // There is no class 3.
      ["NONE", { ...three, ids: [0, 1, 3] }],
      ["NONE", { ...three, base: 2 }],
      ["NONE", { ...two, base: 2 }],
      ["NONE", { ...two, labels: [0, 10] }],
      ["NONE", { ...two, ids: [1], base: 1 }],
      // A row may come to no leaf that has a score of a class: the runtime then takes another for the label, be it below 0.
      ["NONE", { ...three, gaps: [0, 1, 2, 3, 4] }],
      ["SOFTMAX", { ...two, gaps: [0, 1, 2, 3, 4] }],
      ["NONE", { ...three, ids: [0, 1] }],
    ] as const) {
      const model = randomClassifier(link, shape);
      const compiled = GraphEngine.compile(planModel(signatureOf(encodeOnnx(model))), model.graph);
      assert.equal(compiled, undefined, `${link} ${JSON.stringify(shape)}`);
    }
  });

  it("a package of another tool's graph without recorded rows is served compiled", async () => {
    for (const name of ["random forest, three words", "LightGBM, two classes", "XGBoost, three classes"]) {
      const onnx = onnxOf(name);
      const directory = join(folder, name.replaceAll(/\W+/g, "-"));
      await writeModel(directory, { onnx, signature: signatureOf(onnx) });
      const served = await loadPackage({ name: "m", version: "1", directory }, (error) => {
        throw error;
      });
      assert.equal(served.engine.platform, "tenon_compiled", name);
      await served.engine.close();
    }
  });
});

interface Shape {
  readonly classes: number;
  /** The classes that leaves have weights of. */
  readonly ids: readonly number[];
  readonly positive: boolean;
  /** How many base values there are. */
  readonly base?: number;
  readonly labels?: readonly number[];
  /** The trees whose every other leaf has no weight of one class or another. */
  readonly gaps?: readonly number[];
}

/** An ensemble of full trees of depth 3. */
function randomClassifier(
  link: string,
  { classes, ids, positive, base = 0, labels, gaps = [] }: Shape,
): OnnxModel {
  const trees = 5;
  const nodes = Array.from({ length: trees * 15 }, (_, at) => ({ tree: Math.floor(at / 15), id: at % 15 }));
  const isLeaf = nodes.map(({ id }) => id >= 7);
  const leaves = nodes
    .filter(({ id }) => id >= 7)
    .flatMap(({ tree, id }) => ids.map((target) => ({ tree, id, target })))
    .filter(({ tree, id, target }) => !gaps.includes(tree) || id % 2 === 0 || target !== id % ids.length);
  const ints = (values: readonly number[]): OnnxAttribute => ({ ints: values });
  const weight = (): number => Math.fround(positive ? random.uniform() / trees : random.normal());
  return {
    irVersion: 8,
    producer: "test",
    documentation: "",
    opsets: { "": 17, "ai.onnx.ml": 3 },
    metadata: {},
    graph: {
      name: "trees",
      nodes: [
        {
          name: "trees",
          operator: "TreeEnsembleClassifier",
          domain: "ai.onnx.ml",
          inputs: ["x"],
          outputs: ["label", "scores"],
          attributes: {
            post_transform: { text: link },
            classlabels_int64s: ints(labels ?? Array.from({ length: classes }, (_, at) => at)),
            ...(base > 0 && {
              base_values: { floats: Array.from({ length: base }, (_, at) => (at + 1) / 4) },
            }),
            nodes_treeids: ints(nodes.map(({ tree }) => tree)),
            nodes_nodeids: ints(nodes.map(({ id }) => id)),
            nodes_featureids: ints(nodes.map(() => Math.floor(random.uniform() * width))),
            nodes_modes: { texts: isLeaf.map((leaf) => (leaf ? "LEAF" : "BRANCH_LEQ")) },
            nodes_values: { floats: nodes.map(() => Math.fround(Math.round(random.normal() * 10) / 10)) },
            nodes_truenodeids: ints(nodes.map(({ id }, at) => (isLeaf[at] ? 0 : 2 * id + 1))),
            nodes_falsenodeids: ints(nodes.map(({ id }, at) => (isLeaf[at] ? 0 : 2 * id + 2))),
            nodes_missing_value_tracks_true: ints(nodes.map(() => Math.round(random.uniform()))),
            class_treeids: ints(leaves.map(({ tree }) => tree)),
            class_nodeids: ints(leaves.map(({ id }) => id)),
            class_ids: ints(leaves.map(({ target }) => target)),
            class_weights: { floats: leaves.map(weight) },
          },
        },
      ],
      inputs: [{ name: "x", dtype: "float32", shape: ["rows", width] }],
      outputs: [
        { name: "label", dtype: "int64", shape: ["rows"] },
        { name: "scores", dtype: "float32", shape: ["rows", classes] },
      ],
      initializers: [],
    },
  };
}
