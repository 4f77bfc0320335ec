/** @file What the store knows of a version, gathered. */
import { parseVersion } from "../limits.ts";
import { contributorsOf, subjectsIn } from "../store/contributors.ts";
import { getModelVersion } from "../store/model-versions.ts";
import type { Store } from "../store/store.ts";
import type { VersionFacts } from "./version-facts.ts";
import { authorsOf, evidenceOf, reviewsOf } from "./version-records.ts";

/** All that is known of a version, whose files were read before. Throws MLflow's error where there is no such version. */
export async function factsOf(
  store: Store,
  name: string,
  version: string,
  files: VersionFacts["files"],
): Promise<VersionFacts> {
  const { database } = store;
  const { run_id: runId = "", version: number } = await getModelVersion(store, name, version);
  const made = await authorsOf(database, name, number);
  const ran = await runAuthors(store, runId);
  const wrote = await contributorsOf(store, await subjectsOf(store, name, number));
  const packaged = "unreadable" in files ? [] : files.evidence;
  return {
    model: name,
    version: number,
    authors: [...new Set([...made.map((author) => author.name), ...wrote, ...ran])].filter(
      (each) => each !== "",
    ),
    metrics: await latestMetrics(store, runId),
    evidence: [...packaged, ...(await evidenceOf(database, name, number))],
    reviews: await reviewsOf(database, name, number),
    files,
  };
}

/**
 * The run and the logged model of a version, and the run that logged the model. A client that registers says which run it was; where
 * the files are tells it too.
 */
async function subjectsOf({ database }: Store, name: string, version: string): Promise<ReadonlySet<string>> {
  const places = await database.row(
    "SELECT source, storage_location, run_id FROM model_versions WHERE name = ? AND version = ?",
    name,
    parseVersion(version),
  );
  const named = subjectsIn((places ?? []).join(" "));
  const subjects = new Set(named);
  for (const subject of named)
    for (const run of await database.texts(
      "SELECT source_run_id FROM logged_models WHERE model_id = ?",
      subject,
    ))
      subjects.add(run);
  return subjects;
}

/** Who is said to have run a run: claims, which take approvals away and give none. */
async function runAuthors({ database }: Store, runId: string): Promise<readonly string[]> {
  return database.texts(
    `SELECT user_id FROM runs WHERE run_id = ? UNION
      SELECT value FROM run_tags JOIN runs USING (run_no) WHERE run_id = ? AND key = 'mlflow.user'`,
    runId,
    runId,
  );
}

async function latestMetrics({ database }: Store, runId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await database.rows(
    `SELECT key, value, is_nan FROM latest_metrics JOIN runs USING (run_no) WHERE run_id = ?`,
    runId,
  );
  return new Map(
    rows.map(([key, value, isNan]) => [String(key), Number(isNan) === 1 ? Number.NaN : Number(value)]),
  );
}
