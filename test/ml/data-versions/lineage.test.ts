/** @file Which snapshot made which model, by what the models' packages say. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataVersionError, modelsOf, registeredModelsOf, snapshot } from "../../../ml/data-versions/index.ts";
import { col, fromRows } from "../../../ml/data/index.ts";
import { columns, standardScaler } from "../../../ml/features/index.ts";
import { linearRegression } from "../../../ml/linear/index.ts";
import { folderEntries } from "../../../ml/folder-entries.ts";
import { type Lineage, readLineage, writeModel } from "../../../ml/package/index.ts";
import { pipeline } from "../../../ml/pipeline/index.ts";
import { TestServer } from "../registry/test-server.ts";

describe("Models of a snapshot", () => {
  const server = new TestServer();
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-lineage-"));
    await server.start();
  });
  after(async () => {
    await server.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it("are found by the digest in their lineage, however deep", async () => {
    const store = join(folder, "store");
    const rows = await fromRows([
      { x: 1, y: 2 },
      { x: 2, y: 4 },
      { x: 3, y: 5 },
    ]);
    const taken = await snapshot(rows, { store, name: "points" });
    const other = await snapshot(rows.limit(2), { store, name: "points" });
    const fitted = await pipeline(columns({ x: standardScaler() }), linearRegression()).fit(rows, {
      target: "y",
    });
    const models = join(folder, "models");
    await writeModel(join(models, "a"), fitted, {
      lineage: { data: [other.lineage, taken.lineage], run: "r1" },
    });
    await writeModel(join(models, "deep/er/b"), fitted, { lineage: { data: [taken.lineage] } });
    await writeModel(join(models, "c"), fitted, { lineage: { data: [{ name: "points" }] } });
    await mkdir(join(models, "d"));
    await writeFile(join(models, "d/MLmodel"), "flavors:\n  sklearn: {}\n");
    assert.deepEqual(await readLineage(join(models, "deep/er/b")), {
      data: [{ name: "points", digest: taken.digest }],
    });
    assert.deepEqual(await modelsOf(taken, [models]), [
      { directory: join(models, "a"), dataName: "points", run: "r1" },
      { directory: join(models, "deep/er/b"), dataName: "points", run: undefined },
    ]);
    assert.equal((await modelsOf("points", [models], { store })).length, 1, "the latest of the name");
    assert.equal((await modelsOf(taken.digest, [models], { store: join(folder, "none") })).length, 2);
    await assert.rejects(modelsOf(taken, [join(folder, "none")]), DataVersionError);
  });

  it("are found in a registry, by the packages of its versions", async () => {
    const store = join(folder, "store");
    const rows = await fromRows([
      { x: 1, y: 2 },
      { x: 2, y: 4 },
      { x: 3, y: 5 },
    ]);
    const taken = await snapshot(rows.derive({ z: col("x") }), { store, name: "registered" });
    const fitted = await pipeline(columns({ x: standardScaler() }), linearRegression()).fit(rows, {
      target: "y",
    });
    /** Writes a package, uploads it as a run's artifacts and registers it. */
    const register = async (name: string, lineage: Lineage): Promise<string> => {
      const run = await server.newRun();
      const directory = join(folder, "packages", run);
      await writeModel(directory, fitted, { lineage });
      for (const { name: file, path, kind } of await folderEntries(directory))
        if (kind === "file") {
          const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/0/${run}/artifacts/model/${file}`;
          assert.equal((await fetch(url, { method: "PUT", body: await readFile(path) })).status, 200);
        }
      const source = `mlflow-artifacts:/0/${run}/artifacts/model`;
      await server.get("POST", "model-versions/create", { name, source, run_id: run });
      return run;
    };
    for (const name of ["risk", "price"]) await server.get("POST", "registered-models/create", { name });
    const first = await register("risk", { data: [taken.lineage] });
    await register("risk", { data: [{ name: "other", digest: "0".repeat(64) }] });
    await register("price", { data: [taken.lineage], run: "r9" });
    const elsewhere = { name: "price", source: "s3://bucket/model" };
    await server.get("POST", "model-versions/create", elsewhere);
    const found = await registeredModelsOf(taken, server.url);
    assert.deepEqual(
      found.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      [
        { name: "price", version: "1", dataName: "registered", run: "r9" },
        { name: "risk", version: "1", dataName: "registered", run: first },
      ],
    );
    for (const [uri, message] of [
      ["ftp://x", /no address of a registry/],
      ["http://127.0.0.1:1", /can't be reached/],
      [`${server.url}/none`, /answers 404/],
    ] as const)
      await assert.rejects(registeredModelsOf(taken, uri), (error: unknown) => {
        assert.ok(error instanceof DataVersionError, String(error));
        assert.match(error.message, message);
        return true;
      });
  });
});
