import assert from "node:assert/strict";
import { Client } from "pg";
import { startServer } from "../../../ml/registry/index.ts";
import { testPostgres } from "../../support/postgres-database.ts";
import { at, TestServer } from "./test-server.ts";

// Where no server is given, the names say who runs these.
const elsewhere = testPostgres === undefined ? " (runs in `npm run interop -- mlflow-team`)" : "";

describe(`A store on Postgres${elsewhere}`, function () {
  const server = new TestServer();
  before(async function () {
    if (testPostgres === undefined) this.skip();
    await server.start();
  });
  after(() => server.remove());

  it("goes on when its connections are cut", async () => {
    const run_id = await server.newRun();
    const admin = new Client({ connectionString: server.database });
    await admin.connect();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    await admin.end();
    // A connection that is cut while it is used is told as such; the next call gets another.
    for (let tries = 0; tries < 20; tries++) {
      const { status } = await server.ask("GET", `runs/get?run_id=${run_id}`);
      if (status === 200) return;
      assert.equal(status, 503);
    }
    assert.fail("it does not go on");
  });

  it("a text with NUL, a name that is too long for an index", async () => {
    const run_id = await server.newRun();
    const nul = await server.ask("POST", "runs/set-tag", { run_id, key: "t", value: "a\u0000b" });
    assert.equal(at(nul.body, "error_code"), "INVALID_PARAMETER_VALUE");
    // Too varied to be compressed.
    const name = Array.from({ length: 20_000 }, (_, at) => ((at * 7919) % 104_729).toString(36)).join("");
    const long = await server.ask("POST", "registered-models/create", { name });
    assert.equal(at(long.body, "error_code"), "INVALID_PARAMETER_VALUE");
  });

  it("a call that is ended for another's sake is done again", async () => {
    const { database } = server.store;
    await database.script("CREATE TABLE pairs (name TEXT PRIMARY KEY, value INTEGER NOT NULL)");
    await database.run("INSERT INTO pairs VALUES ('a', 0), ('b', 0)");
    const both = async (first: string, second: string): Promise<void> =>
      database.write(async () => {
        for (const name of [first, second])
          await database.run("UPDATE pairs SET value = value + 1 WHERE name = ?", name);
      });
    await Promise.all(Array.from({ length: 4 }, (_, at) => (at % 2 === 0 ? both("a", "b") : both("b", "a"))));
    assert.deepEqual(await database.rows("SELECT value FROM pairs"), [[4], [4]]);
  });

  it("servers that start at once on an empty database make its tables once", async () => {
    const { database } = server.store;
    await database.script("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    const options = { folder: server.folder, port: 0, database: server.database ?? "" };
    const started = await Promise.all(Array.from({ length: 4 }, () => startServer(options)));
    assert.equal((await database.rows("SELECT 1 FROM experiments")).length, 1);
    for (const one of started) await one.close();
  });
});
