import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import {
  col,
  ColumnError,
  MissingPackageError,
  openDatabase,
  read,
  sum,
  TableFileError,
  type Database,
} from "../../../ml/data/index.ts";
import { readReference } from "../reference.ts";

// As the library loads it: by its other entry, the package's objects are none of its own classes.
const { tableFromArrays, tableFromIPC, tableToIPC } = await import("apache-arrow");
const { file, stream, feather, rows } = readReference(
  "arrow-files",
  v.object({
    file: v.string(),
    stream: v.string(),
    feather: v.string(),
    rows: v.array(v.record(v.string(), v.nullable(v.union([v.string(), v.number(), v.boolean()])))),
  }),
);

describe("Arrow", () => {
  let folder: string;
  let database: Database;
  const write = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-arrow-"));
    database = await openDatabase();
  });
  after(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  for (const [name, content] of [
    ["file.arrow", file],
    ["stream.ipc", stream],
  ] as const) {
    it(`${name} of PyArrow's is read, each type as what it is`, async () => {
      const table = await read(await write(name, Buffer.from(content, "base64")), { database });
      assert.deepEqual(
        table.columns.map(({ type }) => type),
        [
          "TINYINT",
          "BIGINT",
          "UBIGINT",
          "FLOAT",
          "DOUBLE",
          "BOOLEAN",
          "VARCHAR",
          "VARCHAR",
          "DATE",
          "TIMESTAMP",
          "TIMESTAMP WITH TIME ZONE",
          "TIMESTAMP",
          "DECIMAL(20,3)",
          "BLOB",
        ],
      );
      const { columns } = table;
      const texts = table.derive(
        Object.fromEntries(columns.map((each) => [each.name, col(each.name).cast("string")])),
      );
      assert.deepEqual(await texts.rows(), rows);
    });
  }

  it("written by a table is read by Arrow and by read(), the same rows", async () => {
    const table = await database.table(
      `SELECT i::TINYINT AS i8, CASE WHEN i % 3 > 0 THEN i END AS i64, i::UINTEGER AS u32, CASE WHEN i % 5 > 0 THEN i / 3 END::FLOAT AS f,
         CASE WHEN i % 7 > 0 THEN i % 2 = 0 END AS yes, CASE WHEN i % 4 > 0 THEN 'n' || i END AS name, DATE '1969-12-30' + i::INTEGER AS day,
         TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (i) DAY AS at, to_timestamp(i / 4) AS seen, (i / 4)::DECIMAL(9,2) AS price, 'x'::BLOB AS bytes
       FROM (SELECT r % 100 AS i FROM range(150000) t(r))`,
    );
    const path = join(folder, "written.arrow");
    assert.equal(await table.writeArrow(path), 150_000);
    const again = await read(path, { database });
    assert.equal(await again.count(), 150_000);
    assert.deepEqual(
      again.columns.map(({ type }) => type),
      table.columns.map(({ type }) => type.replace(/^DECIMAL.*/, "DOUBLE")),
    );
    assert.deepEqual(await again.limit(500).rows(), await table.limit(500).rows());
    const arrow = await table.toArrow();
    assert.equal(arrow.numRows, 150_000);
    assert.equal(arrow.getChild("i64")?.nullCount, 51_000);
    const exact = await table.aggregate({ s: sum(col("i64")) }).rows();
    assert.equal(arrow.getChild("i64")?.toArray().length, 150_000);
    const total = Array.from(arrow.getChild("i64") ?? [], Number).reduce((a, b) => a + b, 0);
    assert.equal(total, exact[0]?.["s"]);
    assert.equal(
      String(arrow.schema.fields[7]?.type),
      String(tableFromIPC(tableToIPC(arrow)).schema.fields[7]?.type),
    );
  });

  it("of no rows has columns", async () => {
    const empty = await database.table("SELECT 1 AS a, 'x' AS b WHERE false");
    const path = join(folder, "empty.arrow");
    assert.equal(await empty.writeArrow(path), 0);
    assert.deepEqual((await read(path, { database })).columns, empty.columns);
    assert.equal((await empty.toArrow()).numCols, 2);
  });

  it("that is wrong is told, and nothing half-written", async () => {
    const before = await readdir(folder);
    const nested = await database.table("SELECT [1, 2] AS list");
    await assert.rejects(
      nested.writeArrow(join(folder, "nested.arrow")),
      (error) =>
        error instanceof ColumnError && /column "list" is INTEGER\[\].*cast or drop/.test(error.message),
    );
    const late = await database.table(
      "SELECT CASE WHEN i = 299999 THEN error('too late')::BIGINT ELSE i END AS i FROM range(300000) t(i)",
    );
    await assert.rejects(late.writeArrow(join(folder, "late.arrow")), /too late/);
    assert.deepEqual(await readdir(folder), before);
    const bytes = tableToIPC(tableFromArrays({ x: Int32Array.of(1, 2, 3) }), "file");
    for (const [name, content] of [
      ["text.arrow", "no Arrow at all"],
      ["cut.arrow", bytes.subarray(0, 100)],
      ["none.arrow", ""],
      ["compressed.feather", Buffer.from(feather, "base64")],
    ] as const) {
      await assert.rejects(
        read(await write(name, content), { database }),
        (error) => error instanceof TableFileError && error.path.endsWith(name),
        name,
      );
    }
    const one = tableToIPC(tableFromArrays({ y: Int32Array.of(1) }), "file");
    await write("part-1.arrow", bytes);
    await write("part-2.arrow", one);
    await assert.rejects(read(join(folder, "part-*.arrow"), { database }), /different columns/);
    await write("part-2.arrow", bytes);
    assert.equal(await (await read(join(folder, "part-*.arrow"), { database })).count(), 6);
  });

  it("and Polars where they are not installed are named", async () => {
    const table = await database.table("SELECT 1 AS a");
    await assert.rejects(
      table.toPolars(),
      (error) =>
        error instanceof MissingPackageError &&
        error.message === "toPolars() needs the package nodejs-polars: npm install nodejs-polars",
    );
  });
});
