import assert from "node:assert/strict";
import { join } from "node:path";
import { openDatabase, sqlText, type Database } from "../../ml/data/index.ts";
import { pageable, type PageFilter, type PageRequest, type PageResult } from "../../ml/pageable.ts";
import type { Relation } from "../../ml/data/index.ts";
import { repositoryRoot } from "../support/repository.ts";

const flightsFile = sqlText(join(repositoryRoot, "node_modules/vega-datasets/data/flights-3m.parquet"));

async function page(relation: Relation, request: Partial<PageRequest>): Promise<PageResult> {
  return await relation[pageable]().page({ offset: 0, limit: 3, sort: [], filters: [], ...request });
}

describe("relation", function () {
  this.timeout(60_000);
  let db: Database;
  before(async () => {
    db = await openDatabase();
    await db.run(`CREATE TABLE things AS SELECT * FROM (VALUES
      (1, 'Ärger', 1.5::DOUBLE, TIMESTAMP '2001-01-01 00:00:00', true, 12::HUGEINT),
      (2, 'it''s', 'NaN'::DOUBLE, NULL, false, 170141183460469231731687303715884105727::HUGEINT),
      (3, NULL, NULL, TIMESTAMP '2001-03-01 12:30:00', NULL, NULL),
      (4, 'zebra', -1e300, TIMESTAMP '1999-12-31 23:59:59', true, 0::HUGEINT)
    ) AS t(id, "the ""name""", x, "at", flag, big)`);
  });
  after(() => db.close());

  it("knows its columns and rows without reading them", async () => {
    const things = await db.relation("FROM things;");
    assert.equal(things.rowCount, 4);
    assert.deepEqual(
      things[pageable]().columns.map(({ type }) => type),
      ["number", "string", "number", "date", "boolean", "bigint"],
    );
    assert.deepEqual((await page(things, { offset: 3 })).rows, [
      [4, "zebra", -1e300, new Date("1999-12-31T23:59:59Z"), true, 0],
    ]);
  });

  it("shows times of day and intervals as text, in their own order", async () => {
    const stops = await db.relation(`SELECT * FROM (VALUES
      (TIME '09:30:15.5', TIMETZ '09:30:00+02', INTERVAL 10 DAY), (NULL, NULL, NULL),
      (TIME '00:00:00', TIMETZ '23:00:00-05', INTERVAL '2 days 03:04:05')) AS t(starts, zoned, wait)`);
    const first = ["00:00:00", "23:00:00-05", "2 days 03:04:05"];
    const second = ["09:30:15.5", "09:30:00+02", "10 days"];
    const none = [null, null, null];
    assert.deepEqual((await page(stops, {})).rows, [second, none, first]);
    const sort = [{ column: "wait", descending: false }];
    assert.deepEqual((await page(stops, { sort })).rows, [first, second, none]);
    const filters: PageFilter[] = [{ column: "starts", op: ">", value: "09:00" }];
    assert.deepEqual((await page(stops, { filters })).rows, [second]);
  });

  it("filters by each type; nulls match only is-null and !=", async () => {
    const things = await db.relation("FROM things");
    const cases: readonly (readonly [filter: PageFilter, ids: readonly number[]])[] = [
      [{ column: "id", op: ">", value: 2.5 }, [3, 4]],
      [{ column: 'the "name"', op: "contains", value: "T'S" }, [2]],
      [{ column: 'the "name"', op: "contains", value: "äR" }, [1]],
      [{ column: 'the "name"', op: "!=", value: "zebra" }, [1, 2, 3]],
      [{ column: "x", op: "is-null" }, [2, 3]],
      [{ column: "x", op: "is-not-null" }, [1, 4]],
      [{ column: "x", op: "<", value: -1e299 }, [4]],
      [{ column: "at", op: ">=", value: "2001-01-01T00:00:00Z" }, [1, 3]],
      [{ column: "flag", op: "=", value: true }, [1, 4]],
      [{ column: "big", op: "=", value: "170141183460469231731687303715884105727" }, [2]],
      [{ column: "id", op: "one-of", values: [1, 3] }, [1, 3]],
      [{ column: "id", op: "one-of", values: [] }, []],
    ];
    for (const [filter, ids] of cases) {
      const { rows, rowCount } = await page(things, { filters: [filter], limit: 10 });
      assert.deepEqual(
        rows.map(([id]) => id),
        ids,
        JSON.stringify(filter),
      );
      assert.equal(rowCount, ids.length);
    }
    await assert.rejects(page(things, { filters: [{ column: "none", op: "is-null" }] }), /no column "none"/);
    await assert.rejects(page(things, { filters: [{ column: "at", op: "=", value: "x" }] }), /no date/);
  });

  it("sorts with nulls last, and equal rows in their order", async () => {
    const things = await db.relation("FROM things");
    for (const [descending, ids] of [
      [false, [4, 1, 2, 3]],
      [true, [1, 4, 2, 3]],
    ] as const) {
      const { rows } = await page(things, { sort: [{ column: "x", descending }], limit: 10 });
      assert.deepEqual(
        rows.map(([id]) => id),
        ids,
      );
    }
  });

  it("shows what statements change", async () => {
    await db.run("CREATE TABLE growing AS SELECT 1 AS n");
    const growing = await db.relation("FROM growing");
    const sort = [{ column: "n", descending: true }];
    assert.deepEqual((await page(growing, { sort })).rows, [[1]]);
    await db.run("INSERT INTO growing VALUES (2)");
    assert.deepEqual((await page(growing, { sort })).rows, [[2], [1]]);
    assert.equal(growing.rowCount, 2);
  });

  it("is not concerned by the interrupt of the last cell", async () => {
    const things = await db.relation("FROM things");
    const key = Symbol.for("tenon.notebook");
    Reflect.set(globalThis, key, { version: 1, signal: AbortSignal.abort() });
    try {
      assert.equal((await page(things, {})).rows.length, 3);
      await assert.rejects(db.relation("FROM things"), { name: "AbortError" });
    } finally {
      Reflect.deleteProperty(globalThis, key);
    }
  });

  it("profiles as NumPy and pandas do", async () => {
    await db.run(
      "CREATE TABLE numbers AS SELECT n::DOUBLE AS n FROM range(1, 101) t(n) UNION ALL SELECT NULL",
    );
    const numbers = await db.relation("FROM numbers");
    const profile = await numbers[pageable]().profile?.({ columns: ["n"], filters: [] });
    const [column] = profile?.columns ?? [];
    assert.equal(profile?.rowCount, 101);
    assert.ok(column !== undefined);
    const { histogram, ...rest } = column;
    assert.deepEqual(rest, {
      name: "n",
      type: "number",
      count: 101,
      nulls: 1,
      distinct: 100,
      min: 1,
      max: 100,
      mean: 50.5,
      standardDeviation: 29.011491975882016,
      quantiles: [5.95, 25.75, 50.5, 75.25, 95.05].map((value, index) => ({
        q: [0.05, 0.25, 0.5, 0.75, 0.95][index],
        value,
      })),
    });
    assert.equal(histogram?.length, 20);
    assert.equal(
      histogram?.reduce((sum, { count }) => sum + count, 0),
      100,
    );
  });

  it("pages, sorts and filters three million flights without overlaps", async () => {
    const flights = await db.relation(`FROM ${flightsFile}`);
    assert.equal(flights.rowCount, 3_000_000);
    const sort = [{ column: "distance", descending: true }];
    const filters: PageFilter[] = [{ column: "origin", op: "=", value: "HNL" }];
    const first = await page(flights, { sort, filters, limit: 1000 });
    const second = await page(flights, { sort, filters, limit: 1000, offset: 1000 });
    const distances = [...first.rows, ...second.rows].map(([, , distance]) => Number(distance));
    assert.deepEqual(
      distances,
      [...distances].sort((left, right) => right - left),
    );
    const { rows } = await page(flights, { offset: 2_999_999, limit: 10 });
    assert.equal(rows.length, 1);
  });
});
