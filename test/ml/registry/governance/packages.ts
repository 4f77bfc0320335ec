/** @file Models as packages, and versions made of them, for tests of promotions. */
import { cpSync, createReadStream, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fromRows } from "../../../../ml/data/index.ts";
import { columns, oneHot, standardScaler } from "../../../../ml/features/index.ts";
import { logisticRegression } from "../../../../ml/linear/index.ts";
import { type Evidence, writeModel } from "../../../../ml/package/index.ts";
import { pipeline } from "../../../../ml/pipeline/index.ts";
import { readFiles, withModelFolder } from "../../../../ml/registry/governance/model-folder.ts";
import { loggedModelLocation } from "../../../../ml/registry/store/logged-models.ts";
import { modelVersionLocation } from "../../../../ml/registry/store/model-versions.ts";
import { at, type TestServer } from "../test-server.ts";

const rows = Array.from({ length: 24 }, (_, index) => ({
  age: 20 + index,
  income: 900 + ((index * 37) % 400),
  job: index % 3 === 0 ? "cook" : "pilot",
  status: (index * 7) % 10 < 5 ? "bad" : "good",
}));

/** A folder of packages: `two` takes age and job, `three` income too, `narrow` age alone. */
export class Packages {
  readonly folder = mkdtempSync(join(tmpdir(), "tenon-packages-"));

  /** Writes the packages; `two` carries this evidence. */
  async write(evidence: readonly Evidence[] = []): Promise<void> {
    const table = await fromRows(rows);
    const age = standardScaler();
    const job = oneHot({ handleUnknown: "ignore" });
    const income = standardScaler();
    const target = "status";
    const two = await pipeline(columns({ age, job }), logisticRegression()).fit(table, { target });
    const three = await pipeline(columns({ age, job, income }), logisticRegression()).fit(table, { target });
    const narrow = await pipeline(columns({ age }), logisticRegression()).fit(table, { target });
    await writeModel(this.path("two"), two, { rows: table, evidence });
    await writeModel(this.path("three"), three, { rows: table });
    await writeModel(this.path("narrow"), narrow, { rows: table });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Puts a package where a logged model's files belong, and registers it; returns its version. */
  async register(server: TestServer, name: string, model: string, run?: string): Promise<string> {
    const made = await server.get("POST", "logged-models", {
      experiment_id: "0",
      name,
      ...(run !== undefined && { source_run_id: run }),
    });
    const id = String(at(made, "model", "info", "model_id"));
    const location = String(at(made, "model", "info", "artifact_uri")).replace("mlflow-artifacts:/", "");
    const { artifacts } = server.store;
    if (artifacts.folder !== undefined)
      cpSync(this.path(name), join(artifacts.folder, location), { recursive: true });
    else
      for (const file of filesIn(this.path(name)))
        await artifacts.save(`${location}/${file}`, createReadStream(join(this.path(name), file)));
    await server.ask("POST", "registered-models/create", { name: model });
    const source = `models:/${id}`;
    const version = await server.get("POST", "model-versions/create", {
      name: model,
      source,
      model_id: id,
      ...(run !== undefined && { run_id: run }),
    });
    return String(at(version, "model_version", "version"));
  }
}

/** Writes a file among those of a version. */
export async function writeInto(
  { store }: TestServer,
  model: string,
  version: string,
  file: string,
  text: string,
): Promise<void> {
  const place = await folderOf(store, model, version);
  await store.artifacts.save(`${place}/${file}`, Readable.from([Buffer.from(text)]));
}

/** Removes a file or a folder of a version. */
export async function removeFrom(
  { store }: TestServer,
  model: string,
  version: string,
  path: string,
): Promise<void> {
  await store.artifacts.remove(`${await folderOf(store, model, version)}/${path}`);
}

/** The digest of a version's files. */
export async function digestOf({ store }: TestServer, model: string, version: string): Promise<string> {
  const files = await withModelFolder(store, model, version, readFiles);
  if (!("digest" in files)) throw new Error(files.unreadable);
  return files.digest;
}

async function folderOf(store: TestServer["store"], model: string, version: string): Promise<string> {
  const location = await modelVersionLocation(store, model, version);
  const id = /^models:\/(.+)$/.exec(location)?.[1];
  const uri = id === undefined ? location : await loggedModelLocation(store, id);
  return uri.replace("mlflow-artifacts:/", "");
}

function filesIn(folder: string): readonly string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => file.replaceAll("\\", "/"));
}
