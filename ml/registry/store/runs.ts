/** @file Runs: made, read, changed, deleted and restored, tagged. */
import { randomBytes } from "node:crypto";
import { doesNotExist, invalidParameter } from "../mlflow-error.ts";
import { checkedTag, type KeyValue } from "../limits.ts";
import type { Identity } from "../access/identity.ts";
import { noteContributor } from "./contributors.ts";
import { activeExperiment } from "./experiments.ts";
import { randomName } from "./random-name.ts";
import { runInfoJson, runJson } from "./run-json.ts";
import type { Store } from "./store.ts";

export const runNameTag = "mlflow.runName";

const setTagSql =
  "INSERT INTO run_tags VALUES (?, ?, ?) ON CONFLICT (run_no, key) DO UPDATE SET value = excluded.value";

export const runStatuses = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export type RunStatus = (typeof runStatuses)[number];

export interface NewRun {
  readonly experimentId: string;
  /** Who the client says it is. */
  readonly userId: string;
  /** Who asks for it. */
  readonly creator: Pick<Identity, "name" | "verified">;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly runName: string;
  readonly tags: readonly KeyValue[];
}

/** Makes a run that is running; returns it as MLflow's JSON. */
export async function createRun(store: Store, run: NewRun): Promise<string> {
  const { database } = store;
  const nameTag = run.tags.findLast(({ key }) => key === runNameTag)?.value;
  return database.write(async () => {
    const experiment = await activeExperiment(store, run.experimentId);
    if (run.runName && nameTag && run.runName !== nameTag)
      throw invalidParameter(
        `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${run.runName}', mlflow.runName='${nameTag}').`,
      );
    const name = run.runName || nameTag || randomName();
    const id = randomBytes(16).toString("hex");
    const row = await database.row(
      `INSERT INTO runs
        (run_id, experiment_id, run_name, user_id, status, start_time, artifact_uri, lifecycle_stage)
        VALUES (?, ?, ?, ?, 'RUNNING', ?, ?, 'active') RETURNING run_no`,
      id,
      Number(experiment.experiment_id),
      name,
      run.userId,
      run.startTime,
      `${experiment.artifact_location}/${id}/artifacts`,
    );
    const runNo = Number(row?.[0]);
    await noteContributor(store, [id], run.creator);
    for (const { key, value } of [...run.tags, ...(nameTag ? [] : [{ key: runNameTag, value: name }])])
      await database.run(setTagSql, runNo, key, value);
    return runJson(store, runNo);
  });
}

/** A run as MLflow's JSON. */
export async function getRun(store: Store, runId: string): Promise<string> {
  return runJson(store, (await findRun(store, runId)).runNo);
}

export interface FoundRun {
  readonly runNo: number;
  readonly experimentId: number;
  readonly stage: string;
  readonly artifactUri: string;
}

/** The run with an id, whether deleted or not. */
export async function findRun({ database }: Store, runId: string): Promise<FoundRun> {
  const row = await database.row(
    "SELECT run_no, experiment_id, lifecycle_stage, artifact_uri FROM runs WHERE run_id = ?",
    runId,
  );
  if (!row) throw doesNotExist(`Run with id=${runId} not found`);
  const [runNo, experimentId, stage, uri] = row;
  return {
    runNo: Number(runNo),
    experimentId: Number(experimentId),
    stage: String(stage),
    artifactUri: String(uri),
  };
}

/** The run with an id, which must not be deleted. */
export async function findActiveRun(store: Store, runId: string): Promise<FoundRun> {
  const run = await findRun(store, runId);
  if (run.stage !== "active")
    throw invalidParameter(`The run ${runId} must be in the 'active' state. Current state is ${run.stage}.`);
  return run;
}

export interface RunUpdate {
  readonly status: RunStatus | undefined;
  readonly endTime: number | undefined;
  readonly runName: string | undefined;
}

/** Changes what is given; returns the run's info as MLflow's JSON. */
export async function updateRun(store: Store, runId: string, update: RunUpdate): Promise<string> {
  const { database } = store;
  return database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    if (update.status)
      await database.run("UPDATE runs SET status = ? WHERE run_no = ?", update.status, runNo);
    if (update.endTime !== undefined)
      await database.run("UPDATE runs SET end_time = ? WHERE run_no = ?", update.endTime, runNo);
    if (update.runName) await nameRun(store, runNo, update.runName);
    return runInfoJson(store, runNo);
  });
}

async function nameRun({ database }: Store, runNo: number, name: string): Promise<void> {
  await database.run("UPDATE runs SET run_name = ? WHERE run_no = ?", name, runNo);
  await database.run(setTagSql, runNo, runNameTag, name);
}

/** Marks a run as deleted. */
export async function deleteRun(store: Store, runId: string): Promise<void> {
  await setRunStage(store, runId, "deleted", Date.now());
}

/** Takes the mark from a deleted run. */
export async function restoreRun(store: Store, runId: string): Promise<void> {
  await setRunStage(store, runId, "active", null);
}

async function setRunStage(
  store: Store,
  runId: string,
  stage: string,
  deletedTime: number | null,
): Promise<void> {
  const { runNo } = await findRun(store, runId);
  await store.database.run(
    "UPDATE runs SET lifecycle_stage = ?, deleted_time = ? WHERE run_no = ?",
    stage,
    deletedTime,
    runNo,
  );
}

/** Sets a tag of an active run; `mlflow.runName` names the run too. */
export async function setRunTag(store: Store, runId: string, tag: KeyValue): Promise<void> {
  const checked = checkedTag(tag);
  await store.database.write(async () => {
    await setTags(store, (await findActiveRun(store, runId)).runNo, [checked]);
  });
}

/** Sets tags that were checked. */
export async function setTags(store: Store, runNo: number, tags: readonly KeyValue[]): Promise<void> {
  for (const { key, value } of tags)
    if (key === runNameTag) await nameRun(store, runNo, value);
    else await store.database.run(setTagSql, runNo, key, value);
}

/** Removes a tag of an active run. */
export async function deleteRunTag(store: Store, runId: string, key: string): Promise<void> {
  const { database } = store;
  await database.write(async () => {
    const { runNo } = await findActiveRun(store, runId);
    if ((await database.run("DELETE FROM run_tags WHERE run_no = ? AND key = ?", runNo, key)) === 0)
      throw doesNotExist(`No tag with name: ${key} in run with id ${runId}`);
  });
}
