/** @file Versions of registered models: made, described, moved between stages, deleted, tagged, pointed to by aliases. */
import { doesNotExist, invalidParameter, MlflowError } from "../mlflow-error.ts";
import {
  type KeyValue,
  parseVersion,
  requireAlias,
  requireKey,
  requireModelName,
  requireRegistryTag,
  requireSettableAlias,
} from "../limits.ts";
import { deletedStage, type ModelVersion, readVersions, withAliases } from "./model-version-rows.ts";
import { getRegisteredModel, latestVersions } from "./registered-models.ts";
import type { Store } from "./store.ts";

const stages = ["None", "Staging", "Production", "Archived"] as const;

export interface NewModelVersion {
  readonly name: string;
  /** A URI of the model's folder. */
  readonly source: string;
  /** Where the folder is, when the source is a name of it. */
  readonly storageLocation: string;
  readonly runId: string;
  readonly runLink: string;
  readonly description: string;
  readonly tags: readonly KeyValue[];
}

/** Makes the next version of a registered model. */
export async function createModelVersion(store: Store, version: NewModelVersion): Promise<ModelVersion> {
  requireModelName(version.name);
  version.tags.forEach(requireRegistryTag);
  const { database } = store;
  return database.write(async () => {
    await getRegisteredModel(store, version.name);
    const now = Date.now();
    // First of all: whoever makes a version of the same model waits here.
    await touch(store, version.name, now);
    const row = await database.row(
      `INSERT INTO model_versions VALUES (?, (SELECT coalesce(max(version), 0) + 1 FROM model_versions WHERE name = ?),
        ?, NULL, 'None', ?, ?, ?, ?, ?, ?) RETURNING version`,
      version.name,
      version.name,
      version.description,
      version.source,
      version.storageLocation,
      version.runId,
      version.runLink,
      now,
      now,
    );
    const number = Number(row?.[0]);
    for (const { key, value } of version.tags) await setTag(store, version.name, number, key, value);
    return getModelVersion(store, version.name, String(number));
  });
}

/** The version of a registered model. */
export async function getModelVersion(store: Store, name: string, version: string): Promise<ModelVersion> {
  return withAliases(store, await findVersion(store, name, version));
}

/** Where a version's files are. */
export async function modelVersionLocation(store: Store, name: string, version: string): Promise<string> {
  await findVersion(store, name, version);
  const [location] = await store.database.texts(
    "SELECT coalesce(nullif(storage_location, ''), source) FROM model_versions WHERE name = ? AND version = ?",
    name,
    parseVersion(version),
  );
  return location ?? "";
}

/** Gives a version another description. */
export async function updateModelVersion(
  store: Store,
  name: string,
  version: string,
  description: string | undefined,
): Promise<ModelVersion> {
  return store.database.write(async () => {
    await findVersion(store, name, version);
    await store.database.run(
      "UPDATE model_versions SET description = ?, last_updated_timestamp = ? WHERE name = ? AND version = ?",
      description ?? null,
      Date.now(),
      name,
      parseVersion(version),
    );
    return getModelVersion(store, name, version);
  });
}

/** The stage of a name, in whichever case. */
export function parseStage(stage: string): (typeof stages)[number] {
  const found = stages.find((name) => name.toLowerCase() === stage.toLowerCase());
  if (found) return found;
  const names = stages.map((name) => `'${name}'`).join(", ");
  throw invalidParameter(`Invalid Model Version stage: ${stage}. Value must be one of [${names}].`);
}

