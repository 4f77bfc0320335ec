/** @file Snapshots: taken, compared, written back; and everything that must be noticed or refused. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  checkout,
  DataVersionError,
  diff,
  diffText,
  find,
  gc,
  list,
  listText,
  remove,
  snapshot,
  snapshotText,
} from "../../../ml/data-versions/index.ts";
import { SnapshotStore } from "../../../ml/data-versions/store.ts";
import { fromRows, openDatabase } from "../../../ml/data/index.ts";
import { InvalidInputError } from "../../../ml/errors.ts";

describe("Snapshots of data", () => {
  let folder = "";
  let store = "";
  const at = (name: string): string => join(folder, name);
  const write = async (name: string, text: string): Promise<string> => {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), text);
    return at(name);
  };
  const refused = (promise: Promise<unknown>, message: RegExp): Promise<void> =>
    assert.rejects(promise, (error: unknown) => {
      assert.ok(error instanceof DataVersionError, String(error));
      assert.match(error.message, message);
      return true;
    });
  /** The names of all that is in the store's objects. */
  const objects = async (): Promise<string[]> => {
    const names = await readdir(join(store, "objects"), { recursive: true, withFileTypes: true });
    return names.filter((entry) => entry.isFile()).map(({ name }) => name);
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-snapshots-"));
    store = at("store");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("a folder comes back as it was, and equal content is there once", async () => {
    await write("data/a/one.txt", "one");
    await write("data/b/one again.txt", "one");
    await write("data/ünï/leer", "");
    await write("data/run.sh", "#!/bin/sh\n");
    await chmod(at("data/run.sh"), 0o755);
    const taken = await snapshot(at("data"), { store });
    assert.match(taken.id, /^data@[0-9a-f]{12}$/);
    assert.deepEqual(
      taken.files.map(({ path, size }) => [path, size]),
      [
        ["a/one.txt", 3],
        ["b/one again.txt", 3],
        ["run.sh", 10],
        ["ünï/leer", 0],
      ],
    );
    assert.equal((await objects()).length, 3);
    await checkout(taken.id, at("again"), { store });
    assert.equal(await readFile(at("again/b/one again.txt"), "utf8"), "one");
    assert.equal((await stat(at("again/run.sh"))).mode & 0o777, 0o755);
    assert.equal((await snapshot(at("again"), { store, name: "again" })).digest, taken.digest);
    assert.deepEqual((await readdir(folder)).sort(), ["again", "data", "store"]);
  });

  it("a digest is that of the content: other names, bytes, modes and kinds make others", async () => {
    const digests = new Set<string>();
    const take = async (path: string): Promise<number> => {
      digests.add((await snapshot(path, { store })).digest);
      return digests.size;
    };
    assert.equal(await take(await write("x/a.txt", "1")), 1);
    assert.equal(await take(at("x")), 2);
    assert.equal(await take(await write("y/b.txt", "1")), 3);
    assert.equal(await take(await write("z/a.txt", "2")), 4);
    await chmod(at("x/a.txt"), 0o755);
    assert.equal(await take(at("x/a.txt")), 5);
    await chmod(at("x/a.txt"), 0o644);
    assert.equal(await take(at("x/a.txt")), 5);
  });

  it("a table's schema, rows and statistics are known, whatever holds it", async () => {
    using database = await openDatabase();
    const table = await database.table(`
      SELECT i::INTEGER AS id, CASE WHEN i % 4 = 0 THEN NULL ELSE i / 2.0::DOUBLE END AS half,
        CASE i WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN 'Infinity'::DOUBLE ELSE i END AS odd,
        repeat('x', i % 3) AS "the text", DATE '2026-01-01' + i::INTEGER AS day,
        TIMESTAMPTZ '2026-01-01 12:00:00+00' + INTERVAL (i) HOUR AS moment, i % 2 = 0 AS even, [i, i] AS pair,
        9007199254740993 + i AS large, 1e300 * (i + 1) AS huge
      FROM range(10) t(i)`);
    const taken = await snapshot(table, { store, name: "numbers" });
    const [summary] = taken.tables;
    assert.equal(summary?.rows, 10);
    const column = (name: string) => summary?.columns.find((each) => each.name === name);
    assert.deepEqual(column("id"), {
      name: "id",
      type: "int32",
      nativeType: "INTEGER",
      nulls: 0,
      distinct: column("id")?.distinct,
      min: 0,
      max: 9,
      mean: 4.5,
      standardDeviation: Math.sqrt(82.5 / 9),
    });
    assert.ok(Math.abs((column("id")?.distinct ?? 0) - 10) <= 2);
    assert.deepEqual([column("half")?.nulls, column("half")?.min, column("half")?.max], [3, 0.5, 4.5]);
    assert.deepEqual([column("odd")?.min, column("odd")?.max, column("odd")?.mean], [0, 9, 42 / 8]);
    assert.deepEqual([column("the text")?.minLength, column("the text")?.maxLength], [0, 2]);
    assert.deepEqual([column("day")?.min, column("day")?.max], ["2026-01-01", "2026-01-10"]);
    assert.equal(column("moment")?.max, "2026-01-01 21:00:00+00");
    assert.deepEqual([column("even")?.min, column("even")?.max], ["false", "true"]);
    assert.deepEqual(column("pair"), { name: "pair", type: "list", nativeType: "BIGINT[]", nulls: 0 });
    assert.equal(column("large")?.max, "9007199254741002");
    assert.equal(column("huge")?.standardDeviation, undefined);
    assert.equal((await snapshot(table, { store, name: "numbers" })).digest, taken.digest);

    await table.sort("day").writeParquet(at("sorted.parquet"));
    const file = await snapshot(at("sorted.parquet"), { store });
    assert.equal(file.tables[0]?.contentHash, summary?.contentHash);
    const reversed = await snapshot(table.sort("half", "id"), { store, name: "reversed" });
    assert.equal(reversed.tables[0]?.contentHash, summary?.contentHash);
    assert.notEqual(reversed.digest, taken.digest);
    const twice = await snapshot(table.union(table.limit(1)), { store, name: "twice" });
    assert.notEqual(twice.tables[0]?.contentHash, summary?.contentHash);
  });

  it("rows that look alike have other hashes", async () => {
    using database = await openDatabase();
    const hashes = new Set<string>();
    for (const sql of [
      "SELECT 'a' AS x, 'bc' AS y",
      "SELECT 'ab' AS x, 'c' AS y",
      "SELECT NULL::VARCHAR AS x, 'c' AS y",
      "SELECT 'n' AS x, 'c' AS y",
      "SELECT '' AS x, 'c' AS y",
      "SELECT '' AS y, 'c' AS x",
      "SELECT '' AS x, 'c' AS y WHERE false",
      "SELECT unnest([1, 2]) AS x, unnest([2, 1]) AS y",
      "SELECT unnest([1, 2]) AS x, unnest([1, 2]) AS y",
    ])
      hashes.add(
        (await snapshot(await database.table(sql), { store, name: "t" })).tables[0]?.contentHash ?? "none",
      );
    assert.equal(hashes.size, 9);
  });

  it("text files that hold tables are measured, compressed ones too, and others are files", async () => {
    await write("d/a.csv", "city,people\nBern,134506\nChur,38293\n");
    await write("d/b.ndjson", '{"x":1}\n{"x":null}\n');
    await write("d/settings.json", '{"x":1}');
    await write("d/broken.parquet", "no Parquet");
    await write("d/empty.csv", "");
    const { gzipSync } = await import("node:zlib");
    await writeFile(at("d/c.csv.gz"), gzipSync("k\n1\n2\n3\n"));
    const { tables, files } = await snapshot(at("d"), { store });
    assert.equal(files.length, 6);
    assert.deepEqual(
      tables.map(({ path, rows }) => [path, rows]),
      [
        ["a.csv", 2],
        ["b.ndjson", 2],
        ["c.csv.gz", 3],
      ],
    );
    const json = await snapshot(await write("rows.json", '[{"x":1},{"x":2}]'), { store });
    assert.deepEqual([json.name, json.tables[0]?.rows], ["rows", 2]);
  });

  it("a difference tells of files, columns, rows and statistics", async () => {
    await write("d/a.csv", "city,people,old\nBern,134506,1\nChur,38293,2\n");
    await write("d/gone.txt", "x");
    await write("d/same.txt", "x");
    const before = await snapshot(at("d"), { store });
    await write("d/a.csv", "city,people,new\nBern,134506.5,a\nChur,,b\nThun,43568,c\n");
    await rm(at("d/gone.txt"));
    await write("d/more.txt", "y");
    await snapshot(at("d"), { store });
    const { added, removed, changed, unchanged, isSame, tables } = await diff(before.id, "d", { store });
    assert.deepEqual(
      [added, removed, changed].map((files) => files.map(({ path }) => path)),
      [["more.txt"], ["gone.txt"], ["a.csv"]],
    );
    assert.deepEqual([unchanged, isSame, tables.length], [1, false, 1]);
    const [table] = tables;
    assert.deepEqual(table?.rows, { before: 2, after: 3 });
    assert.deepEqual(
      [table?.added, table?.removed].map((columns) => columns?.map(({ name }) => name)),
      [["new"], ["old"]],
    );
    assert.deepEqual(table?.retyped, [{ name: "people", before: "BIGINT", after: "DOUBLE" }]);
    assert.equal(table?.hasSameRows, false);
    const nulls = table?.statistics.find(
      ({ column, statistic }) => column === "people" && statistic === "nulls",
    );
    assert.deepEqual([nulls?.before, nulls?.after], [0, 1]);
    const text = diffText(await diff(before, "d", { store }));
    assert.match(text, /1 added, 1 removed, 1 changed, 1 as before/);
    assert.match(text, /~ column people {2}BIGINT → DOUBLE/);
    assert.match(text, /a\.csv: 2 → 3 rows \(\+1\)/);
    assert.match(diffText(await diff(before, before)), /hold the same/);
  });

  it("two files of other names are compared, and the same rows in another order are known as such", async () => {
    await snapshot(await write("monday.csv", "x,y\n1,a\n2,b\n"), { store });
    await snapshot(await write("tuesday.csv", "x,y\n2,b\n1,a\n"), { store });
    const { changed, added, tables } = await diff("monday", "tuesday", { store });
    assert.deepEqual([changed.length, added.length], [1, 0]);
    assert.deepEqual([tables[0]?.hasSameRows, tables[0]?.statistics], [true, []]);
  });

  it("a snapshot is found by name, digest and both; an unclear one is refused", async () => {
    const first = await snapshot(await write("x.csv", "a\n1\n"), { store });
    await setTimeout(5);
    const second = await snapshot(await write("x.csv", "a\n2\n"), { store });
    const found = async (reference: string): Promise<string> => (await find(reference, { store })).id;
    assert.equal(await found("x"), second.id);
    for (const reference of [first.id, first.digest, first.digest.slice(0, 8), `x@${first.digest}`])
      assert.equal(await found(reference), first.id);
    for (const reference of ["y", `y@${first.digest}`, "0".repeat(64), "x@", "../x", ""])
      await refused(find(reference, { store }), /there is no such snapshot/);
    assert.deepEqual(
      (await list({ store })).map(({ id }) => id),
      [second.id, first.id],
    );
    assert.match(listText(await list({ store })), /^snapshot .*\nx@/);
    assert.match(snapshotText(second), /column +type/);
    assert.deepEqual(await list({ store: at("none") }), []);
    await refused(find("x", { store: at("none") }), /it holds none/);
  });

  it("what was changed in the store is noticed, and nothing is written of it", async () => {
    await write("d/a.txt", "first");
    await write("d/b.txt", "second");
    const taken = await snapshot(at("d"), { store });
    const path = new SnapshotStore(store).objectPath(taken.files[1]?.sha256 ?? "");
    await chmod(path, 0o644);
    await writeFile(path, "Second");
    await refused(checkout("d", at("out"), { store }), /b\.txt: its content in .* was changed/);
    await rm(path);
    await refused(checkout("d", at("out"), { store }), /b\.txt: its content .* is not in/);
    assert.deepEqual((await readdir(folder)).sort(), ["d", "store"]);
    await snapshot(at("d"), { store });
    await checkout("d", at("out"), { store });
  });

  it("a manifest that was changed, is hostile or of a later version is refused", async () => {
    const taken = await snapshot(await write("x.csv", "a\n1\n"), { store });
    const path = join(store, "snapshots", "x", `${taken.digest}.json`);
    const text = await readFile(path, "utf8");
    const cases: readonly (readonly [string, RegExp])[] = [
      [text.slice(0, -5), /is no JSON/],
      ["null", /is none/],
      [text.replace('"rows": 1', '"rows": 2'), /was changed: it is not what its checksum says/],
      [text.replace('"version": 1', '"version": 2'), /of version 2, and 1 is known/],
      [text.replaceAll('"x.csv"', '"../x.csv"'), /files\.0\.path: it must be a relative path/],
      [text.replaceAll('"x.csv"', '"/etc/passwd"'), /files\.0\.path/],
      [text.replaceAll('"x.csv"', String.raw`"a\\..\\b"`), /files\.0\.path/],
      [text.replace(/"sha256": "[0-9a-f]{64}"/, '"sha256": "../../../etc/passwd"'), /files\.0\.sha256/],
      [text.replace('"name": "x"', '"name": "y"'), /was changed|another snapshot/],
    ];
    for (const [changed, message] of cases) {
      assert.notEqual(changed, text);
      await writeFile(path, changed);
      await refused(checkout(taken.digest, at("out"), { store }), message);
    }
    await writeFile(path, text);
    await checkout(taken.digest, at("out"), { store });
    await refused(checkout("x", at("out"), { store }), /something of this name already/);
  });

  it("links, names that can't be and what isn't there are refused", async () => {
    await write("d/a.txt", "1");
    await symlink("/etc/passwd", at("d/link"));
    await refused(snapshot(at("d"), { store }), /link is a link/);
    await rm(at("d/link"));
    await symlink(at("d"), at("linked"));
    assert.equal((await snapshot(at("linked"), { store })).files.length, 1);
    const none = { store, name: "../x" };
    await assert.rejects(snapshot(at("d"), none), InvalidInputError);
    await assert.rejects(snapshot(await fromRows([{ x: 1 }]), { store }), /needs a name/);
    await assert.rejects(snapshot(at("none"), { store }), { code: "ENOENT" });
    await write(String.raw`e/a\b`, "1");
    await refused(snapshot(at("e"), { store }), /can't be in a snapshot/);
  });

  it("a name is the file's without its ending, or the folder's, unless one is given", async () => {
    for (const [path, name] of [
      ["flights.2024.csv", "flights.2024"],
      ["flights.csv.gz", "flights"],
      ["weights.bin", "weights"],
      [".hidden", "hidden"],
      ["Zürich data.txt", "Z-rich-data"],
      ["LICENSE", "LICENSE"],
    ] as const)
      assert.equal((await snapshot(await write(path, path), { store })).name, name);
    await write("v1.2/x", "1");
    assert.equal((await snapshot(at("v1.2"), { store })).name, "v1.2");
    assert.equal((await snapshot(`${at("v1.2")}/`, { store, name: "x" })).name, "x");
    await assert.rejects(snapshot(await write("数据", "1"), { store }), /makes no name: give one/);
  });

  it("a store in the folder is no part of it", async () => {
    await write("d/a.txt", "1");
    const inside = { store: at("d/.tenon/data") };
    await snapshot(at("d"), inside);
    assert.equal((await snapshot(at("d"), inside)).files.length, 1);
  });

  it("garbage is what no snapshot names, once it is an hour old", async () => {
    await write("d/a.txt", "one");
    const first = await snapshot(at("d"), { store });
    await write("d/a.txt", "three");
    const second = await snapshot(at("d"), { store });
    await writeFile(join(store, "objects", ".incoming.0123456789ab.tmp"), "left behind");
    const age = async (): Promise<void> => {
      const old = new Date(Date.now() - 2 * 60 * 60 * 1000);
      for (const name of await readdir(join(store, "objects"), { recursive: true }))
        await utimes(join(store, "objects", name), old, old);
    };
    assert.deepEqual(await gc({ store }), { objects: 0, bytes: 0 });
    await remove(first.id, { store });
    assert.deepEqual(await gc({ store }), { objects: 0, bytes: 0 });
    await age();
    assert.deepEqual(await gc({ store }), { objects: 2, bytes: 3 + 11 });
    await checkout(second.id, at("out"), { store });
    await remove(second.id, { store });
    await age();
    // Content that comes again while it is garbage is needed again.
    await snapshot(at("d"), { store });
    assert.deepEqual(await gc({ store }), { objects: 0, bytes: 0 });
    await checkout("d", at("out again"), { store });
    await writeFile(join(store, "snapshots", "d", `${second.digest}.json`), "{}");
    await age();
    await refused(gc({ store }), /its manifest is none/);
    assert.equal((await objects()).length, 1);
  });

  it("two that take the same at once leave one whole snapshot", async () => {
    await write("d/a.bin", "x".repeat(3_000_000));
    const taken = await Promise.all([1, 2, 3, 4].map(() => snapshot(at("d"), { store })));
    assert.equal(new Set(taken.map(({ id }) => id)).size, 1);
    assert.equal((await objects()).length, 1);
    await checkout("d", at("out"), { store });
  });

  it("whenever the process is killed, what it said is there, and all that is there is whole", async () => {
    await write("d/table.csv", "x,y\n1,2\n");
    for (const pause of [2, 17, 31]) {
      const program = join(import.meta.dirname, "snapshot-child.ts");
      const child = spawn(process.execPath, ["--import", "tsx", program, at("d"), store, String(pause)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(child, "exit");
      let said = "";
      try {
        child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
        await once(child.stdout, "data");
        await setTimeout(pause);
      } finally {
        child.kill("SIGKILL");
        await ended;
      }
      const there = await list({ store });
      for (const id of said.split("\n").slice(0, -1))
        assert.ok(
          there.some((each) => each.id === id),
          id,
        );
      for (const { id } of there) {
        await checkout(id, at("out"), { store });
        await rm(at("out"), { recursive: true });
      }
    }
    await write("d/changing.txt", "at last");
    const { id } = await snapshot(at("d"), { store });
    assert.equal((await find("d", { store })).id, id);
  }).timeout(60_000);

  it("what is there already isn't written again, and what is known of it isn't computed again", async () => {
    const first = await snapshot(await write("x.csv", "a\n1\n"), { store });
    const path = new SnapshotStore(store).objectPath(first.files[0]?.sha256 ?? "");
    const { ino } = await stat(path);
    const second = await snapshot(at("x.csv"), { store });
    assert.equal((await stat(path)).ino, ino);
    assert.deepEqual(second.tables, first.tables);
    assert.ok(second.createdAt >= first.createdAt);
  });

  it("one that is stopped leaves nothing", async () => {
    await write("d/a.bin", "x".repeat(3_000_000));
    const signal = AbortSignal.abort(new Error("stopped"));
    await assert.rejects(snapshot(at("d"), { store, signal }), /stopped/);
    const stop = new AbortController();
    const taking = snapshot(at("d"), { store, signal: stop.signal });
    void setTimeout(1).then(() => stop.abort(new Error("stopped")));
    await taking.catch((error: unknown) => assert.match(String(error), /stopped/));
    assert.equal(
      (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".tmp")).length,
      0,
    );
  });
});
