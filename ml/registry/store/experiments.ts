/** @file Experiments: made, found, renamed, deleted with their runs and restored, tagged. */
import { doesNotExist, invalidParameter, MlflowError } from "../mlflow-error.ts";
import { type KeyValue, requireExperimentName, requireExperimentTag, requireLength } from "../limits.ts";
import { attributeCondition, every, keyedCondition, parseId } from "../search/conditions.ts";
import { attribute, parseFilter } from "../search/filter.ts";
import { experimentLanguage } from "../search/language.ts";
import { type Ordering, parseOrderBy } from "../search/order-by.ts";
import { offsetOf, type Page, pageOf } from "../search/page-token.ts";
import { refuseExisting, type SqlValue } from "./database.ts";
import { parseKeyValues } from "./key-values.ts";
import { type SearchOptions, stagesOf } from "./search-options.ts";
import type { Store } from "./store.ts";

export interface Experiment {
  readonly experiment_id: string;
  readonly name: string;
  readonly artifact_location: string;
  readonly lifecycle_stage: string;
  readonly last_update_time: number;
  readonly creation_time: number;
  readonly tags?: readonly KeyValue[];
}

const columns = "experiment_id, name, artifact_location, lifecycle_stage, last_update_time, creation_time";
const setTagSql =
  "INSERT INTO experiment_tags VALUES (?, ?, ?) ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value";
const artifactLocationLength = 2048;

/** Makes an experiment; returns its id. */
export async function createExperiment(
  store: Store,
  name: string,
  artifactLocation: string | undefined,
  tags: readonly KeyValue[],
): Promise<string> {
  requireExperimentName(name);
  if (artifactLocation) requireLocation(artifactLocation);
  tags.forEach(requireExperimentTag);
  const { database } = store;
  const refusal = `Experiment(name=${name}) already exists.`;
  return refuseExisting(refusal, () =>
    database.write(async () => {
      // Postgres would give the number of what is refused to nobody else.
      if (await database.row("SELECT 1 FROM experiments WHERE name = ?", name))
        throw new MlflowError("RESOURCE_ALREADY_EXISTS", refusal);
      const now = Date.now();
      const row = await database.row(
        `INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time)
          VALUES (?, ?, 'active', ?, ?) RETURNING experiment_id`,
        name,
        artifactLocation ?? "",
        now,
        now,
      );
      const id = Number(row?.[0]);
      if (!artifactLocation)
        await database.run(
          "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
          `${store.artifactRoot}${id}`,
          id,
        );
      for (const { key, value } of tags) await database.run(setTagSql, id, key, value);
      return String(id);
    }),
  );
}

/** Throws MLflow's error for a place whose end a URL cuts off: what is put behind it, a run's id, would not count. */
function requireLocation(location: string): void {
  requireLength("artifact_location", artifactLocationLength, location);
  if (location.includes("#") || (/^file:/i.test(location) && location.includes("?")))
    throw invalidParameter("'artifact_location' URL can't include fragments or params.");
}

/** The experiment with an id. */
export async function getExperiment(store: Store, experimentId: string): Promise<Experiment> {
  // As MLflow: no id is that of the default experiment.
  const id = parseId(experimentId || "0");
  const [found] = await readExperiments(store, "experiment_id = ?", [id]);
  if (!found) throw doesNotExist(`No Experiment with id=${id} exists`);
  return found;
}

/** The experiment with a name. */
export async function getExperimentByName(store: Store, name: string): Promise<Experiment> {
  const [found] = await readExperiments(store, "name = ?", [name]);
  if (!found) throw doesNotExist(`Could not find experiment with name '${name}'`);
  return found;
}

/** Marks an experiment and its runs as deleted. */
export async function deleteExperiment(store: Store, experimentId: string): Promise<void> {
  await setStage(store, experimentId, "deleted", Date.now());
}

/** Takes the mark from a deleted experiment and its runs. */
export async function restoreExperiment(store: Store, experimentId: string): Promise<void> {
  await setStage(store, experimentId, "active", null);
}

async function setStage(
  { database }: Store,
  experimentId: string,
  stage: "active" | "deleted",
  deletedTime: number | null,
): Promise<void> {
  const id = parseId(experimentId);
  await database.write(async () => {
    const changed = await database.run(
      "UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ? AND lifecycle_stage <> ?",
      stage,
      Date.now(),
      id,
      stage,
    );
    if (changed === 0) throw doesNotExist(`No Experiment with id=${id} exists`);
    await database.run(
      "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE experiment_id = ?",
      stage,
      deletedTime,
      id,
    );
  });
}

