import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ColumnError, openDatabase, QueryError, sqlText, type Database } from "../../ml/data/index.ts";

describe("data", () => {
  let db: Database;
  let folder: string;
  before(async () => {
    db = await openDatabase({ threads: 2, memoryLimit: "500MB" });
    folder = await mkdtemp(join(tmpdir(), "tenon-data-"));
  });
  after(async () => {
    db.close();
    await rm(folder, { recursive: true });
  });

  it("reads every row of a result of many chunks, in order, through a Parquet file", async () => {
    const file = sqlText(join(folder, "it's.parquet"));
    await db.run(
      `COPY (SELECT i AS id, i / 4 AS quarter, 'k' || (i % 3) AS kind, i % 2 = 0 AS even FROM range(300000) t(i)) TO ${file}`,
    );
    const columns = await db.columns(`FROM ${file} ORDER BY id;`, {
      id: "int32",
      quarter: "float32",
      kind: "string",
      even: "uint8",
    });
    assert.deepEqual(
      [columns.id, columns.quarter, columns.even].map(({ constructor }) => constructor.name),
      ["Int32Array", "Float32Array", "Uint8Array"],
    );
    for (const row of [0, 2047, 2048, 204_799, 204_800, 299_999]) {
      assert.deepEqual(
        [columns.id[row], columns.quarter[row], columns.kind[row], columns.even[row]],
        [row, row / 4, `k${row % 3}`, row % 2 === 0 ? 1 : 0],
      );
    }
    assert.equal(columns.kind.length, 300_000);
  });

  it("gives empty columns for no rows", async () => {
    const { x } = await db.columns("SELECT 1 AS x WHERE false", { x: "float64" });
    assert.deepEqual(x, new Float64Array(0));
  });

  it("reads null as NaN where the column can hold it, and refuses it elsewhere", async () => {
    const sql = "SELECT * FROM (VALUES (1, 'a'), (NULL, NULL)) t(n, s)";
    assert.deepEqual((await db.columns(sql, { n: "float32" })).n, Float32Array.of(1, Number.NaN));
    for (const schema of [{ n: "int32" }, { s: "string" }] as const) {
      await assert.rejects(
        db.columns(sql, schema),
        (error) => error instanceof ColumnError && /row 1/.test(error.message),
      );
    }
  });

  it("refuses values that a column cannot hold", async () => {
    await assert.rejects(db.columns("SELECT 300 AS x", { x: "uint8" }), QueryError);
    await assert.rejects(db.columns("SELECT 'one' AS x", { x: "float64" }), QueryError);
  });

  it("binds parameters and quotes texts", async () => {
    const { x } = await db.columns("SELECT $text AS x", { x: "string" }, { text: "it's; DROP TABLE" });
    assert.deepEqual([...x], ["it's; DROP TABLE"]);
    assert.equal(sqlText("it's"), "'it''s'");
  });

  it("shows rows with their types, integers as numbers where a number is exact", async () => {
    const result = await db.query(
      "SELECT 42::BIGINT AS id, 9007199254740993 AS big, '<b>' AS name, TIMESTAMP '2001-06-01 08:30:00' AS at, 0.123456 AS share",
    );
    assert.equal(result.rows[0]?.["id"], 42);
    assert.equal(result.rows[0]?.["big"], 9_007_199_254_740_993n);
    assert.deepEqual(
      result.columns.map(({ type }) => type),
      ["BIGINT", "BIGINT", "VARCHAR", "TIMESTAMP", "DECIMAL(7,6)"],
    );
    const bundle = result[Symbol.for("Jupyter.display") as never] as () => Record<string, string>;
    const shown = bundle.call(result);
    assert.match(shown["text/plain"] ?? "", /42.*<b>.*2001-06-01 08:30.*0\.1235\n1 row × 5 columns/s);
    assert.match(shown["text/html"] ?? "", /&lt;b&gt;/);
    assert.doesNotMatch(shown["text/html"] ?? "", /<b>/);
  });

  it("shows the first rows of many and says how many there are", async () => {
    const result = await db.query("FROM range(1000) t(i)");
    const bundle = result[Symbol.for("Jupyter.display") as never] as () => Record<string, string>;
    assert.match(bundle.call(result)["text/plain"] ?? "", /first 25 of 1,000 rows × 1 column$/);
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["a misspelt column", "SELECT nme FROM (SELECT 1 AS name)", /nme.*name/s],
    ["a syntax error", "SELEC 1", /syntax error/],
    ["a missing file", "FROM 'no-such-file.parquet'", /no-such-file/],
  ];
  for (const [name, sql, message] of refused) {
    it(`names ${name}`, async () => {
      await assert.rejects(
        db.query(sql),
        (error) =>
          error instanceof QueryError &&
          message.test(error.message) &&
          error.sql === sql &&
          error.cause instanceof Error,
      );
    });
  }

  it("names a schema's column that the query lacks", async () => {
    await assert.rejects(
      db.columns("SELECT 1 AS distance", { distnace: "float32" }),
      (error) => error instanceof QueryError && /distnace/.test(error.message),
    );
  });

  it("refuses a damaged Parquet file and a damaged database", async () => {
    const file = join(folder, "damaged.parquet");
    await writeFile(file, "PAR1 but nothing else of it PAR1");
    await assert.rejects(db.query(`FROM ${sqlText(file)}`), QueryError);
    const database = join(folder, "damaged.duckdb");
    await writeFile(database, "this is not a database, whatever its name says".repeat(500));
    await assert.rejects(openDatabase({ path: database }), QueryError);
  });

  it("spills what exceeds the memory limit to a folder that is gone when it closes", async () => {
    const small = await openDatabase({ memoryLimit: "60MB", threads: 1 });
    const settings = await small.columns("SELECT current_setting('temp_directory') AS folder", {
      folder: "string",
    });
    const spill = settings.folder[0] ?? "";
    assert.ok(spill.startsWith(tmpdir()));
    await small.run(
      "CREATE TABLE large AS SELECT i, hash(i) AS h, md5(i::VARCHAR) AS text FROM range(3000000) t(i)",
    );
    assert.ok(existsSync(spill), "nothing was spilt: the test says nothing");
    const { n } = await small.columns("SELECT count(DISTINCT h) AS n FROM large", { n: "int32" });
    assert.equal(n[0], 3_000_000);
    small.close();
    assert.ok(!existsSync(spill), "the spill folder was left behind");
  });

  it("fetches no extension by itself", async () => {
    await assert.rejects(db.query("FROM 'https://127.0.0.1:1/nothing.parquet'"), QueryError);
    const { rows } = await db.query(
      "SELECT current_setting('autoinstall_known_extensions') AS install, current_setting('autoload_known_extensions') AS load",
    );
    assert.deepEqual(rows, [{ install: false, load: false }]);
  });
});
