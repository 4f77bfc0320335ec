/** @file What a run used and made: datasets, logged models. */
import { randomBytes } from "node:crypto";
import { type KeyValue, requireLength, requireRunId } from "../limits.ts";
import { findActiveRun } from "./runs.ts";
import type { Store } from "./store.ts";

export interface DatasetInput {
  readonly tags: readonly KeyValue[];
  readonly dataset: {
    readonly name: string;
    readonly digest: string;
    readonly sourceType: string;
    readonly source: string;
    readonly schema?: string | undefined;
    readonly profile?: string | undefined;
  };
}

export interface ModelOutput {
  readonly modelId: string;
  readonly step: number;
}

/** Notes datasets and models that a run reads. One that was noted is not noted again. */
export async function logInputs(
  store: Store,
  runId: string,
  datasets: readonly DatasetInput[],
  modelIds: readonly string[],
): Promise<void> {
  requireRunId(runId);
  datasets.forEach(requireDatasetInput);
  const { database } = store;
  await database.write(async () => {
    const { runNo, experimentId } = await findActiveRun(store, runId);
    for (const input of datasets) {
      const id = await datasetId(store, experimentId, input.dataset);
      const added = await database.run(
        `INSERT INTO dataset_inputs VALUES (?, ?,
          (SELECT count(*) FROM dataset_inputs WHERE run_no = ?)) ON CONFLICT DO NOTHING`,
        runNo,
        id,
        runNo,
      );
      if (added === 0) continue;
      for (const { key, value } of input.tags)
        await database.run(
          `INSERT INTO dataset_input_tags VALUES (?, ?, ?, ?)
            ON CONFLICT (run_no, dataset_id, key) DO UPDATE SET value = excluded.value`,
          runNo,
          id,
          key,
          value,
        );
    }
    for (const id of modelIds)
      await database.run("INSERT INTO model_inputs VALUES (?, ?) ON CONFLICT DO NOTHING", runNo, id);
  });
}

/** Notes models that a run made. One that was noted at a step is not noted there again: a client may send it twice. */
export async function logOutputs(store: Store, runId: string, models: readonly ModelOutput[]): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    await database.row(`SELECT 1 FROM runs WHERE run_no = ? ${database.dialect.forUpdate}`, runNo);
    for (const { modelId, step } of models) {
      const output = [runNo, modelId, step] as const;
      const known = "SELECT 1 FROM model_outputs WHERE run_no = ? AND model_id = ? AND step = ?";
      if (await database.row(known, ...output)) continue;
      await database.run("INSERT INTO model_outputs (run_no, model_id, step) VALUES (?, ?, ?)", ...output);
    }
  });
}

function requireDatasetInput({ dataset, tags }: DatasetInput): void {
  requireLength("name", 500, dataset.name);
  requireLength("digest", 36, dataset.digest);
  requireLength("source", 65_535, dataset.source);
  requireLength("schema", 1_048_575, dataset.schema ?? "");
  requireLength("profile", 16_777_215, dataset.profile ?? "");
  for (const { key, value } of tags) {
    requireLength("key", 255, key);
    requireLength("value", 500, value);
  }
}

async function datasetId(
  { database }: Store,
  experimentId: number,
  dataset: DatasetInput["dataset"],
): Promise<string> {
  const find = "SELECT dataset_id FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?";
  const [known] = await database.texts(find, experimentId, dataset.name, dataset.digest);
  if (known !== undefined) return known;
  const id = randomBytes(16).toString("hex");
  const added = await database.run(
    "INSERT INTO datasets VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    id,
    experimentId,
    dataset.name,
    dataset.digest,
    dataset.sourceType,
    dataset.source,
    dataset.schema ?? null,
    dataset.profile ?? null,
  );
  if (added > 0) return id;
  // Another server was quicker.
  const [theirs] = await database.texts(find, experimentId, dataset.name, dataset.digest);
  return theirs ?? id;
}
