import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type RunningServer, startServer } from "../../../ml/registry/index.ts";
import { SqliteDatabase } from "../../../ml/registry/store/sqlite-database.ts";
import { at } from "./test-server.ts";

/** Holds the write lock of a file that it is given for a number of milliseconds. */
const holder = `
  const [path, time] = process.argv.slice(1);
  const database = new (require("libsql"))(path);
  database.exec("BEGIN IMMEDIATE");
  console.log("held");
  setTimeout(() => database.exec("COMMIT"), Number(time));
`;

async function holdLock(path: string, time: number): Promise<{ readonly ended: Promise<unknown> }> {
  const child = spawn(process.execPath, ["-e", holder, path, String(time)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return { ended: once(child, "exit") };
}

describe("SQLite's lock in another process", () => {
  let folder = "";
  let path = "";
  let server: RunningServer | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-lock-"));
    path = join(folder, "tenon.db");
  });
  afterEach(async () => {
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  it("lets readers read, and writers write when it is free, in order", async () => {
    server = await startServer({ folder, port: 0 });
    const url = `${server.url}/api/2.0/mlflow`;
    const post = async (call: string, body: object): Promise<unknown> => {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${url}/${call}`, { method: "POST", headers, body: JSON.stringify(body) });
      const answer: unknown = await response.json();
      assert.equal(response.status, 200, JSON.stringify(answer));
      return answer;
    };
    const run_id = String(at(await post("runs/create", { experiment_id: "0" }), "run", "info", "run_id"));
    const lock = await holdLock(path, 1500);
    let written = 0;
    const writes = Array.from({ length: 20 }, async (_, step) => {
      await post("runs/log-metric", { run_id, key: "m", value: step, timestamp: 1, step });
      written += 1;
    });
    let slowest = 0;
    for (let reads = 0; reads < 40; reads++) {
      const begin = performance.now();
      const found: unknown = await (await fetch(`${url}/runs/get?run_id=${run_id}`)).json();
      slowest = Math.max(slowest, performance.now() - begin);
      assert.equal(at(found, "run", "info", "run_id"), run_id);
    }
    assert.equal(written, 0);
    assert.ok(slowest < 700, `a reader waited ${slowest} ms`);
    await lock.ended;
    await Promise.all(writes);
    const history = await fetch(`${url}/metrics/get-history?run_id=${run_id}&metric_key=m`);
    assert.equal((at(await history.json(), "metrics") as readonly unknown[]).length, 20);
  });

  it("keeps no transaction from its end that others of this process wait beside", async () => {
    const database = new SqliteDatabase(path, 5000);
    try {
      await database.script("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER)");
      const lock = await holdLock(path, 600);
      const begin = performance.now();
      // The transaction asks first, and so is the first to have the lock.
      const transaction = database.write(async () => {
        await database.run("INSERT INTO counters VALUES ('a', 1)");
        await setTimeout(20);
      });
      const singles = ["b", "c", "d"].map((name) =>
        // Statements of their own: what is begun of one must not stay begun.
        database.run(`INSERT INTO counters VALUES ('${name}', ?)`, 1),
      );
      await Promise.all([transaction, ...singles]);
      assert.ok(performance.now() - begin < 4000);
      assert.deepEqual(await database.row("SELECT count(*) FROM counters"), [4]);
      await lock.ended;
    } finally {
      await database.close();
    }
  });

  it("is told as SQLite's own error when it stays, and what waits for it goes on later", async () => {
    const database = new SqliteDatabase(path, 200);
    try {
      await database.script("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER)");
      const lock = await holdLock(path, 1000);
      const begin = performance.now();
      const insert = (name: string): Promise<number> =>
        database.run("INSERT INTO counters VALUES (?, 1)", name);
      const locked = { name: "SqliteError", code: "SQLITE_BUSY", message: "database is locked" };
      await Promise.all([
        assert.rejects(insert("alone"), locked),
        assert.rejects(
          database.write(() => insert("in a transaction")),
          locked,
        ),
      ]);
      const waited = performance.now() - begin;
      assert.ok(waited >= 200 && waited < 900, `${waited} ms`);
      assert.deepEqual(await database.rows("SELECT name FROM counters"), []);
      await lock.ended;
      await database.write(() => insert("later"));
      assert.deepEqual(await database.texts("SELECT name FROM counters"), ["later"]);
    } finally {
      await database.close();
    }
  });

  it("what waits for it outside of a transaction is no part of one that comes before", async () => {
    const database = new SqliteDatabase(path);
    try {
      await database.script("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER)");
      const lock = await holdLock(path, 300);
      const undone = database.write(async () => {
        await database.run("INSERT INTO counters VALUES ('undone', 1)");
        await setTimeout(300);
        throw new Error("undone");
      });
      const outside = database.run("INSERT INTO counters VALUES ('outside', 1)");
      await assert.rejects(undone, /undone/);
      await outside;
      await lock.ended;
      assert.deepEqual(await database.texts("SELECT name FROM counters"), ["outside"]);
    } finally {
      await database.close();
    }
  });
});
