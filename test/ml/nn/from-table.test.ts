import assert from "node:assert/strict";
import { fromArrays, openDatabase, tableSource } from "../../../ml/data/index.ts";
import { columns, imputer, oneHot, standardScaler } from "../../../ml/features/index.ts";
import { binaryCrossEntropyWithLogits, crossEntropy, type Tensor } from "../../../ml/graph/index.ts";
import {
  adam,
  categoriesOf,
  embedding,
  fit,
  fromTable,
  linear,
  relu,
  sequential,
  type Dataset,
} from "../../../ml/nn/index.ts";
import { applicants, columnsOf } from "./applicants.ts";

const invalid = (message: RegExp): object => ({ name: "InvalidInputError", message });

describe("fromTable", () => {
  it("puts columns of numbers side by side, in the table's order, with targets beside them", async () => {
    const table = await applicants(300);
    const data = await fromTable(table, { features: ["age", "bad"], target: ["row"] });
    const typed: Dataset<{
      readonly features: Tensor<readonly [number, 2], "float32">;
      readonly target: Tensor<readonly [number, 1], "float32">;
    }> = data;
    const { age, bad, row } = await table.arrays();
    assert.deepEqual(await columnsOf(typed), {
      features: Array.from(age).flatMap((years, at) => [Math.fround(years), bad[at]]),
      target: Array.from(row),
    });
  });

  it("gives categories and classes as their places in the lists", async () => {
    const table = await applicants(50);
    const known = await categoriesOf(table, "home", "bad");
    assert.deepEqual(known, { home: ["other", "owner", "rent"], bad: ["false", "true"] });
    const data: Dataset<{
      readonly features: Tensor<readonly [number, 1], "float32">;
      readonly categories: { readonly home: Tensor<readonly [number], "int64"> };
      readonly target: Tensor<readonly [number], "int64">;
    }> = await fromTable(table, {
      features: ["age"],
      categories: { home: ["rent", "owner", "other"] },
      target: "bad",
      classes: known.bad,
    });
    const { home, bad } = await table.arrays();
    const { "categories.home": found, target } = await columnsOf(data);
    assert.deepEqual(
      found,
      home.map((each) => ["rent", "owner", "other"].indexOf(each)),
    );
    assert.deepEqual(target, Array.from(bad));
  });

  it("takes categories that are any text, numbers or booleans", async () => {
    const table = await fromArrays({
      text: ["it's", 'a "quoted"\0one', "", "ä;--"],
      number: Int32Array.of(7, -1, 10, 7),
      flag: [true, false, false, true],
    });
    const known = await categoriesOf(table, "text", "number", "flag");
    assert.deepEqual(known.number, ["-1", "7", "10"]);
    const data = await fromTable(table, { categories: { ...known, flag: [true, false] } });
    assert.deepEqual(await columnsOf(data), {
      "categories.text": ["it's", 'a "quoted"\0one', "", "ä;--"].map((each) => known.text.indexOf(each)),
      "categories.number": [1, 0, 2, 1],
      "categories.flag": [0, 1, 1, 0],
    });
  });

  it("computes fitted features of the very rows whose target it gives", async () => {
    const table = await applicants(500);
    const features = columns({
      age: standardScaler(),
      income: [imputer("median", { indicator: true }), standardScaler()],
      home: oneHot(),
    });
    const fitted = await features.fit(table, { target: "bad" });
    const data = await fromTable(table, { features: fitted, target: "row" });
    const { data: matrix } = await fitted.transform(table);
    const { row } = await table.arrays();
    assert.deepEqual(await columnsOf(data), { features: Array.from(matrix), target: Array.from(row) });
    const batches = fitted.batches(table, { rows: 1, columns: ["row", "home"] });
    const { value } = await batches.next();
    assert.equal(value?.matrix.rows, 500);
    assert.deepEqual(value?.arrays["row"], row);
    await batches.return();
    await assert.rejects(fitted.batches(table, { columns: ["rows"] }).next(), invalid(/did you mean "row"/));
    await assert.rejects(
      fromTable(table, { features: fitted, target: "age" }),
      invalid(/"age" is the target/),
    );
  });

  it("is what a fit learns from", async () => {
    const table = await applicants(600);
    const known = await categoriesOf(table, "home");
    const scaled = await columns({ age: standardScaler() }).fit(table, { target: "bad" });
    const data = await fromTable(table, { features: scaled, categories: known, target: "bad" });
    const homes = embedding(3, 2);
    const network = sequential(linear(2, 8), relu(), linear(8, 1));
    const { history } = await fit({
      parameters: { homes: homes.init(1), age: linear(1, 2).init(2), network: network.init(3) },
      loss: (parameters, { features, categories, target }) => {
        const age = features.matmul(parameters.age.weight);
        const logits = network.apply(
          parameters.network,
          age.add(homes.apply(parameters.homes, categories.home)),
        );
        return binaryCrossEntropyWithLogits(logits, target);
      },
      data,
      optimizer: adam(),
      learningRate: 0.02,
      epochs: 15,
      seed: 1,
    });
    const [first, last] = [history[0]?.loss ?? 0, history.at(-1)?.loss ?? 1];
    assert.ok(last < 0.6 * first, `the loss went from ${first} to ${last}`);
  });

  it("and classes are what crossEntropy takes", async () => {
    const table = await applicants(100);
    const data = await fromTable(table, {
      features: ["age"],
      target: "home",
      classes: ["other", "owner", "rent"],
    });
    const model = linear(1, 3);
    const { history } = await fit({
      parameters: model.init(1),
      loss: (parameters, { features, target }) => crossEntropy(model.apply(parameters, features), target),
      data,
      optimizer: adam(),
      learningRate: 1e-3,
      epochs: 1,
    });
    assert.ok(Number.isFinite(history[0]?.loss));
  });

  it("knows the table's columns before anything runs", async () => {
    const table = await applicants(5);
    // @ts-expect-error a misspelt column
    await assert.rejects(fromTable(table, { features: ["agee"] }), invalid(/did you mean "age"/));
    // @ts-expect-error a column of text is none of numbers
    await assert.rejects(fromTable(table, { features: ["home"] }), invalid(/"home" is of type string/));
    // @ts-expect-error a misspelt target
    await assert.rejects(fromTable(table, { features: ["age"], target: "bda" }), invalid(/no column "bda"/));
    await assert.rejects(
      // @ts-expect-error measured numbers are no categories
      fromTable(table, { categories: { age: ["1"] } }),
      invalid(/"age" is of type float64, which has no categories/),
    );
    // @ts-expect-error a misspelt column
    await assert.rejects(categoriesOf(table, "hme"), invalid(/did you mean "home"/));
    const data = await fromTable(table, { features: ["age"], target: "bad" });
    const model = linear(2, 1);
    await assert.rejects(
      fit({
        parameters: model.init(1),
        loss: (parameters, { features, target }) =>
          // @ts-expect-error one feature, where the model takes two
          model.apply(parameters, features).sub(target).square().mean(),
        data,
        optimizer: adam(),
        learningRate: 1,
        epochs: 1,
      }),
      /a matrix product: \[5, 1\] and \[2, 1\] do not fit/,
    );
  });

  const selections: readonly (readonly [string, object, RegExp])[] = [
    ["no columns", {}, /a selection needs features or categories/],
    ["an empty list", { features: [] }, /features name no column/],
    ["a missing number", { features: ["income"] }, /"income" holds NaN in row 1/],
    ["a target among the features", { features: ["age"], target: "age" }, /"age" is the target/],
    ["a target of text", { features: ["age"], target: "home" }, /"home" holds text: name its classes/],
    [
      "an unknown class",
      { features: ["age"], target: "home", classes: ["rent", "owner"] },
      /"home" holds "other" in row 1, which is none of its categories: rent, owner/,
    ],
    ["classes of nothing", { features: ["age"], classes: ["a"] }, /classes are those of one target column/],
    ["a repeated category", { categories: { home: ["a", "a"] } }, /have "a" twice/],
    ["no categories", { categories: { home: [] } }, /no categories of "home"/],
  ];
  for (const [what, selection, message] of selections)
    it(`refuses ${what}`, async () => {
      await assert.rejects(fromTable(await applicants(20), selection), invalid(message));
    });

  it("reads temporary tables, which only their connection knows", async () => {
    using db = await openDatabase();
    await db.run("CREATE TEMP TABLE held AS SELECT i AS x, i % 2 = 0 AS even FROM range(4) AS rows(i)");
    const data = await fromTable(await db.table("FROM held"), { features: ["x"], target: "even" });
    assert.deepEqual(await columnsOf(data), { features: [0, 1, 2, 3], target: [1, 0, 1, 0] });
    await assert.rejects(
      fromTable(await tableSource(db, "SELECT error('Catalog Error')::INT AS x"), { features: ["x"] }),
      {
        name: "QueryError",
      },
    );
  });

  it("refuses no rows, infinite numbers and missing categories; takes one row", async () => {
    using db = await openDatabase();
    const source = async (sql: string) => tableSource(db, sql);
    const select = async (sql: string) => fromTable(await source(sql), { features: ["x"] });
    await assert.rejects(select("SELECT 1 AS x WHERE false"), invalid(/the table has no rows/));
    await assert.rejects(select("SELECT 'inf'::DOUBLE AS x"), invalid(/"x" holds Infinity in row 0/));
    const odd = await source("SELECT NULL::VARCHAR AS x");
    await assert.rejects(
      fromTable(odd, { categories: { x: ["a"] } }),
      invalid(/"x" holds null in row 0, which is none of its categories: a/),
    );
    assert.deepEqual(await columnsOf(await select("SELECT 2 AS x")), { features: [2] });
    await assert.rejects(select("SELECT error('the disk is gone')::INT AS x"), {
      name: "QueryError",
      message: /the disk is gone/,
    });
  });
});
