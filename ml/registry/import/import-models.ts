/** @file Logged models and registered models of a file store. */
import { basename, join } from "node:path";
import * as v from "valibot";
import { parseVersion, requireModelName, requireRegistryTag, requireSettableAlias } from "../limits.ts";
import { rulesOf } from "../governance/policy.ts";
import { storePolicy } from "../governance/promotion.ts";
import { deletedStage } from "../store/model-version-rows.ts";
import { parseModelStatus } from "../store/logged-models.ts";
import { storedValue } from "../store/metric.ts";
import { importArtifacts, servedUri } from "./import-artifacts.ts";
import { type ImportState, noting, plainUri } from "./import-state.ts";
import {
  entriesOf,
  filesBelow,
  foldersOf,
  metricLines,
  MlrunsError,
  parsePythonFloat,
  parseWhole,
  readKeyValues,
  readMeta,
  readText,
  text,
  textOrNull,
  whole,
} from "./mlruns-files.ts";

const loggedModelMeta = v.object({
  name: v.string(),
  artifact_location: text,
  creation_timestamp: whole,
  last_updated_timestamp: whole,
  model_type: textOrNull,
  source_run_id: textOrNull,
  status: v.pipe(
    v.string(),
    v.transform((status) => parseModelStatus(status)),
  ),
  lifecycle_stage: v.optional(v.picklist(["active", "deleted"]), "active"),
});
const registeredModelMeta = v.object({
  name: v.string(),
  description: textOrNull,
  creation_timestamp: whole,
  last_updated_timestamp: whole,
});
const versionMeta = v.object({
  version: v.string(),
  description: textOrNull,
  user_id: textOrNull,
  current_stage: v.picklist(["None", "Staging", "Production", "Archived", deletedStage]),
  source: textOrNull,
  storage_location: textOrNull,
  run_id: textOrNull,
  run_link: textOrNull,
  creation_timestamp: whole,
  last_updated_timestamp: whole,
});

/** Takes over a logged model of an experiment. */
export async function importLoggedModel(
  state: ImportState,
  folder: string,
  experimentId: number,
): Promise<void> {
  const id = basename(folder);
  if (!/^[\w-]{1,256}$/.test(id)) throw new MlrunsError(`'${id}' is no id of a model`);
  const meta = await readMeta(folder, loggedModelMeta);
  const { database } = state.store;
  const own = servedUri(String(experimentId), "models", id, "artifacts");
  const location = await importArtifacts(state, join(folder, "artifacts"), meta.artifact_location, own);
  const params = await readKeyValues(join(folder, "params"));
  const tags = await readKeyValues(join(folder, "tags"));
  await database.write(async () => {
    await database.run(
      "INSERT INTO logged_models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      id,
      experimentId,
      meta.name,
      location,
      meta.creation_timestamp,
      meta.last_updated_timestamp,
      meta.model_type ?? "",
      meta.source_run_id ?? "",
      meta.status,
      meta.lifecycle_stage,
    );
    for (const [table, entries] of [
      ["logged_model_params", params],
      ["logged_model_tags", tags],
    ] as const)
      for (const { key, value } of entries)
        await database.run(`INSERT INTO ${table} VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, id, key, value);
  });
  for await (const key of filesBelow(join(folder, "metrics")))
    await noting(state, join(folder, "metrics", key), () =>
      importModelMetric(state, join(folder, "metrics", key), key, id),
    );
  state.counts.loggedModels += 1;
}

async function importModelMetric(
  state: ImportState,
  path: string,
  key: string,
  modelId: string,
): Promise<void> {
  const { database } = state.store;
  await database.write(async () => {
    for await (const [timestamp, value, step, runId = "", name, digest] of metricLines(path))
      await database.run(
        `INSERT INTO logged_model_metrics
          (model_id, run_id, key, timestamp, step, value, dataset_name, dataset_digest)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        modelId,
        runId,
        key,
        parseWhole(timestamp, path),
        parseWhole(step, path),
        storedValue(parsePythonFloat(value, path))[0],
        name ?? null,
        digest ?? null,
      );
  });
}

/** Takes over a registered model with its versions, which keep their numbers. One that the store has gets what it lacks. */
export async function importRegisteredModel(state: ImportState, folder: string): Promise<void> {
  const meta = await readMeta(folder, registeredModelMeta);
  const { name } = meta;
  requireModelName(name);
  const { database } = state.store;
  const tags = await readKeyValues(join(folder, "tags"));
  tags.forEach(requireRegistryTag);
  await database.run(
    "INSERT INTO registered_models VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    name,
    meta.description ?? "",
    meta.creation_timestamp,
    meta.last_updated_timestamp,
  );
  for (const { key, value } of tags)
    await database.run(
      "INSERT INTO registered_model_tags VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      name,
      key,
      value,
    );
  for (const version of (await foldersOf(folder)).filter((found) => /^version-\d+$/.test(found)))
    await noting(state, join(folder, version), () => importVersion(state, join(folder, version), name));
  for (const { name: alias } of await entriesOf(join(folder, "aliases")))
    await noting(state, join(folder, "aliases", alias), async () => {
      requireSettableAlias(alias);
      const version = parseVersion(await readText(join(folder, "aliases", alias)));
      const known = "SELECT 1 FROM model_versions WHERE name = ? AND version = ? AND current_stage <> ?";
      if (!(await database.row(known, name, version, deletedStage)))
        throw new MlrunsError(`there is no version ${version}`);
      const held = "SELECT 1 FROM registered_model_aliases WHERE name = ? AND alias = ?";
      if (await database.row(held, name, alias)) return;
      const loaded = await storePolicy(state.store);
      if (loaded && rulesOf(loaded.policy, name, alias).length > 0)
        throw new MlrunsError(`the policy protects the alias: promote version ${version}`);
      await database.run(
        "INSERT INTO registered_model_aliases VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        name,
        alias,
        version,
      );
    });
  state.counts.registeredModels += 1;
}

async function importVersion(state: ImportState, folder: string, name: string): Promise<void> {
  const meta = await readMeta(folder, versionMeta);
  const { database } = state.store;
  const version = parseVersion(meta.version);
  const deleted = meta.current_stage === deletedStage;
  const tags = await readKeyValues(join(folder, "tags"));
  tags.forEach(requireRegistryTag);
  const kept = (value: string | undefined): string | null => (deleted ? null : (value ?? ""));
  await database.write(async () => {
    await database.run(
      "INSERT INTO model_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      name,
      version,
      deleted ? null : (meta.description ?? ""),
      deleted ? null : (meta.user_id ?? null),
      meta.current_stage,
      kept(movedUri(state, meta.source)),
      kept(movedUri(state, meta.storage_location)),
      kept(meta.run_id),
      kept(meta.run_link),
      meta.creation_timestamp,
      meta.last_updated_timestamp,
    );
    for (const { key, value } of tags)
      await database.run(
        "INSERT INTO model_version_tags VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        name,
        version,
        key,
        value,
      );
  });
  state.counts.modelVersions += 1;
}

/** Where the files of a URI are now: it may be that of a run's artifacts, or of something among them. */
function movedUri({ moved }: ImportState, uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  const plain = plainUri(uri);
  for (let end = plain.length; end > 0; end = plain.lastIndexOf("/", end - 1)) {
    const to = moved.get(plain.slice(0, end));
    if (to !== undefined) return `${to}${plain.slice(end)}`;
  }
  return uri;
}
