import assert from "node:assert/strict";
import { openDatabase, type Database } from "../../../ml/data/database.ts";
import {
  compare,
  ComparisonError,
  ComparisonFormatError,
  TableComparison,
} from "../../../ml/data/compare/index.ts";
import type { CategoryDistribution, NumberDistribution } from "../../../ml/data/compare/index.ts";
import { chiSquareTail, chiSquareTest, kolmogorovTail } from "../../../ml/data/compare/two-sample-tests.ts";
import { tableSource, type TableSource } from "../../../ml/data/table-source.ts";
import { assertCloseTo } from "../close-to.ts";
import { reference, rounded, writeTable } from "./profile-tables.ts";

describe("compare", function () {
  this.timeout(60_000);
  let database: Database;
  let a: TableSource;
  let b: TableSource;
  before(async () => {
    database = await openDatabase();
    a = await writeTable(database, "a", reference.table);
    b = await writeTable(database, "b", reference.other);
  });
  after(() => database.close());

  for (const expected of reference.comparedNumbers)
    it(`distances of ${expected.name} are NumPy's and SciPy's`, async () => {
      const found = numbers(await compare(a, b), expected.name);
      assertCloseTo(found.bins.cuts, expected.cuts, 1e-12);
      assert.deepEqual([found.bins.a, found.bins.b], expected.counts);
      assertCloseTo([found.psi, found.jensenShannon], [expected.psi, expected.jensenShannon], 1e-12);
      assertCloseTo([found.kolmogorovSmirnov.statistic], [expected.ks], 1e-12);
      assertCloseTo([found.kolmogorovSmirnov.pValue / expected.pValue], [1], 1e-9);
    });

  for (const expected of reference.comparedCategories)
    it(`distances of ${expected.name} are NumPy's and SciPy's`, async () => {
      const found = categories(await compare(a, b), expected.name);
      const byLevel = expected.levels.map((level) => found.levels.indexOf(level));
      assert.deepEqual(
        [found.a, found.b].map((counts) => byLevel.map((at) => counts[at])),
        expected.counts,
      );
      assertCloseTo([found.psi, found.jensenShannon], [expected.psi, expected.jensenShannon], 1e-12);
      assert.equal(found.chiSquare?.degreesOfFreedom, expected.degreesOfFreedom);
      assertCloseTo([(found.chiSquare?.statistic ?? 0) / expected.chiSquare], [1], 1e-12);
      assertCloseTo([(found.chiSquare?.pValue ?? 0) / expected.pValue], [1], 1e-9);
    });

  it("tails of the distributions are SciPy's", () => {
    for (const [x, degrees, tail] of reference.chiSquareTails)
      assertCloseTo([chiSquareTail(x, degrees) / tail], [1], 1e-10, `chi-square ${x} ${degrees}`);
    for (const [x, tail] of reference.kolmogorovTails)
      assertCloseTo([kolmogorovTail(x) / tail], [1], 1e-10, `Kolmogorov ${x}`);
  });

  it("says how the columns differ, and what to look at", async () => {
    const { data } = await compare(a, b, { names: ["before", "after"] });
    assert.deepEqual(data.rows, [400, 300]);
    assert.deepEqual(
      data.schema.onlyA.map(({ name }) => name),
      ["large", "holes", "constant", "street", "flag"],
    );
    assert.deepEqual(data.schema.onlyB, []);
    const found = data.findings.map(({ code, column }) => `${code} ${column}`);
    for (const expected of [
      "column-missing street",
      "distribution-shifted town",
      "missing-changed gaps",
      "new-values town",
    ])
      assert.ok(found.includes(expected), `${expected} in ${found.join("; ")}`);
    assert.match(
      data.findings.find(({ code }) => code === "new-values")?.message ?? "",
      /1 value in after only: "Kiel"/,
    );
  });

  it("finds nothing between a table and itself", async () => {
    const { data } = await compare(a, a, { names: ["one", "same"] });
    assert.deepEqual([data.findings, data.schema.typeChanges, data.schema.reordered], [[], [], false]);
    for (const { name, distribution } of data.columns) assert.ok((distribution?.psi ?? 0) < 1e-12, name);
  });

  it("compares tables of two databases", async () => {
    using other = await openDatabase();
    const elsewhere = await writeTable(other, "elsewhere", reference.other);
    assert.deepEqual(rounded((await compare(a, elsewhere)).data), rounded((await compare(a, b)).data));
    await assert.rejects(compare(a, elsewhere, { key: "whole" }), ComparisonError);
  });

  it("matches rows by key and counts what changed in them", async () => {
    const first = await tableSource(
      database,
      `SELECT * FROM (VALUES (1, 'x', 1.0, 'a'), (2, 'x', 2.0, 'b'), (3, 'y', NULL, 'c'), (4, 'y', 4.0, 'd'), (4, 'y', 5.0, 'd'), (NULL, 'z', 6.0, 'e'))
       t(id, part, amount, note)`,
    );
    const second = await tableSource(
      database,
      `SELECT * FROM (VALUES (1, 'x', 1.0, 'a'), (2, 'x', 2.5, 'B'), (3, 'y', NULL, 'c'), (4, 'y', 4.0, 'd'), (7, 'y', 7.0, 'g')) t(id, part, amount, note)`,
    );
    const { data } = await compare(first, second, { key: ["id", "part"] });
    assert.deepEqual(data.overlap, {
      key: ["id", "part"],
      both: 4,
      onlyA: 0,
      onlyB: 1,
      repeatedA: 1,
      repeatedB: 0,
      keylessA: 1,
      keylessB: 0,
      comparedRows: 3,
      changedRows: 1,
      changes: [
        { column: "amount", rows: 1 },
        { column: "note", rows: 1 },
      ],
    });
    assert.ok(data.findings.some(({ code }) => code === "key-repeated"));
    await assert.rejects(
      compare(first, second, { key: "absent" }),
      /key column "absent" is not in both tables/,
    );
  });

  it("takes changed types, empty tables and columns without values", async () => {
    const first = await tableSource(
      database,
      "SELECT 1 AS id, 2 AS x, NULL::INTEGER AS gone, DATE '2020-01-01' AS day",
    );
    const second = await tableSource(
      database,
      "SELECT '1' AS id, 'two' AS x, 3 AS gone, DATE '2020-01-02' AS day",
    );
    const { data } = await compare(first, second, { key: "id" });
    assert.deepEqual(
      data.schema.typeChanges.map(({ name }) => name),
      ["id", "x"],
    );
    assert.deepEqual([data.overlap?.both, data.overlap?.changedRows], [1, 1]);
    const empty = await tableSource(database, "SELECT 1 AS id, 2 AS x WHERE false");
    const { data: none } = await compare(first, empty, { key: "id" });
    assert.deepEqual([none.rows, none.overlap?.onlyA, none.columns.length], [[1, 0], 1, 2]);
    assert.deepEqual(TableComparison.from(JSON.stringify(none)).data, none);
  });

  it("of large tables, compares samples and says so", async () => {
    const wave = (shift: number): string =>
      `SELECT i AS id, sin(i) + ${shift} AS x, 'g' || (i % 7) AS part FROM range(100000) t(i)`;
    const [first, second] = [await tableSource(database, wave(0)), await tableSource(database, wave(0.1))];
    const [exact, sampled] = [
      await compare(first, second),
      await compare(first, second, { exactRows: 20_000 }),
    ];
    const [truth, estimate] = [numbers(exact, "x"), numbers(sampled, "x")];
    assert.equal(truth.kolmogorovSmirnov.sampled, undefined);
    assert.ok(Math.abs((estimate.kolmogorovSmirnov.sampled?.[0] ?? 0) - 20_000) < 1000);
    assertCloseTo([estimate.kolmogorovSmirnov.statistic], [truth.kolmogorovSmirnov.statistic], 0.02);
    assertCloseTo([estimate.psi], [truth.psi], 0.02);
  });

  it("leaves levels out that neither has, and needs two", () => {
    assert.equal(chiSquareTest([3, 0], [4, 0]), undefined);
    assert.equal(chiSquareTest([3, 1, 0], [4, 2, 0])?.degreesOfFreedom, 1);
  });

  it("goes through JSON unchanged, and refuses other JSON by name", async () => {
    const comparison = await compare(a, b, { key: "whole" });
    assert.deepEqual(TableComparison.from(JSON.stringify(comparison)).data, comparison.data);
    assert.throws(() => TableComparison.from("["), ComparisonFormatError);
    assert.throws(() => TableComparison.from({ format: "tenon.profile" }), /no comparison/);
    assert.throws(
      () => TableComparison.from({ format: "tenon.comparison", version: 3 }),
      /version 3.*update/,
    );
    assert.throws(() => TableComparison.from({ ...comparison.data, rows: [1] }), /damaged at rows/);
  });
});

function numbers(comparison: TableComparison, name: string): NumberDistribution {
  const distribution = comparison.column(name)?.distribution;
  assert.ok(distribution !== undefined && distribution.kind !== "category", name);
  return distribution;
}

function categories(comparison: TableComparison, name: string): CategoryDistribution {
  const distribution = comparison.column(name)?.distribution;
  assert.ok(distribution?.kind === "category", name);
  return distribution;
}
