import assert from "node:assert/strict";
import { openDatabase } from "../../../ml/data/index.ts";
import { tableSource } from "../../../ml/data/table-source.ts";
import { decodeOnnx, fromData, importOnnx, tensor, toOnnx } from "../../../ml/graph/index.ts";
import { Session } from "../../../ml/graph/runtime/session.ts";
import { tensorData } from "../../../ml/graph/runtime/tensor-data.ts";
import {
  columns,
  dateParts,
  from,
  hashing,
  imputer,
  loadFeatures,
  minMaxScaler,
  oneHot,
  passthrough,
  standardScaler,
  targetEncoder,
} from "../../../ml/features/index.ts";
import { assertSameFeatures } from "./assert-features.ts";
import { runOnnx } from "./run-onnx.ts";

const people = `FROM (VALUES
  (1000.5::DOUBLE, 'cook', 31::INTEGER, true, DATE '2024-03-01'),
  (NULL, 'it''s "odd"', 45, false, DATE '1969-12-31'),
  (3000.25, NULL, 28, true, DATE '2000-02-29'),
  ('nan'::DOUBLE, '日本', 31, true, DATE '2024-03-01'),
  (-20.125, 'cook', 60, false, DATE '1900-01-01')) AS people(income, job, age, owner, born)`;

