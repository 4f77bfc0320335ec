import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database } from "../../../ml/data/index.ts";
import { withoutSecrets } from "../../../ml/data/attach-database.ts";

describe("other databases beside ours", () => {
  let folder: string;
  let database: Database;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "tenon-attach-"));
    database = await openDatabase();
  });
  after(() => {
    database[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are read under their name, also through a table, and never written", async () => {
    const path = join(folder, "it's a shop.duckdb");
    using other = await openDatabase({ path });
    await other.run("CREATE TABLE orders AS SELECT i AS id FROM range(3) t(i)");
    other[Symbol.dispose]();
    await database.attach(path, 'the "shop"');
    const orders = await database.table(`FROM "the ""shop""".orders`);
    assert.equal(await orders.count(), 3);
    await assert.rejects(database.run(`DELETE FROM "the ""shop""".orders`), /read-only/);
    await assert.rejects(database.attach(path, 'the "shop"'), /cannot attach .*already/s);
  });

  it("that aren't there, or are nothing of the kind, are named", async () => {
    await assert.rejects(database.attach(join(folder, "nothing.duckdb"), "a"), /there is no such file/);
    const text = join(folder, "text.duckdb");
    writeFileSync(text, "no database");
    await assert.rejects(database.attach(text, "a"), /cannot attach .*text\.duckdb: .*not a valid DuckDB/s);
    await assert.rejects(database.attach(join(folder, "orders.csv"), "a"), /its name tells no database/);
  });

  it("need their extension, which is not fetched unasked", async () => {
    const path = join(folder, "shop.sqlite");
    writeFileSync(path, "");
    await assert.rejects(database.attach(path, "a"), {
      name: "QueryError",
      message: /shop\.sqlite needs DuckDB's extension sqlite.*installExtension\("sqlite"\)/,
    });
    const postgres = "postgresql://reader:secret@127.0.0.1:1/shop?password=hidden";
    await assert.rejects(database.attach(postgres, "a"), (error: Error) => {
      assert.match(error.message, /reader:…@127\.0\.0\.1/);
      assert.doesNotMatch(JSON.stringify([error, String(error.cause)]), /secret|hidden/);
      return true;
    });
    const wrong = join(folder, "sqlite.duckdb_extension");
    writeFileSync(wrong, "no extension");
    await assert.rejects(database.installExtension("sqlite", { file: wrong }), { name: "QueryError" });
    await assert.rejects(database.installExtension("sqlite; DROP"), RangeError);
  });

  it("have no passwords in texts", () => {
    assert.equal(withoutSecrets("postgres://a:b%40c@host/d"), "postgres://a:…@host/d");
    assert.equal(withoutSecrets("host=h password='x y' user=u"), "host=h password=… user=u");
    assert.equal(
      withoutSecrets("postgres://host/d?sslpassword=x&a=1"),
      "postgres://host/d?sslpassword=…&a=1",
    );
    assert.equal(withoutSecrets("shop.sqlite"), "shop.sqlite");
  });
});
