import assert from "node:assert/strict";
import { join } from "node:path";
import { col, openDatabase, read, rowNumber, type Database, type Table } from "../../../ml/data/index.ts";
import { columns, imputer, oneHot, standardScaler, targetEncoder } from "../../../ml/features/index.ts";
import { Session } from "../../../ml/graph/index.ts";
import { kFold, logLoss, rocAuc } from "../../../ml/evaluate/index.ts";
import { linearRegression, logisticRegression } from "../../../ml/linear/index.ts";
import { loadPipeline, pipeline } from "../../../ml/pipeline/index.ts";
import { BoostedClassificationModel } from "../../../ml/trees/boosting/boosted-model.ts";
import { gradientBoostingClassifier } from "../../../ml/trees/index.ts";
import { repositoryRoot } from "../../support/repository.ts";

const features = columns({
  Seniority: standardScaler(),
  Age: standardScaler(),
  Income: [imputer("median", { indicator: true }), standardScaler()],
  Job: oneHot({ handleUnknown: "ignore" }),
  Records: oneHot({ drop: "ifBinary" }),
});

describe("pipelines", () => {
  let database: Database;
  let table: Table;
  before(async () => {
    database = await openDatabase();
    const file = await read(join(repositoryRoot, "samples/data/credit_data.csv"), { database });
    table = file
      .derive({ Income: col("Income").tryCast("float64"), bad: col("Status").eq("bad") })
      .filter(col("Age").le(60));
  });
  after(() => database[Symbol.dispose]());

  it("predict a table's classes with the target's own values, and as ONNX the same on every row", async () => {
    for (const model of [
      logisticRegression(),
      gradientBoostingClassifier({ nEstimators: 20, maxDepth: 4 }),
    ]) {
      const fitted = await pipeline(features, model).fit(table, { target: "Status" });
      assert.deepEqual(fitted.classes, ["bad", "good"]);
      const probabilities = await fitted.predictProbabilities(table);
      const labels = await fitted.predict(table);
      assert.deepEqual(new Set(labels), new Set(["bad", "good"]));
      await using session = await Session.create(fitted.toOnnx());
      const outputs = await session.run(await fitted.features.feed(table), {
        label: null,
        probabilities: null,
      });
      const theirs = outputs["probabilities"]?.data ?? [];
      assert.equal(theirs.length, probabilities.length);
      const difference = Math.max(...probabilities.map((each, at) => Math.abs(each - Number(theirs[at]))));
      assert.ok(difference < 1e-5, `${model.kind} differs by ${difference}`);
      assert.deepEqual(outputs["label"]?.data, labels);
    }
  });

  it("encode categories by classes that are texts, two or several", async () => {
    const encoded = columns({ Job: targetEncoder(), Home: targetEncoder(), Income: imputer("median") });
    const two = await pipeline(encoded, logisticRegression()).fit(table, { target: "Status" });
    assert.deepEqual(two.features.names, ["Job", "Home", "Income"]);
    const several = await pipeline(
      columns({ Job: targetEncoder(), Income: imputer("median") }),
      logisticRegression(),
    ).fit(table, { target: "Marital" });
    const names = several.classes.map((each) => `Job_${each}`);
    assert.ok(names.length > 2);
    assert.deepEqual(several.features.names, [...names, "Income"]);
    for (const fitted of [two, several]) {
      const labels = await fitted.predict(table);
      await using session = await Session.create(fitted.toOnnx());
      const { label } = await session.run(await fitted.features.feed(table), { label: null });
      assert.deepEqual(label?.data, labels);
      const loaded = loadPipeline(JSON.parse(JSON.stringify(fitted)));
      assert.deepEqual(await loaded.predict(table), labels);
    }
  });

  it("predict truth values and numbers as such", async () => {
    const bad = await pipeline(features, logisticRegression()).fit(table, { target: "bad" });
    assert.deepEqual(bad.classes, [false, true]);
    assert.equal(typeof (await bad.predict(table.limit(1)))[0], "boolean");
    const amount = await pipeline(features, linearRegression()).fit(table, { target: "Amount" });
    const predicted = await amount.predict(table);
    assert.ok(predicted instanceof Float64Array);
    await using session = await Session.create(amount.toOnnx());
    const { prediction } = await session.run(await amount.features.feed(table), { prediction: null });
    const largest = Math.max(
      ...predicted.map((each, row) => Math.abs(each - Number(prediction?.data[row])) / Math.abs(each)),
    );
    assert.ok(largest < 1e-5, `differs by ${largest}`);
  });

  it("come back from JSON and predict the same", async () => {
    for (const model of [logisticRegression(), gradientBoostingClassifier({ nEstimators: 5 })]) {
      const fitted = await pipeline(features, model).fit(table, { target: "Status" });
      const loaded = loadPipeline(JSON.parse(JSON.stringify(fitted)));
      assert.equal(loaded.task, "classification");
      assert.deepEqual(await loaded.predict(table), await fitted.predict(table));
      assert.equal(loaded.target, "Status");
    }
  });

  it("are fitted anew within each split, features too", async () => {
    const small = table
      .sort("Seniority", "Age", "Amount", "Price", "Expenses", "Time", "Debt", "Assets", "Income")
      .limit(600);
    const risk = pipeline(
      columns({ Job: targetEncoder(), Age: standardScaler(), Income: [imputer("mean"), standardScaler()] }),
      logisticRegression(),
    );
    const told: number[] = [];
    const found = await risk.crossValidate(small, {
      target: "bad",
      onFold: (soFar) => void told.push(soFar.mean("rocAuc")),
      split: kFold({ splits: 3 }),
      metrics: ["rocAuc", "logLoss", "accuracy"],
    });
    assert.equal(found.folds.length, 3);
    assert.equal(told.length, 3);
    assert.equal(told[2], found.mean("rocAuc"));
    for (const [fold, { test, scores }] of found.folds.entries()) {
      assert.deepEqual(
        [...test],
        Array.from({ length: 200 }, (_, at) => fold * 200 + at),
      );
      // By hand: the same rows as tables.
      const numbered = small.derive({ row: rowNumber().over({}) });
      const isTested = col("row").between(fold * 200 + 1, (fold + 1) * 200);
      const others = numbered.filter(isTested.not()).sort("row");
      const tested = numbered.filter(isTested).sort("row");
      const fitted = await risk.fit(others, { target: "bad" });
      const probabilities = await fitted.predictProbabilities(tested);
      const bad = (await tested.rows()).map((row) => row["bad"] === true);
      const ofBad = Float64Array.from(bad, (_, row) => probabilities[2 * row + 1] ?? 0);
      assert.equal(scores.rocAuc, rocAuc(bad, ofBad));
      assert.equal(scores.logLoss, logLoss(bad, ofBad));
    }
    const left = await database.query(
      "SELECT table_name FROM duckdb_tables() WHERE database_name = 'tenon_memory'",
    );
    assert.deepEqual(left.rows, [], "the rows that were kept are let go");
  });

  it("weigh rows by a column", async () => {
    const weighted = table.derive({ weight: col("bad").cast("float64").mul(9).add(1) });
    const plain = await pipeline(features, logisticRegression()).fit(weighted, { target: "bad" });
    const heavy = await pipeline(features, logisticRegression()).fit(weighted, {
      target: "bad",
      weights: "weight",
    });
    const share = async (fitted: typeof plain): Promise<number> =>
      (await fitted.predict(weighted)).filter(Boolean).length;
    assert.ok((await share(heavy)) > 2 * (await share(plain)));
  });

  it("stop boosting early by a table that isn't learnt from", async () => {
    const parts = table.split({ training: 0.7, validation: 0.3 }, { seed: 1, stratifyBy: "Status" });
    const boosted = gradientBoostingClassifier({
      nEstimators: 300,
      learningRate: 0.3,
      earlyStoppingRounds: 5,
    });
    const options = { target: "Status", validation: parts.validation } as const;
    const fitted = await pipeline(features, boosted).fit(parts.training, options);
    const { model } = fitted;
    assert.ok(model instanceof BoostedClassificationModel);
    assert.ok(model.history.validationLosses.length < 300, `${model.history.validationLosses.length}`);
    const other = parts.validation.derive({ Status: col("Amount") });
    await assert.rejects(
      pipeline(features, boosted).fit(parts.training, { target: "Status", validation: other }),
      { name: "InvalidInputError" },
    );
  });

  it("are another one with other settings", async () => {
    const one = pipeline(features, logisticRegression());
    const other = one.with({ c: 0.001 });
    assert.equal(one.model.settings.c, 1);
    assert.equal(other.model.settings.c, 0.001);
    assert.equal(other.features, one.features);
  });

  it("show their steps and the model", async () => {
    const risk = pipeline(features, logisticRegression());
    const show = (value: object): Record<string, string> =>
      Reflect.get(value, Symbol.for("Jupyter.display")).call(value);
    assert.match(
      show(risk)["text/plain"] ?? "",
      /Income +→ imputer → standardScaler\n.*\n.*\n→ logisticRegression/,
    );
    assert.match(show(risk)["text/html"] ?? "", /<strong>logisticRegression<\/strong>/);
    const fitted = await risk.fit(table, { target: "Status" });
    assert.match(show(fitted)["text/plain"] ?? "", /\d+ features → logisticRegression\n {2}target Status/);
  });

  it("refuse what can't be learnt from, saying why", async () => {
    const risk = pipeline(features, logisticRegression());
    await assert.rejects(risk.fit(table, { target: "Statsu" }), /no column "Statsu"; did you mean "Status"/);
    // @ts-expect-error a target that a feature is made of
    await assert.rejects(risk.fit(table, { target: "Age" }), /"Age" is the target/);
    await assert.rejects(
      risk.fit(table.filter(col("bad")), { target: "Status" }),
      /1 classes|one class|at least 2/,
    );
    await assert.rejects(risk.fit(table.limit(0), { target: "Status" }), /no rows/);
    await assert.rejects(risk.fit(table, { target: "Status", weights: "Job" }), /the weights takes? numbers/);
    const aborted = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(risk.fit(table, { target: "Status", signal: aborted }), /stopped/);
    assert.throws(() => loadPipeline({ version: 1, kind: "pipeline" }), { name: "InvalidInputError" });
    assert.throws(() => loadPipeline({ version: 2 }), { name: "InvalidInputError" });
    const good = JSON.parse(JSON.stringify(await risk.fit(table, { target: "Status" })));
    assert.throws(() => loadPipeline({ ...good, model: { ...good.model, kind: "oracle" } }), /oracle/);
    assert.throws(() => loadPipeline({ ...good, model: { ...good.model, featureNames: ["Age"] } }), {
      name: "InvalidInputError",
    });
  });
});