/** Gives an active experiment another name. */
export async function renameExperiment(store: Store, experimentId: string, name: string): Promise<void> {
  requireExperimentName(name);
  const { database } = store;
  await database.write(async () => {
    const { experiment_id: id, lifecycle_stage: stage } = await getExperiment(store, experimentId);
    if (stage !== "active") throw new MlflowError("INVALID_STATE", "Cannot rename a non-active experiment.");
    await refuseExisting(`Experiment(name=${name}) already exists.`, () =>
      database.run(
        "UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?",
        name,
        Date.now(),
        Number(id),
      ),
    );
  });
}

/** Sets a tag of an active experiment. */
export async function setExperimentTag(store: Store, experimentId: string, tag: KeyValue): Promise<void> {
  requireExperimentTag(tag);
  const { database } = store;
  await database.write(async () => {
    const { experiment_id: id } = await activeExperiment(store, experimentId);
    await database.run(setTagSql, Number(id), tag.key, tag.value);
  });
}

/** Removes a tag of an active experiment. */
export async function deleteExperimentTag(store: Store, experimentId: string, key: string): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    const { experiment_id: id } = await activeExperiment(store, experimentId);
    const sql = "DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?";
    if ((await database.run(sql, Number(id), key)) === 0)
      throw doesNotExist(`No tag with name: ${key} in experiment with id ${experimentId}`);
  });
}

/** The experiment with an id, which must not be deleted. */
export async function activeExperiment(store: Store, experimentId: string): Promise<Experiment> {
  const experiment = await getExperiment(store, experimentId);
  if (experiment.lifecycle_stage !== "active")
    throw invalidParameter(
      `The experiment ${experiment.experiment_id} must be in the 'active' state. Current state is ${experiment.lifecycle_stage}.`,
    );
  return experiment;
}

/** A page of the experiments that a filter takes. */
export async function searchExperiments(store: Store, options: SearchOptions): Promise<Page<Experiment>> {
  const { dialect } = store.database;
  const conditions = parseFilter(options.filter, experimentLanguage).map((comparison) =>
    comparison.entity === "tag"
      ? keyedCondition(
          dialect,
          "experiment_tags",
          "entry.experiment_id = experiments.experiment_id",
          comparison,
        )
      : attributeCondition(dialect, comparison, experimentLanguage),
  );
  const where = every([...conditions, stagesOf("experiments", options.viewType)]);
  const orderings = parseOrderBy(options.orderBy, experimentLanguage);
  const offset = offsetOf(options.pageToken);
  const found = await readExperiments(
    store,
    `${where.text} ORDER BY ${orderSql(orderings)} LIMIT ? OFFSET ?`,
    [...where.values, options.maxResults + 1, offset],
  );
  return pageOf(found, offset, options.maxResults);
}

function orderSql(orderings: readonly Ordering[]): string {
  const parts = orderings.map(({ entity, key, ascending }) => {
    if (entity !== "attribute") throw invalidParameter(`Invalid order_by entity: ${entity}`);
    return `${attribute(experimentLanguage, key).column} ${ascending ? "ASC" : "DESC"}`;
  });
  if (parts.length === 0) return "creation_time DESC, experiment_id ASC";
  return [...parts, "experiment_id DESC"].join(", ");
}

async function readExperiments(
  { database }: Store,
  where: string,
  values: readonly SqlValue[],
): Promise<Experiment[]> {
  const { dialect } = database;
  const tag = dialect.object("'key', key, 'value', value");
  const ofExperiment = "experiment_tags AS tag WHERE tag.experiment_id = experiments.experiment_id";
  const sql = `SELECT ${columns}, ${dialect.list(tag, ofExperiment, "key")} FROM experiments WHERE ${where}`;
  return (await database.rows(sql, ...values)).map(readExperiment);
}

function readExperiment(row: readonly SqlValue[]): Experiment {
  const [id, name, location, stage, updated, created, tags] = row;
  return {
    experiment_id: String(id),
    name: String(name),
    artifact_location: String(location),
    lifecycle_stage: String(stage),
    last_update_time: Number(updated),
    creation_time: Number(created),
    ...(tags !== null && { tags: parseKeyValues(tags) }),
  };
}
