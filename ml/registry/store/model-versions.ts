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
export function createModelVersion(store: Store, version: NewModelVersion): ModelVersion {
  requireModelName(version.name);
  version.tags.forEach(requireRegistryTag);
  const { database } = store;
  return database.write(() => {
    getRegisteredModel(store, version.name);
    const now = Date.now();
    const row = database.row(
      `INSERT INTO model_versions SELECT ?, coalesce(max(version), 0) + 1, ?, NULL, 'None', ?, ?, ?, ?, ?, ?
        FROM model_versions WHERE name = ? RETURNING version`,
      version.name,
      version.description,
      version.source,
      version.storageLocation,
      version.runId,
      version.runLink,
      now,
      now,
      version.name,
    );
    const number = Number(row?.[0]);
    touch(store, version.name, now);
    for (const { key, value } of version.tags) setTag(store, version.name, number, key, value);
    return getModelVersion(store, version.name, String(number));
  });
}

/** The version of a registered model. */
export function getModelVersion(store: Store, name: string, version: string): ModelVersion {
  return withAliases(store, findVersion(store, name, version));
}

/** Where a version's files are. */
export function modelVersionLocation(store: Store, name: string, version: string): string {
  findVersion(store, name, version);
  const [location] = store.database.texts(
    "SELECT coalesce(nullif(storage_location, ''), source) FROM model_versions WHERE name = ? AND version = ?",
    name,
    parseVersion(version),
  );
  return location ?? "";
}

/** Gives a version another description. */
export function updateModelVersion(
  store: Store,
  name: string,
  version: string,
  description: string | undefined,
): ModelVersion {
  return store.database.write(() => {
    findVersion(store, name, version);
    store.database.run(
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
export function moveToStage(
  store: Store,
  name: string,
  version: string,
  stage: string,
  archive: boolean,
): ModelVersion {
  const to = parseStage(stage);
  if (archive && to !== "Staging" && to !== "Production")
    throw new MlflowError(
      "INTERNAL_ERROR",
      `Model version transition cannot archive existing model versions because '${stage}' is not an Active stage. Valid stages are ['Staging', 'Production']`,
    );
  const { database } = store;
  return database.write(() => {
    findVersion(store, name, version);
    const now = Date.now();
    if (archive)
      database.run(
        `UPDATE model_versions SET current_stage = 'Archived', last_updated_timestamp = ?
          WHERE name = ? AND version <> ? AND current_stage = ?`,
        now,
        name,
        parseVersion(version),
        to,
      );
    database.run(
      "UPDATE model_versions SET current_stage = ?, last_updated_timestamp = ? WHERE name = ? AND version = ?",
      to,
      now,
      name,
      parseVersion(version),
    );
    touch(store, name, now);
    return getModelVersion(store, name, version);
  });
}

/** Deletes a version and its aliases. Its number stays taken. */
export function deleteModelVersion(store: Store, name: string, version: string): void {
  const number = parseVersion(version);
  const { database } = store;
  database.write(() => {
    findVersion(store, name, version);
    const now = Date.now();
    database.run("DELETE FROM registered_model_aliases WHERE name = ? AND version = ?", name, number);
    database.run(
      `UPDATE model_versions SET current_stage = ?, description = NULL, user_id = NULL, source = NULL,
        storage_location = NULL, run_id = NULL, run_link = NULL, last_updated_timestamp = ? WHERE name = ? AND version = ?`,
      deletedStage,
      now,
      name,
      number,
    );
    touch(store, name, now);
  });
}

/** Sets a tag of a version. */
export function setModelVersionTag(store: Store, name: string, version: string, tag: KeyValue): void {
  const number = parseVersion(version);
  requireRegistryTag(tag);
  store.database.write(() => {
    findVersion(store, name, version);
    setTag(store, name, number, tag.key, tag.value);
  });
}

/** Removes a tag of a version, where it is there. */
export function deleteModelVersionTag(store: Store, name: string, version: string, key: string): void {
  const number = parseVersion(version);
  requireKey(key, "name");
  store.database.write(() => {
    findVersion(store, name, version);
    const sql = "DELETE FROM model_version_tags WHERE name = ? AND version = ? AND key = ?";
    store.database.run(sql, name, number, key);
  });
}

/** Points an alias to a version, from wherever it pointed before. */
export function setAlias(store: Store, name: string, alias: string, version: string): void {
  requireModelName(name);
  requireSettableAlias(alias);
  const number = parseVersion(version);
  store.database.write(() => {
    findVersion(store, name, version);
    store.database.run(
      "INSERT OR REPLACE INTO registered_model_aliases VALUES (?, ?, ?)",
      name,
      alias,
      number,
    );
  });
}

/** Removes an alias, where it is there. */
export function deleteAlias(store: Store, name: string, alias: string): void {
  requireModelName(name);
  requireAlias(alias);
  store.database.write(() => {
    getRegisteredModel(store, name);
    store.database.run("DELETE FROM registered_model_aliases WHERE name = ? AND alias = ?", name, alias);
  });
}

/** The version that an alias points to; `latest` is the one with the highest number. */
export function getVersionByAlias(store: Store, name: string, alias: string): ModelVersion {
  requireModelName(name);
  requireAlias(alias);
  getRegisteredModel(store, name);
  if (alias.toLowerCase() === "latest") {
    const latest = latestVersions(store, name).toSorted((a, b) => Number(b.version) - Number(a.version))[0];
    if (!latest) throw doesNotExist(`Latest version not found for model ${name}.`);
    return withAliases(store, latest);
  }
  const sql = "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?";
  const row = store.database.row(sql, name, alias);
  if (!row) throw invalidParameter(`Registered model alias ${alias} not found.`);
  return getModelVersion(store, name, String(row[0]));
}

function findVersion(store: Store, name: string, version: string): ModelVersion {
  requireModelName(name);
  const [found] = readVersions(store, "name = ? AND version = ? AND current_stage <> ?", [
    name,
    parseVersion(version),
    deletedStage,
  ]);
  if (!found) throw doesNotExist(`Model Version (name=${name}, version=${version}) not found`);
  return found;
}

function touch({ database }: Store, name: string, now: number): void {
  database.run("UPDATE registered_models SET last_updated_timestamp = ? WHERE name = ?", now, name);
}

function setTag({ database }: Store, name: string, version: number, key: string, value: string): void {
  database.run("INSERT OR REPLACE INTO model_version_tags VALUES (?, ?, ?, ?)", name, version, key, value);
}
