import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { Store } from "../../../ml/registry/index.ts";
import { parseFilter } from "../../../ml/registry/search/filter.ts";
import { runLanguage } from "../../../ml/registry/search/language.ts";
import { compare } from "../../../ml/registry/search/conditions.ts";
import { postgresTables } from "../../../ml/registry/store/postgres-tables.ts";
import { postgres, sqlite } from "../../../ml/registry/store/dialect.ts";
import { createModelVersion } from "../../../ml/registry/store/model-versions.ts";
import { createRegisteredModel } from "../../../ml/registry/store/registered-models.ts";
import { recordLoggedModel } from "../../../ml/registry/store/record-model.ts";
import { at, TestServer } from "./test-server.ts";

describe("Transactions of the store", () => {
  const server = new TestServer();
  let store: Store;
  before(async () => {
    await server.start();
    ({ store } = server);
    await store.database.script("CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL)");
  });
  after(() => server.remove());

  const value = async (name: string): Promise<unknown> =>
    (await store.database.row("SELECT value FROM counters WHERE name = ?", name))?.[0];

  it("what others do meanwhile is not a part of one, and is not undone with it", async () => {
    const { database } = store;
    const broken = database.write(async () => {
      await database.run("INSERT INTO counters VALUES ('inside', 1)");
      await setTimeout(50);
      assert.equal(await value("inside"), 1);
      throw new Error("undone");
    });
    await setTimeout(10);
    // Begun while the other is open.
    const outside = database.run("INSERT INTO counters VALUES ('outside', 1)");
    const seen = value("inside");
    await assert.rejects(broken, /undone/);
    await outside;
    assert.equal(await seen, undefined);
    assert.equal(await value("inside"), undefined);
    assert.equal(await value("outside"), 1);
  });

  it("one inside another is a part of it", async () => {
    const { database } = store;
    await assert.rejects(
      database.write(async () => {
        await database.write(async () => database.run("INSERT INTO counters VALUES ('nested', 1)"));
        throw new Error("undone");
      }),
    );
    assert.equal(await value("nested"), undefined);
    await database.write(async () => database.run("INSERT INTO counters VALUES ('next', 1)"));
    assert.equal(await value("next"), 1);
  });

  it("many that read what they write lose nothing under a lock", async () => {
    const { database } = store;
    await database.run("INSERT INTO counters VALUES ('many', 0)");
    const add = async (): Promise<void> =>
      database.write(async () => {
        await database.lock("counters");
        const before = Number(await value("many"));
        await setTimeout(1);
        await database.run("UPDATE counters SET value = ? WHERE name = 'many'", before + 1);
      });
    await Promise.all(Array.from({ length: 30 }, add));
    assert.equal(await value("many"), 30);
  });

  it("versions that are made at once have numbers without gaps, and lists in tags lose nothing", async () => {
    await createRegisteredModel(store, "at once", [], "");
    const version = {
      name: "at once",
      source: "s3://a",
      storageLocation: "",
      runId: "",
      runLink: "",
      description: "",
      tags: [],
    };
    const made = await Promise.all(Array.from({ length: 20 }, () => createModelVersion(store, version)));
    const numbers = made.map((one) => Number(one.version)).toSorted((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: 20 }, (_, number) => number + 1),
    );
    const run = await server.newRun();
    const model = (path: number): object => ({
      artifact_path: String(path),
      flavors: {},
      utc_time_created: "",
      run_id: run,
    });
    await Promise.all(Array.from({ length: 12 }, (_, path) => recordLoggedModel(store, run, model(path))));
    const tags = at(
      await server.get("GET", `runs/get?run_id=${run}`),
      "run",
      "data",
      "tags",
    ) as readonly unknown[];
    const history = tags.find((tag) => at(tag, "key") === "mlflow.log-model.history");
    assert.equal((JSON.parse(String(at(history, "value"))) as readonly unknown[]).length, 12);
  });

  it("texts are ordered by their bytes, and LIKE and ILIKE mean the same everywhere", async () => {
    const names = ["a", "B", "ä", "Z", "_", "a%b", "a\\b", "😀", "~", "A"];
    for (const name of names) await server.get("POST", "experiments/create", { name: `order ${name}` });
    const search = async (filter: string): Promise<unknown> => {
      const found = await server.get("POST", "experiments/search", {
        filter,
        order_by: ["name"],
        max_results: 100,
      });
      return ((at(found, "experiments") ?? []) as readonly unknown[]).map((one) =>
        String(at(one, "name")).slice(6),
      );
    };
    const byBytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(await search("name LIKE 'order %'"), byBytes);
    assert.deepEqual(await search("name LIKE 'order A'"), ["A"]);
    assert.deepEqual(await search("name ILIKE 'ORDER A'"), ["A", "a"]);
    assert.deepEqual(await search("name ILIKE 'order Ä'"), []);
    assert.deepEqual(await search("name LIKE 'order a\\%'"), ["a\\b"]);
    assert.deepEqual(await search("creation_time > 1.5 AND name = 'order ~'"), ["~"]);
  });
});

describe("SQL for both databases", () => {
  it("tables", () => {
    const table = "CREATE TABLE t (n INTEGER PRIMARY KEY AUTOINCREMENT, v REAL, s TEXT) WITHOUT ROWID;";
    assert.equal(
      postgresTables(table),
      'CREATE TABLE t (n BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, v DOUBLE PRECISION, s TEXT COLLATE "C");',
    );
  });

  it("comparisons", () => {
    const [comparison] = parseFilter("params.a ILIKE 'ÄB%'", runLanguage);
    assert.ok(comparison);
    assert.deepEqual(compare(sqlite, "v", comparison), { text: "lower(v) LIKE ?", values: ["Äb%"] });
    assert.deepEqual(compare(postgres, "v", comparison), {
      text: "lower(v) LIKE ? ESCAPE ''",
      values: ["Äb%"],
    });
  });
});
