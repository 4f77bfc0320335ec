/**
 * @file An MLflow file store (`mlruns/`) taken over into a store.
 *
 * It may be done again: what is there already stays as it is, what is new is added, and what broke off is completed. Experiments
 * are known by their names, runs and logged models keep their ids, versions their numbers. Links in the folder are not followed.
 */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { requireExperimentTag } from "../limits.ts";
import { MlflowError } from "../mlflow-error.ts";
import { createExperiment } from "../store/experiments.ts";
import type { Store } from "../store/store.ts";
import { importLoggedModel, importRegisteredModel } from "./import-models.ts";
import { importRun } from "./import-runs.ts";
import { type ImportCounts, type ImportState, noting } from "./import-state.ts";
import { foldersOf, MlrunsError, readKeyValues, readMeta, text, wholeOrNull } from "./mlruns-files.ts";

export interface ImportOptions {
  /** Told now and then how far it is. */
  readonly onProgress?: (counts: Readonly<ImportCounts>) => void;
  readonly signal?: AbortSignal;
}

export interface ImportReport extends Readonly<ImportCounts> {
  /** What was not taken over, and why: one line each. */
  readonly left: readonly string[];
}

const experimentMeta = v.object({
  name: v.string(),
  artifact_location: text,
  lifecycle_stage: v.picklist(["active", "deleted"]),
  creation_time: wholeOrNull,
  last_update_time: wholeOrNull,
});
/** Folders of an experiment that are no runs. */
const noRuns: ReadonlySet<string> = new Set(["tags", "datasets", "models", "traces", "assessments"]);

/**
 * Takes over the experiments, runs, logged and registered models of the folder that MLflow's file store wrote. Rejects with
 * {@link MlrunsError} where it is none; a file that is not as MLflow writes it is told in the report, and left.
 */
export async function importMlruns(
  store: Store,
  mlruns: string,
  { onProgress, signal }: ImportOptions = {},
): Promise<ImportReport> {
  const state: ImportState = {
    store,
    counts: {
      experiments: 0,
      runs: 0,
      points: 0,
      loggedModels: 0,
      registeredModels: 0,
      modelVersions: 0,
      artifacts: 0,
      artifactBytes: 0,
    },
    left: [],
    moved: new Map(),
    onProgress,
    signal,
  };
  const experiments = [
    ...(await experimentFolders(mlruns)),
    ...(await experimentFolders(join(mlruns, ".trash"))),
  ];
  const models = (await foldersOf(join(mlruns, "models"))).map((name) => join(mlruns, "models", name));
  if (experiments.length === 0 && models.length === 0)
    throw new MlrunsError(`${mlruns} is no file store of MLflow: it has no experiments and no models`);
  for (const folder of experiments) await noting(state, folder, () => importExperiment(state, folder));
  for (const folder of models) await noting(state, folder, () => importRegisteredModel(state, folder));
  return { ...state.counts, left: state.left };
}

async function experimentFolders(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await foldersOf(folder)) {
    const meta = await lstat(join(folder, name, "meta.yaml")).catch(() => undefined);
    if (name !== ".trash" && name !== "models" && meta?.isFile()) found.push(join(folder, name));
  }
  return found;
}

async function importExperiment(state: ImportState, folder: string): Promise<void> {
  const meta = await readMeta(folder, experimentMeta);
  const { store, counts, left } = state;
  const { database } = store;
  const tags = await readKeyValues(join(folder, "tags"));
  tags.forEach(requireExperimentTag);
  const id = await findOrMake(state, meta);
  for (const { key, value } of tags)
    await database.run("INSERT INTO experiment_tags VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, key, value);
  counts.experiments += 1;
  for (const name of await foldersOf(join(folder, "models")))
    await noting(state, join(folder, "models", name), () =>
      importLoggedModel(state, join(folder, "models", name), id),
    );
  for (const name of await foldersOf(folder))
    if (!noRuns.has(name))
      await noting(state, join(folder, name), () => importRun(state, join(folder, name), name, id));
  const traces = await foldersOf(join(folder, "traces"));
  if (traces.length > 0)
    left.push(`${join(folder, "traces")}: ${traces.length} traces, which are not kept here`);
}

async function findOrMake(state: ImportState, meta: v.InferOutput<typeof experimentMeta>): Promise<number> {
  const { database } = state.store;
  const find = async (): Promise<number | undefined> => {
    const row = await database.row("SELECT experiment_id FROM experiments WHERE name = ?", meta.name);
    return row && Number(row[0]);
  };
  const known = await find();
  if (known !== undefined) return known;
  // A place of others stays; what was in the folder is now the server's.
  const elsewhere = /^(?!file:|mlflow-artifacts:)[a-z][a-z0-9+.-]+:/i.test(meta.artifact_location);
  try {
    const id = Number(
      await createExperiment(state.store, meta.name, elsewhere ? meta.artifact_location : undefined, []),
    );
    await database.run(
      "UPDATE experiments SET lifecycle_stage = ?, creation_time = ?, last_update_time = ? WHERE experiment_id = ?",
      meta.lifecycle_stage,
      meta.creation_time ?? Date.now(),
      meta.last_update_time ?? meta.creation_time ?? Date.now(),
      id,
    );
    return id;
  } catch (error) {
    const made = await find();
    if (error instanceof MlflowError && error.code === "RESOURCE_ALREADY_EXISTS" && made !== undefined)
      return made;
    throw error;
  }
}
