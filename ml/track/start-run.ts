/** @file Runs started, gone on with, and run around a piece of work. */
import { userInfo } from "node:os";
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { notebookHost } from "../notebook-host.ts";
import { activeRun, announceRun, enterRun, withActiveRun } from "./active-run.ts";
import { connect, type Connection } from "./connection.ts";
import { TrackingError } from "./errors.ts";
import { experimentOf } from "./experiments.ts";
import type { EndStatus, Run, RunOptions } from "./run.ts";
import { type RunRecord, runInfoSchema, runSchema } from "./run-records.ts";
import { TrackedRun } from "./tracked-run.ts";
import { askFor, askOnce } from "./tracking-api.ts";
import { warn } from "./warn.ts";

const parentTag = "mlflow.parentRunId";
const tablesSchema = v.array(v.object({ path: v.string(), type: v.literal("table") }));

/**
 * Starts a run, or goes on with one, and makes it the active one until it ends: `await run.end()`.
 * @throws {@link TrackingError} where another run is active and `nested` isn't set, or where the store refuses it;
 * {@link TrackingUnavailableError} where the store doesn't answer
 */
export async function startRun(options: RunOptions = {}): Promise<Run> {
  const run = await makeRun(options);
  await run.open();
  enterRun(run);
  await announceRun(run);
  return run;
}

/**
 * Runs `work` inside a run, which is active in all that `work` does and awaits, and ends it: finished, or failed where `work` throws (killed
 * where it was aborted). Gives what `work` gives. Without `work` it is {@link startRun}.
 */
export function run<T>(work: (run: Run) => T | Promise<T>): Promise<T>;
export function run<T>(options: RunOptions, work: (run: Run) => T | Promise<T>): Promise<T>;
export function run(options?: RunOptions): Promise<Run>;
export async function run<T>(
  first: RunOptions | ((run: Run) => T | Promise<T>) = {},
  second?: (run: Run) => T | Promise<T>,
): Promise<T | Run> {
  const options = typeof first === "function" ? {} : first;
  const work = typeof first === "function" ? first : second;
  if (!work) return startRun(options);
  const started = await makeRun(options);
  await started.open();
  return withActiveRun(started, async () => {
    await announceRun(started);
    let status: EndStatus = "FAILED";
    try {
      const result = await work(started);
      status = "FINISHED";
      return result;
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") status = "KILLED";
      throw error;
    } finally {
      // The work's result, or its error, is worth more than the run's record.
      await started
        .end(status)
        .catch((error: unknown) => warn(error instanceof Error ? error.message : String(error)));
    }
  });
}

async function makeRun(options: RunOptions): Promise<TrackedRun> {
  const active = activeRun();
  if (active && !options.nested && active.info.runId !== options.runId)
    throw new TrackingError(
      `run ${active.info.runId} is active: end it by \`await activeRun()?.end()\`, or start this one with { nested: true }`,
    );
  const connection = connect(options.trackingUri ?? (options.nested ? active?.trackingUri : undefined));
  if (options.runId !== undefined) return resume(connection, options.runId, options);
  const parentRunId = options.parentRunId ?? (options.nested ? active?.info.runId : undefined);
  const experimentId =
    options.nested && options.experimentId === undefined && options.experimentName === undefined
      ? (active?.info.experimentId ?? (await experimentOf(connection.api, options)))
      : await experimentOf(connection.api, options);
  const tags: Readonly<Record<string, string | number | boolean>> = {
    ...sourceTags(),
    ...(parentRunId !== undefined && { [parentTag]: parentRunId }),
    ...(options.description !== undefined && { "mlflow.note.content": options.description }),
    ...options.tags,
  };
  const schema = v.object({ run: v.object({ info: runInfoSchema }) });
  const made = await askOnce(connection.api, schema, "POST", "runs/create", {
    experiment_id: experimentId,
    user_id: userName(),
    start_time: Date.now(),
    ...(options.runName !== undefined && { run_name: options.runName }),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value: String(value) })),
  });
  return new TrackedRun(connection, { info: made.run.info, parentRunId, params: {} }, []);
}

async function resume(connection: Connection, runId: string, options: RunOptions): Promise<TrackedRun> {
  const { api } = connection;
  const { run: found } = await askFor(api, v.object({ run: runSchema }), "GET", "runs/get", {
    run_id: runId,
  });
  if (found.info.lifecycleStage !== "active")
    throw new TrackingError(`run ${runId} is deleted: restore it before going on with it`, {
      code: "INVALID_STATE",
    });
  if (options.experimentId !== undefined && options.experimentId !== found.info.experimentId)
    throw new InvalidInputError(
      `run ${runId} belongs to experiment ${found.info.experimentId}, not ${options.experimentId}`,
    );
  await askFor(api, v.unknown(), "POST", "runs/update", {
    run_id: runId,
    status: "RUNNING",
    ...(options.runName !== undefined && { run_name: options.runName }),
  });
  const run = new TrackedRun(
    connection,
    { info: found.info, parentRunId: found.data.tags[parentTag], params: found.data.params },
    tablesOf(found),
  );
  run.setTags(options.tags ?? {});
  if (options.description !== undefined) run.setTag("mlflow.note.content", options.description);
  return run;
}

function tablesOf({ data }: RunRecord): v.InferOutput<typeof tablesSchema> {
  try {
    return v.parse(tablesSchema, JSON.parse(data.tags["mlflow.loggedArtifacts"] ?? "[]"));
  } catch {
    return [];
  }
}

function sourceTags(): Readonly<Record<string, string>> {
  const notebook = notebookHost();
  const name = notebook ? process.env["JPY_SESSION_NAME"] : process.argv[1];
  return {
    "mlflow.user": userName(),
    "mlflow.source.type": notebook ? "NOTEBOOK" : "LOCAL",
    ...(name !== undefined && name !== "" && { "mlflow.source.name": name }),
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return process.env["USER"] ?? "unknown";
  }
}
