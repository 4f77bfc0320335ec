/**
 * @file Mistakes in pipelines that must not compile: each marked line is an error of the type checker. They run too, and say
 * the same.
 */
import assert from "node:assert/strict";
import { openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import { columns, oneHot, standardScaler } from "../../../ml/features/index.ts";
import { logisticRegression, ridge } from "../../../ml/linear/index.ts";
import { pipeline } from "../../../ml/pipeline/index.ts";

type LoanColumns = {
  readonly amount: "float64";
  readonly job: "string";
  readonly paid: "boolean";
  readonly status: "string";
};

describe("types of pipelines", () => {
  let database: Database;
  let loans: Table<LoanColumns>;
  before(async () => {
    database = await openDatabase();
    const table = await database.table(
      "SELECT (i % 13)::DOUBLE AS amount, 'job ' || i % 3 AS job, i % 2 = 0 AS paid, CASE WHEN i % 5 < 2 THEN 'bad' ELSE 'good' END AS status FROM range(60) t(i)",
    );
    // SAFETY: these are its columns.
    loans = table as Table<LoanColumns>;
  });
  after(() => database.close());

  const features = columns({ amount: standardScaler(), job: oneHot() });
  const risk = pipeline(features, logisticRegression());

  it("know the classes by the target's column", async () => {
    const paid: boolean[] = await (await risk.fit(loans, { target: "paid" })).predict(loans);
    const status: string[] = await (await risk.fit(loans, { target: "status" })).predict(loans);
    assert.equal(paid.length, status.length);
    const price = pipeline(columns({ job: oneHot() }), ridge());
    const predicted: Float64Array = await (await price.fit(loans, { target: "amount" })).predict(loans);
    assert.equal(predicted.length, 60);
  });

  it("refuse a misspelt target, and one among the features", async () => {
    // @ts-expect-error there is no column "statsu"
    await assert.rejects(risk.fit(loans, { target: "statsu" }), /did you mean "status"/);
    // @ts-expect-error a feature is made of it
    await assert.rejects(risk.fit(loans, { target: "job" }), /"job" is the target/);
  });

  it("refuse a fit without a target", async () => {
    // @ts-expect-error it has no target
    await assert.rejects(risk.fit(loans, {}));
  });

  it("refuse features of columns that the table lacks", async () => {
    const other = pipeline(columns({ amuont: standardScaler() }), logisticRegression());
    // @ts-expect-error there is no column "amuont"
    await assert.rejects(other.fit(loans, { target: "paid" }), /did you mean "amount"/);
  });

  it("refuse settings that the model hasn't", () => {
    // @ts-expect-error a logistic regression has no alpha
    risk.with({ alpha: 1 });
    // @ts-expect-error c is a number
    assert.throws(() => risk.with({ c: "much" }));
  });

  it("refuse measures of the other kind", async () => {
    await assert.rejects(
      // @ts-expect-error R² is of numbers
      risk.crossValidate(loans, { target: "paid", metrics: ["r2"] }),
      /no metric "r2" of such an estimator/,
    );
    const price = pipeline(columns({ job: oneHot() }), ridge());
    await assert.rejects(
      // @ts-expect-error accuracy is of classes
      price.crossValidate(loans, { target: "amount", metrics: ["accuracy"] }),
      /no metric "accuracy"/,
    );
    const found = await price.crossValidate(loans, { target: "amount" });
    assert.ok(Number.isFinite(found.mean("r2")));
    // @ts-expect-error it was not measured
    found.mean("maxError");
  });

  it("refuse a validation where the model has no use for one", async () => {
    // @ts-expect-error a logistic regression doesn't stop early
    await risk.fit(loans, { target: "paid", validation: loans });
  });

  it("have no probabilities of numbers", async () => {
    const price = await pipeline(columns({ job: oneHot() }), ridge()).fit(loans, { target: "amount" });
    // @ts-expect-error a regression has none
    assert.equal(price.predictProbabilities, undefined);
  });
});
