/** @file Runs of a file store: their info, params, tags, points, inputs, outputs and artifacts. */
import { join } from "node:path";
import * as v from "valibot";
import { checkedParam, checkedTag, requireMetricKey, requireRunId } from "../limits.ts";
import { logInputs } from "../store/inputs.ts";
import { logPoints } from "../store/log.ts";
import type { Metric } from "../store/metric.ts";
import { runNameTag, runStatuses } from "../store/runs.ts";
import { importArtifacts, servedUri } from "./import-artifacts.ts";
import { type ImportState, noting } from "./import-state.ts";
import {
  filesBelow,
  foldersOf,
  metricLines,
  MlrunsError,
  parsePythonFloat,
  parseWhole,
  readKeyValues,
  readMeta,
  text,
  textOrNull,
  whole,
  wholeOrNull,
} from "./mlruns-files.ts";

const runMeta = v.object({
  artifact_uri: text,
  lifecycle_stage: v.picklist(["active", "deleted"]),
  run_name: textOrNull,
  user_id: text,
  status: v.pipe(
    whole,
    v.transform((number) => runStatuses[number - 1]),
    v.picklist(runStatuses),
  ),
  start_time: wholeOrNull,
  end_time: wholeOrNull,
  deleted_time: wholeOrNull,
});
const datasetMeta = v.object({
  name: v.string(),
  digest: v.string(),
  source_type: text,
  source: text,
  schema: textOrNull,
  profile: textOrNull,
});
const linkMeta = v.object({
  source_type: text,
  source_id: text,
  destination_type: text,
  destination_id: text,
  step: v.optional(whole, "0"),
  tags: v.optional(v.record(v.string(), v.string()), {}),
});
const pointsPerBatch = 1000;

/** Takes over a run; one that the store has gets what it lacks. */
export async function importRun(
  state: ImportState,
  folder: string,
  runId: string,
  experimentId: number,
): Promise<void> {
  requireRunId(runId);
  const meta = await readMeta(folder, runMeta);
  const { database } = state.store;
  const location = servedUri(String(experimentId), runId, "artifacts");
  const artifactUri = await importArtifacts(state, join(folder, "artifacts"), meta.artifact_uri, location);
  const params = (await readKeyValues(join(folder, "params"))).map((param) => checkedParam(param));
  const tags = (await readKeyValues(join(folder, "tags"))).map((tag) => checkedTag(tag));
  const name = meta.run_name ?? tags.find(({ key }) => key === runNameTag)?.value ?? "";
  const runNo = await database.write(async () => {
    // A run that was going on when it was taken over may have ended since.
    await database.run(
      `INSERT INTO runs
        (run_id, experiment_id, run_name, user_id, status, start_time, end_time, deleted_time, artifact_uri, lifecycle_stage)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (run_id) DO UPDATE SET status = excluded.status, end_time = excluded.end_time
          WHERE runs.status IN ('RUNNING', 'SCHEDULED')`,
      runId,
      experimentId,
      name,
      meta.user_id,
      meta.status,
      meta.start_time ?? 0,
      meta.end_time ?? null,
      meta.lifecycle_stage === "deleted" ? (meta.deleted_time ?? Date.now()) : null,
      artifactUri,
      meta.lifecycle_stage,
    );
    const [row] = await database.rows("SELECT run_no FROM runs WHERE run_id = ?", runId);
    const number = Number(row?.[0]);
    for (const { key, value } of params)
      await database.run("INSERT INTO params VALUES (?, ?, ?) ON CONFLICT DO NOTHING", number, key, value);
    for (const { key, value } of [...tags, { key: runNameTag, value: name }])
      await database.run("INSERT INTO run_tags VALUES (?, ?, ?) ON CONFLICT DO NOTHING", number, key, value);
    return number;
  });
  for await (const key of filesBelow(join(folder, "metrics")))
    await noting(state, join(folder, "metrics", key), () =>
      importMetric(state, join(folder, "metrics", key), key, runNo),
    );
  await noting(state, join(folder, "inputs"), () => importInputs(state, folder, runId, runNo));
  await noting(state, join(folder, "outputs"), () => importOutputs(state, folder, runNo));
  state.counts.runs += 1;
}

async function importMetric(state: ImportState, path: string, key: string, runNo: number): Promise<void> {
  requireMetricKey(key, "name");
  let batch: Metric[] = [];
  const store = async (): Promise<void> => {
    state.signal?.throwIfAborted();
    const points = batch;
    batch = [];
    await state.store.database.write(() => logPoints(state.store, runNo, points));
    state.counts.points += points.length;
    state.onProgress?.(state.counts);
  };
  for await (const fields of metricLines(path)) {
    if (![2, 3, 5].includes(fields.length))
      throw new MlrunsError(`a line has ${fields.length} fields, not 2, 3 or 5`);
    batch.push({
      key,
      timestamp: parseWhole(fields[0], path),
      value: parsePythonFloat(fields[1], path),
      step: fields.length === 2 ? 0 : parseWhole(fields[2], path),
    });
    if (batch.length === pointsPerBatch) await store();
  }
  if (batch.length > 0) await store();
}

async function importInputs(state: ImportState, folder: string, runId: string, runNo: number): Promise<void> {
  for (const name of await foldersOf(join(folder, "inputs"))) {
    const link = await readMeta(join(folder, "inputs", name), linkMeta);
    if (link.source_type === "DATASET") {
      // The experiment's datasets stand beside its runs.
      const dataset = await readMeta(
        join(folder, "..", "datasets", requireName(link.source_id)),
        datasetMeta,
      );
      const tags = Object.entries(link.tags).map(([key, value]) => ({ key, value }));
      const { source_type: sourceType, ...rest } = dataset;
      await whileActive(state, runNo, () =>
        logInputs(state.store, runId, [{ tags, dataset: { ...rest, sourceType } }], []),
      );
    } else if (link.destination_type === "MODEL_INPUT")
      await state.store.database.run(
        "INSERT INTO model_inputs VALUES (?, ?) ON CONFLICT DO NOTHING",
        runNo,
        link.destination_id,
      );
  }
}

/** A run that was deleted is not logged to; it is taken over nonetheless. */
async function whileActive(state: ImportState, runNo: number, work: () => Promise<void>): Promise<void> {
  const { database } = state.store;
  await database.write(async () => {
    const [row] = await database.rows("SELECT lifecycle_stage FROM runs WHERE run_no = ?", runNo);
    const sql = "UPDATE runs SET lifecycle_stage = ? WHERE run_no = ?";
    await database.run(sql, "active", runNo);
    await work();
    await database.run(sql, String(row?.[0]), runNo);
  });
}

async function importOutputs(state: ImportState, folder: string, runNo: number): Promise<void> {
  const { database } = state.store;
  for (const name of await foldersOf(join(folder, "outputs"))) {
    const { destination_id: modelId, step } = await readMeta(join(folder, "outputs", name), linkMeta);
    await database.write(async () => {
      const known = "SELECT 1 FROM model_outputs WHERE run_no = ? AND model_id = ? AND step = ?";
      if (await database.row(known, runNo, modelId, step)) return;
      await database.run(
        "INSERT INTO model_outputs (run_no, model_id, step) VALUES (?, ?, ?)",
        runNo,
        modelId,
        step,
      );
    });
  }
}

function requireName(id: string): string {
  if (!/^[\w-]+$/.test(id)) throw new MlrunsError(`'${id}' is no id`);
  return id;
}
