/** @file Fingerprints of data: equal for equal data, different for other data, and never an error. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRows, openDatabase, read } from "../../../ml/data/index.ts";
import { fromData } from "../../../ml/graph/create.ts";
import { dataset } from "../../../ml/nn/index.ts";
import { fingerprint, wholeArrayBytes, wholeFileBytes } from "../../../ml/track/environment/fingerprint.ts";

describe("fingerprints of data", () => {
  const matrix = (change = 0) => ({
    data: Float64Array.of(1, 2, 3, 4 + change),
    rows: 2,
    columns: ["a", "b"],
  });

  it("tells matrices by their numbers and columns", async () => {
    const found = await fingerprint(matrix());
    assert.deepEqual(found, {
      kind: "matrix",
      digest: found?.digest,
      isPartial: false,
      rows: 2,
      columns: [
        { name: "a", type: "float64" },
        { name: "b", type: "float64" },
      ],
    });
    assert.match(found?.digest ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual(await fingerprint(matrix()), found);
    assert.notEqual((await fingerprint(matrix(1e-15 * 4)))?.digest, found?.digest);
    assert.notEqual((await fingerprint({ ...matrix(), columns: ["a", "c"] }))?.digest, found?.digest);
    assert.notEqual(
      (await fingerprint({ ...matrix(), data: Float32Array.from(matrix().data) }))?.digest,
      found?.digest,
    );
  });

  it("is of the array as it was at the call", async () => {
    const changing = matrix();
    const found = fingerprint(changing);
    changing.data.fill(0);
    assert.equal((await found)?.digest, (await fingerprint(matrix()))?.digest);
  });

  it("tells targets of any kind", async () => {
    const kinds = [
      ["a", "b"],
      [true, false],
      [1, 2],
      Int32Array.of(1, 2),
      Float32Array.of(1, 2),
      Uint8Array.of(1, 2),
    ];
    const digests = new Set((await Promise.all(kinds.map(fingerprint))).map((found) => found?.digest));
    assert.equal(digests.size, kinds.length);
    assert.ok(!digests.has(undefined));
  });

  it("reads parts of a large array, its ends among them, and says so", async () => {
    const large = new Float64Array(wholeArrayBytes / 8 + 1000).map((_, at) => at);
    const found = await fingerprint(large);
    assert.equal(found?.isPartial, true);
    for (const at of [0, large.length - 1]) {
      const other = large.slice();
      other[at] = -1;
      assert.notEqual((await fingerprint(other))?.digest, found?.digest);
    }
    assert.equal((await fingerprint(new Float64Array(wholeArrayBytes / 8)))?.isPartial, false);
  });

  it("tells datasets by their columns", async () => {
    const make = (value: number) =>
      dataset({
        x: fromData("float32", Float32Array.of(1, value), [2, 1]),
        y: fromData("float32", Float32Array.of(0, 1), [2]),
      });
    const found = await fingerprint(make(2));
    assert.equal(found?.kind, "dataset");
    assert.equal(found.rows, 2);
    assert.equal((await fingerprint(make(2)))?.digest, found.digest);
    assert.notEqual((await fingerprint(make(3)))?.digest, found.digest);
  });

  it("has nothing to say of what is no data", async () => {
    for (const value of [undefined, null, 1, "text", {}, () => 1, new Map(), Symbol("s")])
      assert.equal(await fingerprint(value), undefined);
    const hostile = {
      get sql(): string {
        throw new Error("not to be read");
      },
    };
    assert.equal(await fingerprint(hostile), undefined);
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    assert.equal(await fingerprint(cyclic), undefined);
  });

  describe("of tables", () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tenon-fingerprint-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("has the files' digests, sizes and times, and the columns", async () => {
      const path = join(folder, "rows.csv");
      const content = "a,b\n1,x\n2,y\n";
      writeFileSync(path, content);
      utimesSync(path, 1_700_000_000, 1_700_000_000);
      const table = await read(path);
      const found = await fingerprint(table);
      assert.equal(found?.kind, "table");
      assert.equal(found.isPartial, false);
      assert.deepEqual(
        found.columns?.map(({ name }) => name),
        ["a", "b"],
      );
      const sha256 = createHash("sha256").update(content).digest("hex");
      assert.deepEqual(found.files, [
        { path, size: content.length, modified: 1_700_000_000_000, sha256, isPartial: false },
      ]);
      assert.equal((await fingerprint(table.limit(5).limit(1)))?.kind, "table");
      assert.notEqual((await fingerprint(table.limit(1)))?.digest, found.digest);
      writeFileSync(path, "a,b\n1,x\n2,z\n");
      assert.notEqual((await fingerprint(await read(path)))?.digest, found.digest);
    });

    it("reads the ends and the middle of a huge file", async () => {
      const path = join(folder, "huge.csv");
      writeFileSync(path, "a\n1\n");
      const table = await read(path);
      truncateSync(path, wholeFileBytes + 5);
      const found = await fingerprint({
        database: table.database,
        sql: table.sql,
        columns: table.columns,
        files: [{ path, size: wholeFileBytes + 5, modified: 1 }],
      });
      assert.equal(found?.files?.[0]?.isPartial, true);
      assert.equal(found.isPartial, true);
    });

    it("says nothing where a file is gone", async () => {
      const path = join(folder, "gone.csv");
      writeFileSync(path, "a\n1\n");
      const table = await read(path);
      rmSync(path);
      assert.equal(await fingerprint(table), undefined);
    });

    it("tells rows of a database by what they hold, in whatever order", async () => {
      using database = await openDatabase();
      const digestOf = async (sql: string) => await fingerprint(await database.table(sql));
      const query = "SELECT * FROM (VALUES (1, 'x'), (2, 'y'), (2, 'y')) AS v(a, b)";
      const found = await digestOf(query);
      assert.equal(found?.isPartial, false);
      assert.equal(found.rows, 3);
      assert.equal((await digestOf(`${query} ORDER BY a DESC`))?.digest, found.digest);
      for (const other of [
        `${query} LIMIT 2`,
        "SELECT * FROM (VALUES (1, 'x'), (3, 'z'), (3, 'z')) AS v(a, b)",
        "SELECT * FROM (VALUES (1, 'x'), (2, 'y'), (2, 'z')) AS v(a, b)",
        "SELECT a, b AS c FROM (VALUES (1, 'x'), (2, 'y'), (2, 'y')) AS v(a, b)",
        `${query} WHERE a > 9`,
      ])
        assert.notEqual((await digestOf(other))?.digest, found.digest, other);
      assert.equal((await digestOf("SELECT * FROM range(200000) AS t(a)"))?.isPartial, true);
      const rows = [{ a: 1 }, { a: 2 }];
      assert.equal(
        (await fingerprint(await fromRows(rows)))?.digest,
        (await fingerprint(await fromRows(rows)))?.digest,
      );
    });

    it("does not fetch what a query has from a network", async () => {
      const source = {
        database: { query: () => assert.fail("it is not asked") },
        sql: "FROM 'https://example.com/rows.parquet'",
        columns: [{ name: "a", type: "BIGINT" }],
      };
      assert.equal((await fingerprint(source))?.isPartial, true);
    });

    it("shows no half of a secret at the end of a long query", async () => {
      const url = "postgres://u:swordfish-9@h/d";
      const sql = "SELECT 1 AS a -- x\n".repeat(2_000).slice(0, 20_000 - url.indexOf("@")) + url;
      const source = { database: { query: () => assert.fail("it is not asked") }, sql, columns: [] };
      assert.doesNotMatch((await fingerprint(source))?.sql ?? "", /swordfish/);
    });

    it("shows a table's query without a secret in it", async () => {
      using database = await openDatabase();
      const table = await database.table("SELECT 1 AS a, 'postgres://u:swordfish-9@h/d' AS b");
      const found = await fingerprint(table);
      assert.ok(found?.sql?.includes("SELECT 1 AS a") && !found.sql.includes("swordfish-9"), found?.sql);
    });
  });
});
