/** @file Versions of registered models as they are read. */
import type { KeyValue } from "../limits.ts";
import type { Database, SqlValue } from "./database.ts";
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
export function readVersions(
  { database }: Store,
  where: string,
  values: readonly SqlValue[],
): readonly ModelVersion[] {
  const rows = database.rows(
    `SELECT name, version, creation_timestamp, last_updated_timestamp, current_stage, description, source, run_id, run_link
      FROM model_versions WHERE ${where}`,
    ...values,
  );
  return rows.map((row) => readVersion(database, row));
}

function readVersion(database: Database, row: readonly SqlValue[]): ModelVersion {
  const [name, version, created, updated, stage, description, source, runId, runLink] = row;
  const tags = database
    .rows(
      "SELECT key, value FROM model_version_tags WHERE name = ? AND version = ?",
      name ?? null,
      version ?? null,
    )
    .map(([key, value]) => ({ key: String(key), value: String(value) }));
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
    ...(tags.length > 0 && { tags }),
  };
}

/** The version with what points to it. */
export function withAliases({ database }: Store, version: ModelVersion): ModelVersion {
  const aliases = database.texts(
    "SELECT alias FROM registered_model_aliases WHERE name = ? AND version = ?",
    version.name,
    Number(version.version),
  );
  return aliases.length === 0 ? version : { ...version, aliases };
}