/** Moves a version to a stage; with `archive` those that were there are archived. */
export async function moveToStage(
  store: Store,
  name: string,
  version: string,
  stage: string,
  archive: boolean,
): Promise<ModelVersion> {
  const to = parseStage(stage);
  if (archive && to !== "Staging" && to !== "Production")
    throw new MlflowError(
      "INTERNAL_ERROR",
      `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
    );
  const { database } = store;
  return database.write(async () => {
    await findVersion(store, name, version);
    const now = Date.now();
    if (archive)
      await database.run(
        `UPDATE model_versions SET current_stage = 'Archived', last_updated_timestamp = ?
          WHERE name = ? AND version <> ? AND current_stage = ?`,
        now,
        name,
        parseVersion(version),
        to,
      );
    await database.run(
      "UPDATE model_versions SET current_stage = ?, last_updated_timestamp = ? WHERE name = ? AND version = ?",
      to,
      now,
      name,
      parseVersion(version),
    );
    await touch(store, name, now);
    return getModelVersion(store, name, version);
  });
}

/** Deletes a version and its aliases. Its number stays taken. */
export async function deleteModelVersion(store: Store, name: string, version: string): Promise<void> {
  const number = parseVersion(version);
  const { database } = store;
  await database.write(async () => {
    await findVersion(store, name, version);
    const now = Date.now();
    await database.run("DELETE FROM registered_model_aliases WHERE name = ? AND version = ?", name, number);
    await database.run(
      `UPDATE model_versions SET current_stage = ?, description = NULL, user_id = NULL, source = NULL,
        storage_location = NULL, run_id = NULL, run_link = NULL, last_updated_timestamp = ? WHERE name = ? AND version = ?`,
      deletedStage,
      now,
      name,
      number,
    );
    await touch(store, name, now);
  });
}

/** Sets a tag of a version. */
export async function setModelVersionTag(
  store: Store,
  name: string,
  version: string,
  tag: KeyValue,
): Promise<void> {
  const number = parseVersion(version);
  requireRegistryTag(tag);
  await store.database.write(async () => {
    await findVersion(store, name, version);
    await setTag(store, name, number, tag.key, tag.value);
  });
}

/** Removes a tag of a version, where it is there. */
export async function deleteModelVersionTag(
  store: Store,
  name: string,
  version: string,
  key: string,
): Promise<void> {
  const number = parseVersion(version);
  requireKey(key, "name");
  await store.database.write(async () => {
    await findVersion(store, name, version);
    const sql = "DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?";
    await store.database.run(sql, name, number, key);
  });
}

/** Points an alias to a version, from wherever it pointed before. */
export async function setAlias(store: Store, name: string, alias: string, version: string): Promise<void> {
  requireModelName(name);
  requireSettableAlias(alias);
  const number = parseVersion(version);
  await store.database.write(async () => {
    await findVersion(store, name, version);
    await store.database.run(
      `INSERT INTO registered_model_aliases VALUES (?, ?, ?)
        ON CONFLICT (name, alias) DO UPDATE SET version = excluded.version`,
      name,
      alias,
      number,
    );
  });
}

/** Removes an alias, where it is there. */
export async function deleteAlias(store: Store, name: string, alias: string): Promise<void> {
  requireModelName(name);
  requireAlias(alias);
  await store.database.write(async () => {
    await getRegisteredModel(store, name);
    await store.database.run(
      "DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?",
      name,
      alias,
    );
  });
}

/** The version that an alias points to; `latest` is the one with the highest number. */
export async function getVersionByAlias(store: Store, name: string, alias: string): Promise<ModelVersion> {
  requireModelName(name);
  requireAlias(alias);
  await getRegisteredModel(store, name);
  if (alias.toLowerCase() === "latest") {
    const latest = (await latestVersions(store, name)).at(-1);
    if (!latest) throw doesNotExist(`Latest version not found for model ${name}.`);
    return withAliases(store, latest);
  }
  const sql = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?";
  const row = await store.database.row(sql, name, alias);
  if (!row) throw invalidParameter(`Registered model alias ${alias} not found.`);
  return getModelVersion(store, name, String(row[0]));
}

async function findVersion(store: Store, name: string, version: string): Promise<ModelVersion> {
  requireModelName(name);
  const [found] = await readVersions(store, "name = ? AND version = ? AND current_stage <> ?", [
    name,
    parseVersion(version),
    deletedStage,
  ]);
  if (!found) throw doesNotExist(`Model Version (name=${name}, version=${version}) not found`);
  return found;
}

async function touch({ database }: Store, name: string, now: number): Promise<void> {
  await database.run("UPDATE registered_models SET last_updated_timestamp = ? WHERE name = ?", now, name);
}

async function setTag(
  { database }: Store,
  name: string,
  version: number,
  key: string,
  value: string,
): Promise<void> {
  await database.run(
    `INSERT INTO model_version_tags VALUES (?, ?, ?, ?)
      ON CONFLICT (name, version, key) DO UPDATE SET value = excluded.value`,
    name,
    version,
    key,
    value,
  );
}
