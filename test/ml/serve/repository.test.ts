/** @file Models that come, change and go while they are asked. */
import assert from "node:assert/strict";
import { cp, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRows } from "../../../ml/data/index.ts";
import { columns, passthrough } from "../../../ml/features/index.ts";
import { linearRegression } from "../../../ml/linear/index.ts";
import { writeModel } from "../../../ml/package/index.ts";
import { pipeline } from "../../../ml/pipeline/index.ts";
import { openStore } from "../../../ml/registry/index.ts";
import { createModelVersion, setAlias } from "../../../ml/registry/store/model-versions.ts";
import { createRegisteredModel } from "../../../ml/registry/store/registered-models.ts";
import type { RunningService } from "../../../ml/serve/index.ts";
import { findModels } from "../../../ml/serve/service/find-models.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { ask, post, serveModels } from "./served-loans.ts";

/** A package that predicts `factor` times x. */
async function writeFactor(directory: string, factor: number): Promise<void> {
  const table = await fromRows([0, 1, 2, 3].map((x) => ({ x, y: factor * x })));
  const fitted = await pipeline(columns({ x: passthrough() }), linearRegression()).fit(table, {
    target: "y",
  });
  await writeModel(directory, fitted, { rows: table });
}

const body = { inputs: [{ name: "x", shape: [1], datatype: "FP64", data: [1] }] };

async function predicted(service: RunningService, model = "m"): Promise<number> {
  const { status, json, text } = await post(service, `/v2/models/${model}/infer`, body);
  assert.equal(status, 200, text);
  return Math.round(Object(json).outputs[0].data[0]);
}

describe("a repository of models", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-repository-"));
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  it("serves new versions without a dropped request, and keeps what can't be replaced", async () => {
    const errors: unknown[] = [];
    await writeFactor(join(folder, "models/m/1"), 1);
    const service = await serveModels(join(folder, "models"), {
      reloadInterval: 0,
      onError: (error) => errors.push(error),
    });
    const found = new Set<number>();
    const ended = new AbortController();
    const callers = Array.from({ length: 4 }, async () => {
      while (!ended.signal.aborted) found.add(await predicted(service));
    });
    await writeFactor(join(folder, "models/m/2"), 2);
    await service.reload();
    assert.equal(await predicted(service), 2);
    assert.deepEqual(service.models.versionsOf("m"), ["1", "2"]);

    await cp(join(folder, "models/m/2"), join(folder, "broken"), { recursive: true });
    await writeFile(join(folder, "broken/tenon/signature.json"), "{}");
    await rename(join(folder, "broken"), join(folder, "models/m/3"));
    await service.reload();
    assert.equal(errors.length, 1);
    assert.match(String(errors[0]), /signature\.json/);
    assert.equal(await predicted(service), 2);
    await service.reload();
    assert.equal(errors.length, 1, "what is broken is not tried again until it changes");

    await rm(join(folder, "models/m/3"), { recursive: true });
    await rm(join(folder, "models/m/2"), { recursive: true });
    await writeFactor(join(folder, "models/other"), 7);
    await service.reload();
    assert.equal(await predicted(service), 1);
    assert.equal(await predicted(service, "other"), 7);
    ended.abort();
    await Promise.all(callers);
    assert.deepEqual(found, new Set([1, 2]));
    await service.close();
  });

  it("finds models beside what leads nowhere", async () => {
    await writeFactor(join(folder, "models/m/1"), 1);
    await symlink(join(folder, "nothing"), join(folder, "models/m/2"));
    await symlink(join(folder, "nothing"), join(folder, "models/broken"));
    assert.deepEqual(
      findModels(join(folder, "models")).map(({ name, version }) => [name, version]),
      [["m", "1"]],
    );
  });

  it("serves a package that is put in another's place", async () => {
    await writeFactor(join(folder, "m"), 1);
    const service = await serveModels(join(folder, "m"), { reloadInterval: 20 });
    assert.equal(await predicted(service), 1);
    await writeFactor(join(folder, "next"), 5);
    await rename(join(folder, "m"), join(folder, "old"));
    await rename(join(folder, "next"), join(folder, "m"));
    for (let tries = 0; tries < 200 && (await predicted(service)) !== 5; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(await predicted(service), 5);
    await service.close();
  });

  it("serves what an alias of the registry stands for, also when it moves", async () => {
    const store = await openStore(folder);
    await createRegisteredModel(store, "m", [], "");
    for (const factor of [3, 4]) {
      const directory = join(folder, "artifacts", `package-${factor}`);
      await writeFactor(directory, factor);
      const source = `mlflow-artifacts:/package-${factor}`;
      await createModelVersion(store, {
        name: "m",
        source,
        storageLocation: source,
        runId: "",
        runLink: "",
        description: "",
        tags: [],
      });
    }
    await setAlias(store, "m", "champion", "1");
    const service = await serveModels(["models:/m@champion", "models:/m/2"], {
      registry: folder,
      reloadInterval: 0,
    });
    assert.equal(await predicted(service), 3);
    assert.equal(
      Object((await post(service, "/v2/models/m/versions/champion/infer", body)).json).model_version,
      "1",
    );
    assert.equal(
      Object((await post(service, "/v2/models/m/versions/2/infer", body)).json).model_version,
      "2",
    );
    await setAlias(store, "m", "champion", "2");
    await service.reload();
    assert.equal(await predicted(service), 4);
    await service.close();
    await assert.rejects(
      serveModels("models:/m@nobody", { registry: folder }),
      /models:\/m@nobody: .*nobody/,
    );
    await assert.rejects(serveModels("models:/", { registry: folder }), { name: "InvalidInputError" });
    await store.close();
  });

  it("keeps within its memory, and loads again what is asked", async () => {
    for (const name of ["a", "b", "c"]) await writeMatrixModel(join(folder, name));
    const service = await serveModels(folder, { memoryLimit: 40_000, reloadInterval: 0 });
    const isLoaded = (name: string): boolean => service.models.whenLoaded(name, undefined) === undefined;
    const x = { name: "x", shape: [1, 32], datatype: "FP32", data: Array.from({ length: 32 }, () => 1) };
    const first = service.models.metadata("a", undefined);
    const answers = await Promise.all(
      ["a", "b", "c", "a", "b"].map(
        async (name) => await post(service, `/v2/models/${name}/infer`, { inputs: [x] }),
      ),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200],
    );
    assert.ok(["a", "b", "c"].filter(isLoaded).length < 3);
    assert.deepEqual(service.models.metadata("a", undefined), first);
    assert.equal((await ask(service, "/v2/models/a/ready")).status, 200);
    await service.close();
  });

  it("says that there is no model", async () => {
    await assert.rejects(serveModels(folder), /holds no model: a model is a directory with a file MLmodel/);
    await assert.rejects(serveModels(join(folder, "nowhere")), /does not exist/);
  });
});
