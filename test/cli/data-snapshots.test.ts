import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { CliFolder } from "./cli-fixture.ts";

describe("tenon data snapshot, diff, checkout, list, models, gc", function () {
  this.timeout(60_000);
  let folder: CliFolder;
  beforeEach(async () => {
    folder = await CliFolder.create();
    await mkdir(join(folder.path, "data"));
    await writeFile(join(folder.path, "data/cities.csv"), "city,people\nBern,134506\nChur,38293\n");
  });
  afterEach(() => folder.remove());

  const tenon = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await folder.run(["data", ...args]);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout;
  };

  it("takes, compares and writes back, as text and as JSON", async () => {
    assert.match(await tenon("list"), /There are no snapshots/);
    const idSchema = v.object({ id: v.string(), digest: v.string() });
    const { id, digest } = v.parse(idSchema, JSON.parse(await tenon("snapshot", "data", "--json")));
    await writeFile(
      join(folder.path, "data/cities.csv"),
      "city,people\nBern,134506\nChur,38293\nThun,43568\n",
    );
    const text = await tenon("snapshot", "data");
    assert.match(text, /^data@[0-9a-f]{12}: 1 file, /);
    assert.match(text, /cities\.csv: 3 rows\ncolumn +type/);
    assert.match(await tenon("list"), /data@.*\ndata@.* 2 rows\n$/);
    assert.match(await tenon("diff", id, "data"), /~ cities\.csv .*\n\ncities\.csv: 2 → 3 rows \(\+1\)/);
    const diffSchema = v.object({
      isSame: v.boolean(),
      before: idSchema,
      tables: v.array(v.object({ rows: v.object({ before: v.number(), after: v.number() }) })),
    });
    const difference = v.parse(diffSchema, JSON.parse(await tenon("diff", id, "data", "--json")));
    assert.deepEqual(difference, {
      isSame: false,
      before: { id, digest },
      tables: [{ rows: { before: 2, after: 3 } }],
    });
    await tenon("checkout", id, "old");
    assert.match(await readFile(join(folder.path, "old/cities.csv"), "utf8"), /38293\n$/);
    const gone = await tenon("gc", "--remove", id);
    assert.match(gone, new RegExp(`Removed ${id}\nRemoved 0 contents`));
  });

  it("what can't be done is one line", async () => {
    const fails = async (args: readonly string[], message: RegExp): Promise<void> => {
      const { code, stdout, stderr } = await folder.run(["data", ...args]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split("\n").length, 1);
    };
    await fails(["snapshot", "none"], /none does not exist/);
    await fails(["diff", "a", "b"], /a: there is no such snapshot/);
    await tenon("snapshot", "data");
    await fails(["checkout", "data", "data"], /something of this name already/);
    await fails(["models", "data"], /models: there is no such folder/);
    await mkdir(join(folder.path, "models"));
    assert.match(await tenon("models", "data"), /No model in models names it/);
    assert.deepEqual(JSON.parse(await tenon("models", "data", "--json", "--in", "models", "data")), {
      directories: [],
      registered: [],
    });
    await fails(["models", "data", "--registry", "http://127.0.0.1:1"], /the registry can't be reached/);
  });
});
