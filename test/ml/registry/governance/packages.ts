/** @file Models as packages, and versions made of them, for tests of promotions. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromRows } from "../../../../ml/data/index.ts";
import { columns, oneHot, standardScaler } from "../../../../ml/features/index.ts";
import { logisticRegression } from "../../../../ml/linear/index.ts";
import { type Evidence, writeModel } from "../../../../ml/package/index.ts";
import { pipeline } from "../../../../ml/pipeline/index.ts";
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
    cpSync(this.path(name), join(server.folder, "artifacts", location), { recursive: true });
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
