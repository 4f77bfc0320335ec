/** @file Files of all forms as tables, and files that are wrong. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  col,
  ColumnError,
  count,
  FileChangedError,
  fromArrays,
  openDatabase,
  QueryError,
  read,
  sum,
  TableFileError,
  type Database,
} from "../../../ml/data/index.ts";
import { repositoryRoot } from "../../support/repository.ts";

describe("files as tables", () => {
  let folder: string;
  let database: Database;
  const file = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-files-"));
    database = await openDatabase({ memoryLimit: "500MB", threads: 2 });
  });
  after(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  const text = 'id,name\n1,a\n2,"b, c"\n3,\n';
  const rows = [
    { id: 1, name: "a" },
    { id: 2, name: "b, c" },
    { id: 3, name: null },
  ];
  const json = '{"id": 1, "name": "a"}\n{"id": 2, "name": "b, c"}\n{"id": 3, "name": null}\n';
  const forms: readonly (readonly [string, string | Uint8Array])[] = [
    ["a.csv", text],
    ["a.tsv", 'id\tname\n1\ta\n2\t"b, c"\n3\t\n'],
    ["a.csv.gz", gzipSync(text)],
    ["a.ndjson", json],
    ["a.jsonl", json],
    ["a.json", `[${json.trim().replaceAll("\n", ",")}]`],
  ];
  for (const [name, content] of forms) {
    it(`${name.slice(2)} is read`, async () => {
      const table = await read(await file(name, content), { database });
      assert.deepEqual(await table.sort("id").rows(), rows);
      assert.deepEqual(
        table.columns.map(({ type }) => type),
        ["BIGINT", "VARCHAR"],
      );
    });
  }

  it("a pattern reads all of its files, in the order of their names", async () => {
    for (const part of [2, 1, 3]) await file(`part-${part}.csv`, `n\n${part}\n`);
    const table = await read(join(folder, "part-*.csv"), { database });
    assert.deepEqual(await table.rows(), [{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("the name of a file that is there is no pattern", async () => {
    await file("x1.csv", "n\n1\n");
    for (const name of ["x[1].csv", "x*.csv", "x?.csv"]) {
      const path = await file(name, `n\n"${name}"\n`);
      assert.deepEqual(await (await read(path, { database })).rows(), [{ n: name }]);
      await rm(path);
    }
  });

  it("Parquet and CSV are written whole and read back", async () => {
    const table = await fromArrays(
      { id: BigInt64Array.of(1n, 2n ** 60n), name: ["it's", null], at: [new Date(5), null] },
      { database },
    );
    const parquet = join(folder, "written.parquet");
    assert.equal(await table.writeParquet(parquet), 2);
    assert.deepEqual(await (await read(parquet, { database })).rows(), await table.rows());
    const csv = join(folder, "written.csv");
    assert.equal(await table.writeCsv(csv), 2);
    assert.match(await readFile(csv, "utf8"), /^id,name,at\n1,it's,1970-01-01 00:00:00\.005\+00\n/);
    // Over what is there, also over what is read.
    assert.equal(await (await read(parquet, { database })).limit(1).writeParquet(parquet), 1);
    assert.equal(await (await read(parquet, { database })).count(), 1);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith(".tmp")),
      [],
    );
  });

  it("what has no rows has columns, and is written and read as such", async () => {
    const empty = await read(await file("empty.csv", "id,name\n"), { database });
    assert.deepEqual(await empty.rows(), []);
    assert.equal(await empty.count(), 0);
    const path = join(folder, "empty.parquet");
    assert.equal(await empty.derive({ n: col("name").length() }).writeParquet(path), 0);
    const again = await read(path, { database });
    const arrays = await again.arrays();
    assert.deepEqual(Object.keys(arrays), ["id", "name", "n"]);
    assert.deepEqual(arrays["n"], new BigInt64Array(0));
    for await (const batch of again.batches()) assert.fail(`a batch of ${batch.rowCount}`);
    assert.deepEqual(await again.aggregate({ rows: count() }).rows(), [{ rows: 0 }]);
    const none = await fromArrays({ x: new Float32Array(0), y: [] }, { database });
    assert.deepEqual(await none.split({ a: 0.5, b: 0.5 }, { seed: 1 }).a.rows(), []);
  });

  it("a missing file, an unknown form and nothing behind a pattern are told", async () => {
    await rejects(
      read(join(folder, "none.csv"), { database }),
      TableFileError,
      /none\.csv: there is no such file/,
    );
    await rejects(read(join(folder, "none-*.parquet"), { database }), TableFileError, /no such file/);
    await rejects(read(join(folder, "data.xlsx"), { database }), TableFileError, /its name tells no form/);
    await rejects(read(await file("nothing.csv", ""), { database }), TableFileError, /it is empty/);
    assert.equal(await (await read(await file("data", text), { database, format: "csv" })).count(), 3);
  });

  it("an address needs an extension that is not fetched unasked", async () => {
    for (const address of ["https://localhost:1/a.parquet", "s3://bucket/a.csv"]) {
      await rejects(
        read(address, { database }),
        TableFileError,
        /needs DuckDB's extension httpfs.*installExtension\("httpfs"\)/,
      );
    }
    await assert.rejects(database.installExtension("x; DROP TABLE y"), RangeError);
  });

  it("a malformed CSV file is told with its line", async () => {
    const many = Array.from({ length: 30_000 }, (_, row) => `${row},${row * 2}\n`).join("");
    const cases: readonly (readonly [string, string, number, RegExp])[] = [
      ["fields.csv", "1,2,3\n", 30_002, /Expected Number of Columns: 2 Found: 3.*"1,2,3"/],
      ["few.csv", "1\n", 30_002, /Expected Number of Columns: 2 Found: 1/],
      ["types.csv", "1,x\n", 30_002, /column "b".*"x" to 'BIGINT'/],
    ];
    for (const [name, wrong, line, message] of cases) {
      const path = await file(name, `a,b\n${many}${wrong}${many}`);
      const table = await read(path, { database });
      for (const ask of [
        () => table.rows(),
        () => table.arrays(),
        () => table.aggregate({ s: sum(col("b")) }).rows(),
      ]) {
        await assert.rejects(ask, (error) => {
          assert.ok(error instanceof TableFileError, String(error));
          assert.equal(error.line, line);
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(`${path}, line ${line}: `));
          return true;
        });
      }
      await assert.rejects(async () => {
        for await (const batch of table.batches()) assert.ok(batch.rowCount > 0);
      }, TableFileError);
      const target = join(folder, "never.parquet");
      await assert.rejects(table.writeParquet(target), TableFileError);
    }
    assert.ok(!(await readdir(folder)).some((name) => name.includes("never")));
  });

  it("a column of mixed types is read as the type that is given", async () => {
    const many = Array.from({ length: 30_000 }, (_, row) => `${row}\n`).join("");
    const path = await file("mixed.csv", `code\n${many}A7\n`);
    await assert.rejects((await read(path, { database })).rows(), TableFileError);
    const table = await read(path, { database, types: { code: "string" } });
    assert.equal(await table.filter(col("code").eq("A7")).count(), 1);
    await assert.rejects(read(path, { database, types: { cod: "string" } }), TableFileError);
  });

  it("a malformed Parquet file is told, whether it has no form, no end or a hole", async () => {
    const whole = join(folder, "whole.parquet");
    await database.run(`COPY (SELECT i, md5(i::VARCHAR) AS t FROM range(100000) r(i)) TO '${whole}'`);
    const bytes = await readFile(whole);
    for (const [name, content] of [
      ["text.parquet", Buffer.from("this is no Parquet file, whatever its name says")],
      ["cut.parquet", bytes.subarray(0, bytes.length / 2)],
      ["none.parquet", Buffer.alloc(0)],
    ] as const) {
      await rejects(read(await file(name, content), { database }), TableFileError, new RegExp(name));
    }
    const hole = Buffer.from(bytes);
    hole.fill(0xff, 1000, 200_000);
    const table = await read(await file("hole.parquet", hole), { database });
    await assert.rejects(table.rows(), QueryError);
  });

  it("malformed JSON is told", async () => {
    const path = await file("wrong.ndjson", '{"a": 1}\n{"a": 2\n');
    await assert.rejects(async () => await (await read(path, { database })).rows(), /wrong\.ndjson/);
  });

  it("two columns of one name get different ones in a file, and are refused where a program names them", async () => {
    const table = await read(await file("twice.csv", "a,a,A\n1,2,3\n"), { database });
    assert.deepEqual(await table.rows(), [{ a: 1, a_1: 2, A_2: 3 }]);
    for (const make of [
      () => table.rename({ a_1: "a" }),
      () => table.rename({ a_1: "A" }),
      () => table.derive({ A_1: col("a") }),
      () => table.groupBy("a").aggregate({ a: count() }),
      () => table.join(table.rename({ a_1: "b", A_2: "a_1_right" }), { on: "a" }).join(table, { on: "a" }),
    ]) {
      assert.throws(make, (error) => error instanceof ColumnError && /two columns/.test(error.message));
    }
    await assert.rejects(fromArrays({ x: [1], X: [2] }, { database }), ColumnError);
  });

  it("a file that changed is an error, before it is read and while it is", async () => {
    const path = await file("changing.csv", `n\n${"1\n".repeat(500_000)}`);
    const table = await read(path, { database });
    assert.equal(await table.count(), 500_000);
    const batches = table.batches({ rows: 10_000 });
    assert.ok(!(await batches.next()).done);
    await appendFile(path, "2\n");
    await assert.rejects(async () => {
      for await (const batch of batches) assert.ok(batch.rowCount > 0);
    }, FileChangedError);
    await rejects(table.rows(), FileChangedError, /changing\.csv has changed.*read\(\) again/);
    await rejects(
      table.limit(1).writeParquet(join(folder, "never.parquet")),
      FileChangedError,
      /has changed/,
    );
    assert.equal(await (await read(path, { database })).count(), 500_001);
    await rm(path);
    await assert.rejects(table.count(), FileChangedError);
  });

  it("a confined database reads and writes in its folders only, links not followed out of them", async () => {
    const inside = join(folder, "inside");
    await mkdir(inside);
    await file("inside/a.csv", "a\n1\n");
    await file("outside.csv", "secret\n1\n");
    await symlink(join(folder, "outside.csv"), join(inside, "link.csv"));
    const confined = await openDatabase({ allowedFolders: [inside] });
    try {
      const table = await read(join(inside, "a.csv"), { database: confined });
      assert.deepEqual(await table.rows(), [{ a: 1 }]);
      assert.equal(await table.writeCsv(join(inside, "b.csv")), 1);
      for (const path of [
        join(folder, "outside.csv"),
        join(inside, "../outside.csv"),
        join(inside, "link.csv"),
      ]) {
        await rejects(read(path, { database: confined }), TableFileError, /Cannot access file/);
      }
      await assert.rejects(table.writeCsv(join(folder, "b.csv")), QueryError);
      await assert.rejects(table.writeArrow(join(folder, "b.arrow")), QueryError);
      assert.equal(await table.writeArrow(join(inside, "b.arrow")), 1);
      assert.deepEqual(await (await read(join(inside, "b.arrow"), { database: confined })).rows(), [
        { a: 1 },
      ]);
      await assert.rejects(confined.table(`FROM '${join(folder, "outside.csv")}'`), QueryError);
      await assert.rejects(confined.run("SET enable_external_access = true"), QueryError);
      assert.equal(await (await fromArrays({ x: [1, 2] }, { database: confined })).count(), 2);
    } finally {
      confined.close();
    }
  });

  it("a disk that is full leaves what was there, and nothing beside it", async function () {
    if (process.platform === "win32") this.skip();
    const target = await file("full.parquet", "what was there");
    const csv = await file("full.csv", "what was there");
    const before = (await readdir(folder)).sort();
    // Files of the child may have 200 blocks of 1,024 bytes at most.
    const run = spawnSync(
      "bash",
      [
        "-c",
        'ulimit -f 200; exec "$0" --import tsx "$@"',
        process.execPath,
        join(repositoryRoot, "test/ml/data/full-disk-child.ts"),
        target,
        csv,
      ],
      { encoding: "utf8", cwd: repositoryRoot },
    );
    assert.equal(run.stdout, "QueryError QueryError Error 10\n", run.stderr);
    assert.equal(await readFile(target, "utf8"), "what was there");
    assert.equal(await readFile(csv, "utf8"), "what was there");
    assert.deepEqual((await readdir(folder)).sort(), [...before, "small.parquet"].sort());
  });
});

async function rejects(
  promise: Promise<unknown>,
  kind: new (...values: never[]) => Error,
  message: RegExp,
): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof kind, String(error));
    assert.match(error.message, message);
    return true;
  });
}
