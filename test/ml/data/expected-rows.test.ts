/** @file How many rows are expected of a query, and that arrays are right where more or fewer come. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, read, type Database, type Table } from "../../../ml/data/index.ts";
import { expectedRows } from "../../../ml/data/expected-rows.ts";
import { GrowingArray } from "../../../ml/data/growing-array.ts";

describe("Expected rows", () => {
  let database: Database;
  let folder: string;

  before(async () => {
    database = await openDatabase();
    folder = await mkdtemp(join(tmpdir(), "tenon-expected-"));
    // DuckDB takes all files for as long as the first: too few for "rising", too many for "falling".
    for (const [name, rows] of Object.entries({
      "rising-1": 70_000,
      "rising-2": 200_000,
      "falling-1": 200_000,
      "falling-2": 10,
    }))
      await database.run(
        `COPY (SELECT i, 'k' || i % 7 AS t, i / 2 AS f FROM range(${rows}) r(i)) TO '${join(folder, `${name}.parquet`)}'`,
      );
  });

  after(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  it("are a scan's where a plan only computes and sorts, and unknown of any other", async () => {
    const table = async (sql: string): Promise<number | undefined> =>
      await expectedRows({ database, sql, columns: [] });
    const file = `read_parquet('${join(folder, "rising-1.parquet")}')`;
    assert.equal(await table(`SELECT i * 2 AS j FROM (FROM ${file}) ORDER BY t`), 70_000);
    await database.run("CREATE TABLE kept AS FROM range(12345) r(i)");
    assert.equal(await table("SELECT i + 1 FROM kept"), 12_345);
    assert.equal(await table(`FROM ${file} WHERE i > 10`), undefined);
    assert.equal(await table("FROM kept LIMIT 10"), undefined);
    assert.equal(await table("FROM kept USING SAMPLE 10%"), undefined);
    assert.equal(await table("FROM kept UNION ALL FROM kept"), undefined);
    assert.equal(await table("FROM kept a JOIN kept b USING (i)"), undefined);
    assert.equal(await table("SELECT count(*) FROM kept"), undefined);
    assert.equal(await table("FROM nowhere"), undefined);
  });

  it("may be too few or too many: arrays hold the rows that come, and no more", async () => {
    for (const [name, rows] of [
      ["rising", 270_000],
      ["falling", 200_010],
    ] as const) {
      const table: Table = await read(join(folder, `${name}-*.parquet`), { database });
      const { i, t, f } = (await table.arrays()) as Record<string, ArrayLike<unknown> | undefined>;
      assert.ok(i instanceof BigInt64Array && f instanceof Float64Array && Array.isArray(t));
      for (const array of [i, f]) assert.equal(array.buffer.byteLength, rows * 8);
      assert.equal(t.length, rows);
      const first = name === "rising" ? 70_000 : 200_000;
      for (let row = 0; row < rows; row += 997) {
        const value = row < first ? row : row - first;
        assert.deepEqual([i[row], t[row], f[row]], [BigInt(value), `k${value % 7}`, value / 2]);
      }
    }
  });

  it("leave what was written where it was", () => {
    const array = new GrowingArray((length) => new Int32Array(length), undefined);
    const write = (from: number, length: number): void => {
      const places = array.next(length);
      for (let at = 0; at < length; at++) places[at] = from + at;
    };
    write(0, 10_000);
    array.reserve(5);
    array.reserve(12_000);
    write(10_000, 1500);
    write(11_500, 9000);
    assert.deepEqual(
      array.finish(),
      Int32Array.from({ length: 20_500 }, (_, at) => at),
    );
  });

  it("that there is no room for are not made room for: those that come may fit", () => {
    const array = new GrowingArray((length) => new Float64Array(length), undefined);
    array.next(3).set([1, 2, 3]);
    // More elements than an array may have.
    array.reserve(2 ** 53);
    array.next(2).set([4, 5]);
    assert.deepEqual(array.finish(), Float64Array.of(1, 2, 3, 4, 5));
  });
});
