import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as v from "valibot";
import { Session, toOnnx } from "../../../ml/graph/index.ts";
import { decodeCatboost } from "../../../ml/trees/native/catboost.ts";
import { ForestFileError } from "../../../ml/trees/native/errors.ts";
import { decodeLightgbm } from "../../../ml/trees/native/lightgbm.ts";
import { loadCatboost, loadLightgbm, loadXgboost } from "../../../ml/trees/native/load.ts";
import { modelOf, type NativeModel } from "../../../ml/trees/native/native-model.ts";
import { decodeXgboost } from "../../../ml/trees/native/xgboost.ts";
import { predictForest } from "../../../ml/trees/predict-forest.ts";
import { traceForest } from "../../../ml/trees/trace-forest.ts";
import { LinearCongruential } from "../../support/linear-congruential.ts";
import { assertCloseTo } from "../close-to.ts";
import { readReference } from "../reference.ts";

const bytes = v.pipe(
  v.string(),
  v.transform((text) => Uint8Array.from(Buffer.from(text, "base64"))),
);
const reference = readReference(
  "forest-files",
  v.object({
    models: v.array(
      v.object({
        name: v.string(),
        library: v.picklist(["xgboost", "lightgbm", "catboost"]),
        outputs: v.number(),
        file: v.pipe(
          bytes,
          v.transform((packed) => Uint8Array.from(gunzipSync(packed))),
        ),
        first: v.array(v.number()),
        sums: v.pipe(
          bytes,
          v.transform(({ buffer }) => new Float64Array(buffer)),
        ),
      }),
    ),
  }),
);
type Reference = (typeof reference)["models"][number];

const decoders = { xgboost: decodeXgboost, lightgbm: decodeLightgbm, catboost: decodeCatboost };
const columns = ["n0", "n1", "n2", "n3", "n4", "n5", "c6", "c7"];
const rowCount = 10_000;

/** A model of XGBoost's whose nodes can be changed. */
const withTrees = v.looseObject({
  learner: v.looseObject({
    gradient_booster: v.looseObject({
      model: v.looseObject({
        trees: v.array(
          v.looseObject({
            split_type: v.array(v.number()),
            left_children: v.array(v.number()),
            split_conditions: v.array(v.union([v.number(), v.string()])),
          }),
        ),
      }),
    }),
  }),
});

/** The rows of forest-files.py. */
function referenceRows(): Float64Array {
  const random = new LinearCongruential(12);
  const categories = new Map([
    [6, 12],
    [7, 40],
  ]);
  return Float64Array.from({ length: rowCount * 8 }, (_, at) => {
    const column = at % 8;
    const [kind, value] = [random.uniform(), random.uniform()];
    if (kind < 0.1) return Number.NaN;
    const count = categories.get(column);
    if (count !== undefined) return Math.floor(value * count);
    return column === 5 && value < 0.5 ? 0 : value * 4 - 2;
  });
}

const data = referenceRows();

async function predicted({ library, outputs }: Reference, found: NativeModel): Promise<Float64Array> {
  const matrix = { data, rows: rowCount, columns };
  if (outputs === found.forest.outputs) return predictForest(found.forest, matrix);
  const model = modelOf(library, found);
  assert.equal(model.task, "classification");
  return model.predictProbabilities(matrix);
}

/** Sums over a hundred rows each. */
function sumsOf(values: Float64Array, outputs: number): Float64Array {
  const sums = new Float64Array(values.length / 100);
  for (const [at, value] of values.entries()) {
    const place = Math.floor(at / outputs / 100) * outputs + (at % outputs);
    sums[place] = (sums[place] ?? 0) + value;
  }
  return sums;
}

const refused: Readonly<
  Record<string, readonly [Reference["library"], string, (text: string) => string, RegExp]>
