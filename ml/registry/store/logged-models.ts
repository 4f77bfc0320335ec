/** @file Logged models: models of an experiment with params, tags and the metrics that were measured of them. */
import { randomBytes } from "node:crypto";
import { doesNotExist, invalidParameter } from "../mlflow-error.ts";
import { type KeyValue, requireLoggedModelName } from "../limits.ts";
import type { Identity } from "../access/identity.ts";
import { noteContributor } from "./contributors.ts";
import { jsonOfKeys, refuseExisting } from "./database.ts";
import type { Dialect } from "./dialect.ts";
import { activeExperiment } from "./experiments.ts";
import { randomName } from "./random-name.ts";
import type { Store } from "./store.ts";

export const modelStatuses = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;
export type ModelStatus = (typeof modelStatuses)[number];

export interface NewLoggedModel {
  readonly experimentId: string;
  readonly name: string | undefined;
  readonly modelType: string;
  readonly sourceRunId: string;
  /** Who asks for it. */
  readonly creator: Pick<Identity, "name" | "verified">;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
}

/** Makes a logged model that is pending; returns it as MLflow's JSON. */
export async function createLoggedModel(store: Store, model: NewLoggedModel): Promise<string> {
  if (model.name) requireLoggedModelName(model.name);
  const { database } = store;
  return database.write(async () => {
    const experiment = await activeExperiment(store, model.experimentId);
    const id = `m-${randomBytes(16).toString("hex")}`;
    const now = Date.now();
    await database.run(
      "INSERT INTO logged_models VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'LOGGED_MODEL_PENDING', 'active')",
      id,
      Number(experiment.experiment_id),
      model.name || randomName(),
      `${experiment.artifact_location}/models/${id}/artifacts`,
      now,
      now,
      model.modelType,
      model.sourceRunId,
    );
    await noteContributor(store, [id], model.creator);
    await insertParams(store, id, model.params);
    await insertTags(store, id, model.tags);
    return loggedModelJson(store, id);
  });
}

/** A logged model as MLflow's JSON. */
export async function getLoggedModel(store: Store, modelId: string, allowDeleted = false): Promise<string> {
  const [stage] = await store.database.texts(
    "SELECT lifecycle_stage FROM logged_models WHERE model_id = ?",
    modelId,
  );
  if (stage === undefined || (stage === "deleted" && !allowDeleted)) throw notFound(modelId);
  return loggedModelJson(store, modelId);
}

/** Where a logged model's artifacts are. */
export async function loggedModelLocation({ database }: Store, modelId: string): Promise<string> {
  const [location] = await database.texts(
    "SELECT artifact_location FROM logged_models WHERE model_id = ? AND lifecycle_stage = 'active'",
    modelId,
  );
  if (location === undefined) throw notFound(modelId);
  return location;
}

/** The run that made a logged model; empty where none did. */
export async function loggedModelRun({ database }: Store, modelId: string): Promise<string> {
  const [runId] = await database.texts("SELECT source_run_id FROM logged_models WHERE model_id = ?", modelId);
  if (runId === undefined) throw notFound(modelId);
  return runId;
}

/** Says how a logged model's making ended; returns it as MLflow's JSON. */
export async function finalizeLoggedModel(
  store: Store,
  modelId: string,
  status: ModelStatus,
): Promise<string> {
  const changed = await store.database.run(
    "UPDATE logged_models SET status = ?, last_updated_timestamp = ? WHERE model_id = ?",
    status,
    Date.now(),
    modelId,
  );
  if (changed === 0) throw notFound(modelId);
  return loggedModelJson(store, modelId);
}

/** Marks a logged model as deleted. */
export async function deleteLoggedModel(store: Store, modelId: string): Promise<void> {
  const changed = await store.database.run(
    "UPDATE logged_models SET lifecycle_stage = 'deleted', last_updated_timestamp = ? WHERE model_id = ?",
    Date.now(),
    modelId,
  );
  if (changed === 0) throw notFound(modelId);
}

/** Adds params to a logged model. One that is there already is refused. */
export async function logModelParams(
  store: Store,
  modelId: string,
  params: readonly KeyValue[],
): Promise<void> {
  await store.database.write(async () => {
    await requireModel(store, modelId);
    await refuseExisting(`A param of the logged model '${modelId}' is there already.`, () =>
      insertParams(store, modelId, params),
    );
  });
}