describe("features", () => {
  it("routes columns, fits, transforms, and is equal as ONNX and out of JSON", async () => {
    using database = await openDatabase();
    const table = await tableSource(database, people);
    const fitted = await columns({
      income: standardScaler(),
      job: [oneHot(), standardScaler()],
      age: standardScaler(),
      ages: from("age", oneHot()),
      owner: oneHot(),
      both: from(["age", "income"], standardScaler()),
    }).fit(table);
    const matrix = await fitted.transform(table);
    assert.deepEqual(matrix.columns, [
      "income",
      "job=cook",
      'job=it\'s "odd"',
      "job=日本",
      "job=null",
      "age",
      "age=28",
      "age=31",
      "age=45",
      "age=60",
      "owner=0",
      "owner=1",
      "age",
      "income",
    ]);
    assert.equal(matrix.rows, 5);
    assert.equal(matrix.data.length, 5 * 14);
    const cell = (row: number, name: string): number | undefined =>
      matrix.data[row * matrix.columns.length + matrix.columns.indexOf(name)];
    assert.ok(Number.isNaN(cell(1, "income")) && Number.isNaN(cell(3, "income")));
    assert.deepEqual([cell(0, "age=31"), cell(1, "age=31"), cell(1, "owner=0")], [1, 0, 1]);
    assert.ok((cell(2, "job=null") ?? 0) > 1 && (cell(0, "job=null") ?? 0) < 0);
    assertSameFeatures(await runOnnx(fitted, table), matrix.data);
    const stored = loadFeatures(JSON.parse(JSON.stringify(fitted)));
    assert.deepEqual(await stored.transform(table), matrix);
  });

  it("composes with a model into one program", async () => {
    using database = await openDatabase();
    const table = await tableSource(database, people);
    const fitted = await columns({ age: minMaxScaler(), job: oneHot() }).fit(table);
    const model = toOnnx(
      (inputs) => ({ score: fitted.trace(inputs).matmul(tensor([[10], [1], [2], [3], [4]])) }),
      fitted.inputTypes,
    );
    await using session = await Session.create(model);
    const age = tensorData("int64", BigInt64Array.of(60n, 28n), [2, 1]);
    const job = tensorData("string", ["日本", ""], [2, 1]);
    const { score } = await session.run({ age, job }, { score: null });
    assert.deepEqual([...(score?.data ?? [])], [13, 4]);
    // Some callers (MLflow, of a data frame with several columns) feed vectors.
    const ofVectors = toOnnx((inputs) => ({ features: fitted.trace(inputs) }), {
      age: { dtype: "int64", shape: ["rows"] },
      job: { dtype: "string", shape: ["rows"] },
    });
    await using second = await Session.create(ofVectors);
    const vectors = {
      age: tensorData("int64", BigInt64Array.of(60n, 28n), [2]),
      job: tensorData("string", ["日本", ""], [2]),
    };
    const { features } = await second.run(vectors, { features: null });
    assert.deepEqual([...(features?.data ?? [])], [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  });

  it("comes back from ONNX as a function of tensors", async () => {
    using database = await openDatabase();
    const table = await tableSource(database, people);
    const fitted = await columns({ age: oneHot(), job: hashing({ features: 3 }) }).fit(table);
    const imported = importOnnx(decodeOnnx(fitted.toOnnx()));
    const inputs = {
      age: fromData("int64", BigInt64Array.of(31n, 45n, 28n, 31n, 60n), [5, 1]),
      job: tensor([["cook"], ['it\'s "odd"'], [""], ["日本"], ["cook"]], "string"),
    };
    const { features } = imported.apply(imported.parameters, inputs);
    assertSameFeatures((await features?.data()) ?? [], (await fitted.transform(table)).data);
  });

  it("show themselves as a table", async () => {
    using database = await openDatabase();
    const table = await tableSource(database, people);
    const fitted = await columns({ age: oneHot(), both: from(["age", "income"], minMaxScaler()) }).fit(table);
    const bundle: unknown = Reflect.get(fitted, Symbol.for("Jupyter.display")).call(fitted);
    assert.deepEqual(bundle && Object.keys(bundle), ["text/html", "text/plain"]);
    const text = String(Reflect.get(Object(bundle), "text/plain"));
    assert.match(text, /age, income +minMaxScaler +2 +age, income/);
    assert.match(text, /2 rows × 4 columns/);
  });

  it("give what the exported model is fed with, missing values and dates too", async () => {
    using database = await openDatabase();
    const table = await tableSource(database, people);
    const fitted = await columns({
      income: [imputer("mean"), standardScaler()],
      job: oneHot(),
      age: standardScaler(),
      owner: oneHot(),
      born: dateParts("year"),
    }).fit(table);
    const feed = await fitted.feed(table);
    assert.deepEqual(feed["income"], {
      dtype: "float64",
      data: Float64Array.of(1000.5, Number.NaN, 3000.25, Number.NaN, -20.125),
      shape: [5, 1],
    });
    assert.deepEqual(feed["job"]?.data, ["cook", 'it\'s "odd"', "", "日本", "cook"]);
    assert.deepEqual(feed["born"]?.data, BigInt64Array.of(19783n, -1n, 11016n, 19783n, -25567n));
    await using session = await Session.create(fitted.toOnnx());
    const { features } = await session.run(feed, { features: null });
    assert.ok(features?.data instanceof Float32Array);
    assertSameFeatures(features.data, (await fitted.transform(table)).data);
    const without = await tableSource(database, `SELECT * EXCLUDE (age) FROM (${people})`);
    await assert.rejects(fitted.feed(without), /no column "age"/);
    const holes = await tableSource(database, `SELECT * REPLACE (NULL::INTEGER AS age) FROM (${people})`);
    await assert.rejects(fitted.feed(holes), /"age" has a missing value/);
  });

  it("are encoded by folds also where a table's rows come in another order each time", async () => {
    using database = await openDatabase();
    const rows = await database.table(
      "SELECT i AS id, 'job ' || (i % 7) AS job, ((i * 37) % 11)::DOUBLE AS y, 1 + i % 3 AS w FROM range(500) t(i)",
    );
    const grouped = rows.groupBy("id", "job", "y", "w").aggregate({});
    assert.equal(grouped.isOrdered, false);
    const features = columns({ job: targetEncoder(), id: passthrough() });
    const { matrix, target, weights } = await features.fitTransform(grouped, { target: "y", weights: "w" });
    assert.equal(matrix.rows, 500);
    for (let row = 0; row < 500; row++) {
      // Each row's numbers are those of one row of the table.
      const id = matrix.data[2 * row + 1] ?? Number.NaN;
      assert.equal(target?.[row], (id * 37) % 11);
      assert.equal(weights?.[row], 1 + (id % 3));
    }
  });
});
