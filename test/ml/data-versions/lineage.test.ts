/** @file Which snapshot made which model, by what the models' packages say. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataVersionError, modelsOf, snapshot } from "../../../ml/data-versions/index.ts";
import { fromRows } from "../../../ml/data/index.ts";
import { columns, standardScaler } from "../../../ml/features/index.ts";
import { linearRegression } from "../../../ml/linear/index.ts";
import { readLineage, writeModel } from "../../../ml/package/index.ts";
import { pipeline } from "../../../ml/pipeline/index.ts";

describe("Models of a snapshot", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-lineage-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

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
});