> = {
  "an objective that is no link": [
    "xgboost",
    "XGBoost, numbers",
    (text) => text.replace(`"name":"reg:squarederror"`, `"name":"binary:hinge"`),
    /objective is binary:hinge/u,
  ],
  "a linear booster": [
    "xgboost",
    "XGBoost, numbers",
    (text) => text.replace(`"name":"gbtree"`, `"name":"gblinear"`),
    /gradient_booster/u,
  ],
  "a child that leads back": [
    "xgboost",
    "XGBoost, numbers",
    (text) => text.replace(`"left_children":[1,`, `"left_children":[0,`),
    /node 0 of tree 0 is reached twice/u,
  ],
  "a child that isn't there": [
    "xgboost",
    "XGBoost, numbers",
    (text) => text.replace(`"left_children":[1,`, `"left_children":[100000,`),
    /no node at 100000/u,
  ],
  "features without names": [
    "xgboost",
    "XGBoost, numbers",
    (text) => text.replace(`"feature_names":["n0",`, `"feature_names":[`),
    /8 features and 7 names/u,
  ],
  "too large categories": [
    "xgboost",
    "XGBoost, categories",
    (text) => text.replace(/"categories":\[\d+/u, `"categories":[4000000000`),
    /4000000000 is no category/u,
  ],
  "linear leaves": [
    "lightgbm",
    "LightGBM, numbers",
    (text) => text.replace("is_linear=0", "is_linear=1"),
    /linear leaves/u,
  ],
  "the root of what was learnt": [
    "lightgbm",
    "LightGBM, numbers",
    (text) => text.replace("objective=regression", "objective=regression sqrt"),
    /regression sqrt/u,
  ],
  "two kinds of missing values": [
    "lightgbm",
    "LightGBM, zeros are missing",
    (text) => text.replace(/decision_type=(\d+ )*6/u, (found) => found.replace(/6$/u, "10")),
    /zeros as missing and some NaN/u,
  ],
  "leaves missing": [
    "lightgbm",
    "LightGBM, numbers",
    (text) => text.replace(/leaf_value=\S+ /u, "leaf_value="),
    /of leaf_value, not/u,
  ],
  "an end missing": [
    "lightgbm",
    "LightGBM, numbers",
    (text) => text.slice(0, text.indexOf("end of trees")),
    /cut off/u,
  ],
  "statistics of categories": [
    "catboost",
    "CatBoost, numbers",
    (text) => text.replace(`"split_type":"FloatFeature"`, `"split_type":"OnlineCtr"`),
    /splits by OnlineCtr: only numeric/u,
  ],
  "values of another depth": [
    "catboost",
    "CatBoost, numbers",
    (text) => text.replace(`"leaf_values":[`, `"leaf_values":[0,`),
    /17 values, not 16/u,
  ],
  "a class too many": [
    "catboost",
    "CatBoost, three classes of text",
    (text) => text.replace(`"class_names":[`, `"class_names":["fourth",`),
    /3 outputs and 4 classes/u,
  ],
};

describe("models of other libraries' files", () => {
  for (const each of reference.models) {
    it(`predict as ${each.name}`, async () => {
      const found = decoders[each.library](each.file);
      const values = await predicted(each, found);
      assertCloseTo(values.subarray(0, each.first.length), each.first, 1e-5, "first rows");
      // The libraries round each of a hundred numbers to float32.
      assertCloseTo(sumsOf(values, each.outputs), each.sums, 1e-4, "sums over rows");
    });
  }

  it("leave as ONNX with missing values and categories", async () => {
    for (const name of ["XGBoost, categories", "LightGBM, zeros are missing", "CatBoost, two classes"]) {
      const each = named(name);
      const { forest } = decoders[each.library](each.file);
      const model = toOnnx(({ x }) => ({ y: traceForest(forest, x) }), {
        x: { dtype: "float32", shape: ["rows", 8] },
      });
      await using session = await Session.create(model);
      const rows = Float32Array.from(data);
      const { y } = await session.run(
        { x: { dtype: "float32", shape: [rowCount, 8], data: rows } },
        { y: null },
      );
      assert.ok(y?.data instanceof Float32Array);
      assertCloseTo(y.data, await predictForest(forest, { data: rows, rows: rowCount, columns }), 1e-5, name);
    }
  });

  it("are loaded from files, and say which file is none", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-forest-files-"));
    try {
      const write = (name: string, content: Uint8Array | string): string => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      };
      const classes = await loadCatboost(write("c.json", named("CatBoost, three classes of text").file));
      assert.equal(classes.task, "classification");
      assert.deepEqual(classes.classes, ["high", "low", "middle"]);
      assert.deepEqual(classes.featureNames, columns);
      const boosted = await loadXgboost(
        write("x.ubj", named("XGBoost, two classes, several trees a round").file),
      );
      assert.equal(boosted.task, "classification");
      assert.deepEqual(boosted.classes, [0, 1]);
      const counts = await loadLightgbm(write("l.txt", named("LightGBM, counts").file));
      assert.equal(counts.task, "regression");
      await assert.rejects(loadXgboost(join(folder, "none.json")), errorOf(/none\.json can't be read/u));
      await assert.rejects(
        loadXgboost(write("two.json", named("XGBoost, quantiles").file)),
        errorOf(/two\.json: the model predicts 2 numbers/u),
      );
      await assert.rejects(
        loadXgboost(join(folder, "l.txt")),
        errorOf(/l\.txt: this XGBoost model can't be read/u),
      );
      await assert.rejects(loadLightgbm(join(folder, "x.ubj")), errorOf(/does not begin with "tree"/u));
      await assert.rejects(loadCatboost(join(folder, "x.ubj")), ForestFileError);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("may be of an XGBoost that wrote one base score", () => {
    const { file } = named("XGBoost, counts");
    const text = new TextDecoder().decode(file);
    const older = text.replace(/"base_score":"\[([^\]]+)\]"/u, '"base_score":"$1"');
    assert.notEqual(older, text);
    assert.deepEqual(decodeXgboost(new TextEncoder().encode(older)), decodeXgboost(file));
  });

  it("may be of an XGBoost that gave nodes of categories NaN for a threshold", () => {
    const { file } = named("XGBoost, categories");
    const model = v.parse(withTrees, JSON.parse(new TextDecoder().decode(file)));
    let changed = 0;
    for (const tree of model.learner.gradient_booster.model.trees) {
      for (const [node, type] of tree.split_type.entries()) {
        if (type !== 1 || (tree.left_children[node] ?? -1) < 0) continue;
        tree.split_conditions[node] = "no threshold";
        changed += 1;
      }
    }
    assert.ok(changed > 0);
    const older = JSON.stringify(model).replaceAll('"no threshold"', "NaN");
    assert.deepEqual(decodeXgboost(new TextEncoder().encode(older)), decodeXgboost(file));
  });

  for (const [what, [library, name, change, message]] of Object.entries(refused)) {
    it(`are refused with ${what}`, () => {
      const text = new TextDecoder().decode(named(name).file);
      const changed = change(text);
      assert.notEqual(changed, text);
      assert.throws(() => decoders[library](new TextEncoder().encode(changed)), errorOf(message));
    });
  }

  for (const library of ["xgboost", "lightgbm", "catboost"] as const) {
    it(`give a named error or a forest whatever is damaged: ${library}`, async () => {
      const random = new LinearCongruential(99);
      const all = reference.models.filter((each) => each.library === library);
      let refusedCount = 0;
      for (let round = 0; round < 160; round++) {
        const { file } = all[random.below(all.length)] ?? named("XGBoost, numbers");
        const damaged = damage(file, random);
        try {
          const { forest } = decoders[library](damaged);
          if (forest.featureNames.length === 8)
            await predictForest(forest, { data: data.subarray(0, 80), rows: 10, columns });
        } catch (error) {
          assert.ok(error instanceof ForestFileError, String(error));
          refusedCount++;
        }
      }
      assert.ok(refusedCount > 40);
    });
  }
});

function named(name: string): Reference {
  const found = reference.models.find((each) => each.name === name);
  assert.ok(found, name);
  return found;
}

function errorOf(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ForestFileError, String(error));
    assert.match(error.message, message);
    return true;
  };
}

/** A copy with bytes changed, digits put elsewhere, or an end that is missing. */
function damage(file: Uint8Array, random: LinearCongruential): Uint8Array {
  const copy = file.slice();
  const kind = random.below(4);
  if (kind === 0) return copy.subarray(0, random.below(copy.length));
  for (let change = 0; change <= kind * 3; change++) {
    const at = random.below(copy.length);
    // Digits for digits keep a text a model, of other numbers.
    const isDigit = (copy[at] ?? 0) >= 0x30 && (copy[at] ?? 0) <= 0x39;
    copy[at] = isDigit && kind > 1 ? 0x30 + random.below(10) : random.below(256);
  }
  return copy;
}
