/** @file Registered models: made, described, renamed, deleted with their versions, tagged. */
import { doesNotExist, MlflowError } from "../mlflow-error.ts";
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
export async function createRegisteredModel(
  store: Store,
  name: string,
  tags: readonly KeyValue[],
  description: string,
): Promise<RegisteredModel> {
  requireModelName(name);
  tags.forEach(requireRegistryTag);
  const { database } = store;
  return refuseExisting(`Registered Model (name=${name}) already exists.`, () =>
    database.write(async () => {
      const now = Date.now();
      await database.run("INSERT INTO registered_models VALUES (?, ?, ?, ?)", name, description, now, now);
      for (const { key, value } of tags) await setTag(store, name, key, value);
      return getRegisteredModel(store, name);
    }),
  );
}

/** The registered model with a name. */
export async function getRegisteredModel(store: Store, name: string): Promise<RegisteredModel> {
  requireModelName(name);
  const row = await store.database.row(
    "SELECT description, creation_timestamp, last_updated_timestamp FROM registered_models WHERE name = ?",
    name,
  );
  if (!row) throw doesNotExist(`Registered Model with name=${name} not found`);
  const [description, created, updated] = row;
  const latest = await latestVersions(store, name);
  const tags = (
    await store.database.rows(
      "SELECT key, value FROM registered_model_tags WHERE name = ? ORDER BY key",
      name,
    )
  ).map(([key, value]) => ({ key: String(key), value: String(value) }));
  const aliases = (
    await store.database.rows(
      "SELECT alias, version FROM registered_model_aliases WHERE name = ? ORDER BY alias",
      name,
    )
  ).map(([alias, version]) => ({ alias: String(alias), version: String(version) }));
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

/** The registered models with these names; those that are gone meanwhile are left out. */
export async function findRegisteredModels(
  store: Store,
  names: readonly string[],
): Promise<readonly RegisteredModel[]> {
  const found: RegisteredModel[] = [];
  for (const name of names)
    try {
      found.push(await getRegisteredModel(store, name));
    } catch (error) {
      if (!(error instanceof MlflowError && error.code === "RESOURCE_DOES_NOT_EXIST")) throw error;
    }
  return found;
}

/** The latest version of each stage, or of those stages. */
export async function latestVersions(
  store: Store,
  name: string,
  stages: readonly string[] = [],
): Promise<readonly ModelVersion[]> {
  const latest = await readVersions(
    store,
    `name = ? AND current_stage <> 'Deleted_Internal' AND version = (SELECT max(version) FROM model_versions AS other
      WHERE other.name = model_versions.name AND other.current_stage = model_versions.current_stage) ORDER BY version`,
    [name],
  );
  return stages.length === 0 ? latest : latest.filter((version) => stages.includes(version.current_stage));
}

/** Gives a registered model another description. */
export async function updateRegisteredModel(
  store: Store,
  name: string,
  description: string,
): Promise<RegisteredModel> {
  return store.database.write(async () => {
    await getRegisteredModel(store, name);
    await store.database.run(
      "UPDATE registered_models SET description = ?, last_updated_timestamp = ? WHERE name = ?",
      description,
      Date.now(),
      name,
    );
    return getRegisteredModel(store, name);
  });
}

/** Gives a registered model, its versions, tags and aliases another name. */
export async function renameRegisteredModel(
  store: Store,
  name: string,
  newName: string,
): Promise<RegisteredModel> {
  requireModelName(newName, "new_name");
  const { database } = store;
  return database.write(async () => {
    await getRegisteredModel(store, name);
    const now = Date.now();
    await refuseExisting(`Registered Model (name=${newName}) already exists.`, () =>
      database.run(
        "UPDATE registered_models SET name = ?, last_updated_timestamp = ? WHERE name = ?",
        newName,
        now,
        name,
      ),
    );
    await database.run("UPDATE model_versions SET last_updated_timestamp = ? WHERE name = ?", now, newName);
    return getRegisteredModel(store, newName);
  });
}

/** Deletes a registered model and its versions. */
export async function deleteRegisteredModel(store: Store, name: string): Promise<void> {
  await store.database.write(async () => {
    await getRegisteredModel(store, name);
    await store.database.run("DELETE FROM registered_models WHERE name = ?", name);
  });
}

/** Sets a tag of a registered model. */
export async function setRegisteredModelTag(store: Store, name: string, tag: KeyValue): Promise<void> {
  requireModelName(name);
  requireRegistryTag(tag);
  await store.database.write(async () => {
    await getRegisteredModel(store, name);
    await setTag(store, name, tag.key, tag.value);
  });
}

/** Removes a tag of a registered model, where it is there. */
export async function deleteRegisteredModelTag(store: Store, name: string, key: string): Promise<void> {
  requireModelName(name);
  requireKey(key, "name");
  await store.database.write(async () => {
    await getRegisteredModel(store, name);
    await store.database.run("DELETE FROM registered_model_tags WHERE name = ? AND key = ?", name, key);
  });
}

async function setTag({ database }: Store, name: string, key: string, value: string): Promise<void> {
  await database.run(
    `INSERT INTO registered_model_tags VALUES (?, ?, ?)
      ON CONFLICT (name, key) DO UPDATE SET value = excluded.value`,
    name,
    key,
    value,
  );
}
