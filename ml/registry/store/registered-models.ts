/** @file Registered models: made, described, renamed, deleted with their versions, tagged. */
import { doesNotExist } from "../mlflow-error.ts";
import { type KeyValue, requireKey, requireModelName, requireRegistryTag } from "../limits.ts";
import { refuseExisting } from "./database.ts";
import { type ModelVersion, readVersions } from "./model-version-rows.ts";
import type { Store } from "./store.ts";

export interface ModelAlias {
  readonly alias: string;
  readonly version: string;
}

export interface RegisteredModel {
  readonly name: string;
  readonly creation_timestamp: number;
  readonly last_updated_timestamp: number;
  readonly description?: string;
  /** The latest of each stage. */
  readonly latest_versions?: readonly ModelVersion[];
  readonly tags?: readonly KeyValue[];
  readonly aliases?: readonly ModelAlias[];
}

/** Makes a registered model without versions. */
export function createRegisteredModel(
  store: Store,
  name: string,
  tags: readonly KeyValue[],
  description: string,
): RegisteredModel {
  requireModelName(name);
  tags.forEach(requireRegistryTag);
  const { database } = store;
  return refuseExisting(`Registered Model (name=${name}) already exists.`, () =>
    database.write(() => {
      const now = Date.now();
      database.run("INSERT INTO registered_models VALUES (?, ?, ?, ?)", name, description, now, now);
      for (const { key, value } of tags) setTag(store, name, key, value);
      return getRegisteredModel(store, name);
    }),
  );
}

/** The registered model with a name. */
export function getRegisteredModel(store: Store, name: string): RegisteredModel {
  requireModelName(name);
  const row = store.database.row(
    "SELECT description, creation_timestamp, last_updated_timestamp FROM registered_models WHERE name = ?",
    name,
  );
  if (!row) throw doesNotExist(`Registered Model with name=${name} not found`);
  const [description, created, updated] = row;
  const latest = latestVersions(store, name);
  const tags = keyValues(store, "SELECT key, value FROM registered_model_tags WHERE name = ?", name);
  const aliases = store.database
    .rows("SELECT alias, version FROM registered_model_aliases WHERE name = ?", name)
    .map(([alias, version]) => ({ alias: String(alias), version: String(version) }));
  return {
    name,
    creation_timestamp: Number(created),
    last_updated_timestamp: Number(updated),
    ...(description && { description: String(description) }),
    ...(latest.length > 0 && { latest_versions: latest }),
    ...(tags.length > 0 && { tags }),
    ...(aliases.length > 0 && { aliases }),
  };
}

/** The latest version of each stage, or of those stages. */
export function latestVersions(
  store: Store,
  name: string,
  stages: readonly string[] = [],
): readonly ModelVersion[] {
  const latest = readVersions(
    store,
    `name = ? AND current_stage <> 'Deleted_Internal' AND version = (SELECT max(version) FROM model_versions AS other
      WHERE other.name = model_versions.name AND other.current_stage = model_versions.current_stage)`,
    [name],
  );
  return stages.length === 0 ? latest : latest.filter((version) => stages.includes(version.current_stage));
}

/** Gives a registered model another description. */
export function updateRegisteredModel(store: Store, name: string, description: string): RegisteredModel {
  return store.database.write(() => {
    getRegisteredModel(store, name);
    store.database.run(
      "UPDATE registered_models SET description = ?, last_updated_timestamp = ? WHERE name = ?",
      description,
      Date.now(),
      name,
    );
    return getRegisteredModel(store, name);
  });
}

/** Gives a registered model, its versions, tags and aliases another name. */
export function renameRegisteredModel(store: Store, name: string, newName: string): RegisteredModel {
  requireModelName(newName, "new_name");
  const { database } = store;
  return database.write(() => {
    getRegisteredModel(store, name);
    const now = Date.now();
    refuseExisting(`Registered Model (name=${newName}) already exists.`, () =>
      database.run(
        "UPDATE registered_models SET name = ?, last_updated_timestamp = ? WHERE name = ?",
        newName,
        now,
        name,
      ),
    );
    database.run("UPDATE model_versions SET last_updated_timestamp = ? WHERE name = ?", now, newName);
    return getRegisteredModel(store, newName);
  });
}

/** Deletes a registered model and its versions. */
export function deleteRegisteredModel(store: Store, name: string): void {
  store.database.write(() => {
    getRegisteredModel(store, name);
    store.database.run("DELETE FROM registered_models WHERE name = ?", name);
  });
}

/** Sets a tag of a registered model. */
export function setRegisteredModelTag(store: Store, name: string, tag: KeyValue): void {
  requireModelName(name);
  requireRegistryTag(tag);
  store.database.write(() => {
    getRegisteredModel(store, name);
    setTag(store, name, tag.key, tag.value);
  });
}

/** Removes a tag of a registered model, where it is there. */
export function deleteRegisteredModelTag(store: Store, name: string, key: string): void {
  requireModelName(name);
  requireKey(key, "name");
  store.database.write(() => {
    getRegisteredModel(store, name);
    store.database.run("DELETE FROM registered_model_tags WHERE name = ? AND key = ?", name, key);
  });
}

function setTag({ database }: Store, name: string, key: string, value: string): void {
  database.run("INSERT OR REPLACE INTO registered_model_tags VALUES (?, ?, ?)", name, key, value);
}

function keyValues({ database }: Store, sql: string, ...values: readonly string[]): readonly KeyValue[] {
  return database.rows(sql, ...values).map(([key, value]) => ({ key: String(key), value: String(value) }));
}
