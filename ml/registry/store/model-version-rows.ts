/** @file Versions of registered models as they are read. */
import type { KeyValue } from "../limits.ts";
import type { SqlValue } from "./database.ts";
import { parseKeyValues } from "./key-values.ts";
import type { Store } from "./store.ts";

/** The stage of a version that was deleted; its number is not given again. */
export const deletedStage = "Deleted_Internal";

export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly creation_timestamp: number;
  readonly last_updated_timestamp: number;
  readonly current_stage: string;
  readonly description?: string;
  readonly source: string;
  readonly run_id?: string;
  readonly status: string;
  readonly run_link?: string;
  readonly tags?: readonly KeyValue[];
  /** Where one version was asked for. */
  readonly aliases?: readonly string[];
}

/** The versions for which a condition of our own holds. */
export async function readVersions(
  { database }: Store,
  where: string,
  values: readonly SqlValue[],
): Promise<readonly ModelVersion[]> {
  const { dialect } = database;
  const tags = dialect.list(
    dialect.object("'key', key, 'value', value"),
    "model_version_tags AS tag WHERE tag.name = model_versions.name AND tag.version = model_versions.version",
    "key",
  );
  const rows = await database.rows(
    `SELECT name, version, creation_timestamp, last_updated_timestamp, current_stage, description, source, run_id,
        run_link, ${tags}
      FROM model_versions WHERE ${where}`,
    ...values,
  );
  return rows.map(readVersion);
}

function readVersion(row: readonly SqlValue[]): ModelVersion {
  const [name, version, created, updated, stage, description, source, runId, runLink, tags] = row;
  return {
    name: String(name),
    version: String(version),
    creation_timestamp: Number(created),
    last_updated_timestamp: Number(updated),
    current_stage: String(stage),
    ...(description !== null && { description: String(description) }),
    source: String(source),
    ...(runId !== null && { run_id: String(runId) }),
    status: "READY",
    ...(runLink !== null && { run_link: String(runLink) }),
    ...(tags !== null && { tags: parseKeyValues(tags) }),
  };
}

/** The version with what points to it. */
export async function withAliases({ database }: Store, version: ModelVersion): Promise<ModelVersion> {
  const aliases = await database.texts(
    "SELECT alias FROM registered_model_aliases WHERE name = ? AND version = ? ORDER BY alias",
    version.name,
    Number(version.version),
  );
  return aliases.length === 0 ? version : { ...version, aliases };
}