/** Sets tags of a logged model. */
export async function setModelTags(store: Store, modelId: string, tags: readonly KeyValue[]): Promise<void> {
  await store.database.write(async () => {
    await requireModel(store, modelId);
    await insertTags(store, modelId, tags);
  });
}

/** Removes a tag of a logged model. */
export async function deleteModelTag(store: Store, modelId: string, key: string): Promise<void> {
  await store.database.write(async () => {
    await requireModel(store, modelId);
    const sql = "DELETE FROM logged_model_tags WHERE model_id = ? AND key = ?";
    if ((await store.database.run(sql, modelId, key)) === 0)
      throw doesNotExist(`No tag with key '${key}' found for model with ID '${modelId}'.`);
  });
}

/** The status of a number or a name, as protobuf's JSON has either. */
export function parseModelStatus(status: string | number): ModelStatus {
  const found =
    typeof status === "number" || /^\d+$/.test(status)
      ? modelStatuses[Number(status)]
      : modelStatuses.find((name) => name === status);
  if (found) return found;
  throw invalidParameter(
    `Invalid value ${JSON.stringify(status)} for parameter 'status' supplied. See the API docs for more information about request parameters.`,
  );
}

function modelSql(dialect: Dialect): string {
  const { object, list, withoutNulls, number } = dialect;
  const keyed = (table: string): string =>
    list(
      object("'key', key, 'value', value"),
      `${table} AS entry WHERE entry.model_id = logged_models.model_id`,
      "key",
    );
  const metric = withoutNulls(
    object(`'key', key, 'value', ${number("value")}, 'timestamp', timestamp, 'step', step,
      'dataset_name', dataset_name, 'dataset_digest', dataset_digest, 'model_id', metric.model_id, 'run_id', run_id`),
  );
  const metrics = list(
    metric,
    "logged_model_metrics AS metric WHERE metric.model_id = logged_models.model_id",
    "metric_no",
  );
  const info = object(`'model_id', model_id, 'experiment_id', CAST(experiment_id AS TEXT), 'name', name,
    'creation_timestamp_ms', creation_timestamp, 'last_updated_timestamp_ms', last_updated_timestamp,
    'artifact_uri', artifact_location, 'status', status, 'model_type', model_type, 'source_run_id', source_run_id,
    'tags', ${keyed("logged_model_tags")}`);
  const data = object(`'params', ${keyed("logged_model_params")}, 'metrics', ${metrics}`);
  return `SELECT model_id, ${withoutNulls(object(`'info', ${info}, 'data', ${data}`))} FROM logged_models`;
}

/** Logged models as MLflow's JSON, deleted or not. */
export async function loggedModelsJson({ database }: Store, modelIds: readonly string[]): Promise<string[]> {
  const sql = modelSql(database.dialect);
  return jsonOfKeys(database, modelIds, (list) => `${sql} WHERE model_id IN ${list}`);
}

/** A logged model as MLflow's JSON, deleted or not. */
export async function loggedModelJson({ database }: Store, modelId: string): Promise<string> {
  const row = await database.row(`${modelSql(database.dialect)} WHERE model_id = ?`, modelId);
  return String(row?.[1]);
}

async function requireModel({ database }: Store, modelId: string): Promise<void> {
  if (!(await database.row("SELECT 1 FROM logged_models WHERE model_id = ?", modelId)))
    throw notFound(modelId);
}

function notFound(modelId: string): Error {
  return doesNotExist(`Logged model with ID '${modelId}' not found.`);
}

async function insertParams(
  { database }: Store,
  modelId: string,
  params: readonly KeyValue[],
): Promise<void> {
  for (const { key, value } of params)
    await database.run("INSERT INTO logged_model_params VALUES (?, ?, ?)", modelId, key, value);
}

async function insertTags({ database }: Store, modelId: string, tags: readonly KeyValue[]): Promise<void> {
  for (const { key, value } of tags)
    await database.run(
      `INSERT INTO logged_model_tags VALUES (?, ?, ?)
        ON CONFLICT (model_id, key) DO UPDATE SET value = excluded.value`,
      modelId,
      key,
      value,
    );
}
