/** @file Tables out of real databases and storage: SQLite, Postgres, HTTP and S3, by DuckDB's own extensions. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { col, count, openDatabase, read, sum, type Database } from "../../ml/data/index.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const peersSchema = v.object({
  sqlite: v.string(),
  postgres: v.string(),
  s3: v.string(),
  http: v.string(),
  extensions: v.object({ sqlite: v.string(), postgres: v.string(), httpfs: v.string() }),
});

const types = { id: "BIGINT", name: "VARCHAR", price: "DOUBLE", paid: "BOOLEAN" };

/** Starts the peers, and ends them after `use`. */
async function withPeers<T>(
  folder: string,
  use: (peers: v.InferOutput<typeof peersSchema>) => Promise<T>,
): Promise<T> {
  const files = join(import.meta.dirname, "databases");
  const { python, env } = await pythonEnvironment("databases", join(files, "requirements.txt"));
  const child = spawn(python, [join(files, "serve_peers.py"), folder], {
    env: { ...process.env, ...env, XDG_RUNTIME_DIR: folder },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-4000)));
  const ended = once(child, "exit");
  try {
    const lines = createInterface(child.stdout);
    const line = await Promise.race([
      once(lines, "line").then(([text]) => String(text)),
      ended.then(([code]) => Promise.reject(new Error(`the peers ended with code ${String(code)}:\n${log}`))),
    ]);
    return await use(v.parse(peersSchema, JSON.parse(line)));
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** What the same table must say wherever it is. */
async function checkOrders(database: Database, sql: string): Promise<void> {
  const orders = await database.table(sql);
  assert.deepEqual(Object.fromEntries(orders.columns.map(({ name, type }) => [name, type])), types);
  const paid = await orders
    .filter(col("paid"))
    .aggregate({ orders: count(), total: sum(col("price")) })
    .rows();
  // Every third of 5,000, at half its number.
  assert.deepEqual(paid, [{ orders: 1667, total: (1666 * 1667 * 3) / 4 }]);
  const last = await orders.filter(col("id").ge(4999)).sort("id").rows();
  assert.deepEqual(last, [
    { id: 4999, name: "order 4999", price: 2499.5, paid: false },
    { id: 5000, name: null, price: null, paid: null },
  ]);
}

export const databases: InteropSuite = {
  name: "databases",
  about: "tables out of SQLite, Postgres, S3 and HTTP, with DuckDB's own extensions from files",
  peer: "SQLite, PostgreSQL 18, moto 5.2.5 (S3), DuckDB's extensions 1.5.5",
  run: () =>
    withScratchFolder((folder) =>
      withPeers(folder, async ({ sqlite, postgres, s3, http, extensions }) => {
        using database = await openDatabase();
        const checks = new Checks();
        await checks.check("says which extension an attached database needs", async () => {
          await assert.rejects(database.attach(sqlite, "shop"), /installExtension\("sqlite"\)/);
          await assert.rejects(read(http, { database }), /installExtension\("httpfs"\)/);
        });
        await checks.check("SQLite", async () => {
          await database.installExtension("sqlite", { file: extensions.sqlite });
          await database.attach(sqlite, "shop");
          await checkOrders(database, "SELECT * REPLACE (paid::BOOLEAN AS paid) FROM shop.orders");
          await assert.rejects(database.run("DELETE FROM shop.orders"), /read-only/i);
        });
        await checks.check("Postgres", async () => {
          await database.installExtension("postgres", { file: extensions.postgres });
          await database.attach(postgres, "server");
          await checkOrders(database, "FROM server.public.orders");
          await assert.rejects(database.run("DELETE FROM server.public.orders"), /read-only/i);
        });
        await checks.check("a server that isn't there, without the password in the error", async () => {
          const error: unknown = await database
            .attach("postgresql://reader:secret@127.0.0.1:1/shop", "nowhere")
            .catch((caught: unknown) => caught);
          assert.match(String(error), /cannot attach postgresql:\/\/reader:…@127\.0\.0\.1:1\/shop/);
          assert.doesNotMatch(JSON.stringify([String(error), error]), /secret/);
        });
        await checks.check("HTTP, only the ranges that are needed", async () => {
          await database.installExtension("httpfs", { file: extensions.httpfs });
          await checkOrders(database, `FROM read_parquet('${http}')`);
          const table = await read(http, { database });
          assert.equal(await table.count(), 5001);
          await assert.rejects(
            read(http.replace("orders", "nothing"), { database }),
            /nothing\.parquet.*404/s,
          );
        });
        await checks.check("S3", async () => {
          await database.run(
            `CREATE SECRET (TYPE s3, KEY_ID 'reader', SECRET 'of-this-test', ENDPOINT '${s3}', URL_STYLE 'path', USE_SSL false)`,
          );
          const orders = await read("s3://shop/orders.parquet", { database });
          assert.equal(await orders.count(), 5001);
          await checkOrders(database, "FROM 's3://shop/*.parquet'");
        });
        return checks.result;
      }),
    ),
};
