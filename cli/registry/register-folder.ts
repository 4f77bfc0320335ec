/** @file Does what `tenon register` is asked. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { lineageFileSchema } from "../../ml/package/evidence.ts";
import * as v from "valibot";
import { experimentOf } from "../../ml/track/experiments.ts";
import { logPackage } from "../../ml/track/log-model.ts";
import { runInfoSchema } from "../../ml/track/run-records.ts";
import { askFor, type TrackingApi } from "../../ml/track/tracking-api.ts";
import { TrackingError } from "../../ml/track/errors.ts";
import type { RegisterOptions } from "../commands/models.ts";
import { namedValues } from "../option-values.ts";
import { printJson } from "../print-json.ts";
import { Terminal } from "../terminal.ts";
import { withNewStore } from "./with-store.ts";

const runSchema = v.object({ run: v.object({ info: runInfoSchema }) });

/** Uploads a model directory and registers it. @throws {CommandFailure} */
export async function registerFolder(
  directory: string,
  name: string,
  { trackingUri, run, tag, json }: RegisterOptions,
): Promise<void> {
  const tags = namedValues("--tag", tag);
  const made = await withNewStore(trackingUri, async (api) =>
    logPackage(api, await placeOf(api, directory, run), directory, { registeredModelName: name, tags }),
  );
  const version = made.registeredModelVersion ?? "";
  const terminal = new Terminal(process.stdout);
  if (json === true) printJson(terminal, { name, version, modelUri: made.modelUri, modelId: made.modelId });
  else terminal.line(`Registered models:/${name}/${version}`);
}

/** The run that made it, and the experiment that it belongs to. */
async function placeOf(
  api: TrackingApi,
  directory: string,
  run: string | undefined,
): Promise<{ readonly experimentId: string; readonly runId?: string }> {
  const named = run ?? (await runInPackage(directory));
  if (named !== undefined)
    try {
      const found = await askFor(api, runSchema, "GET", "runs/get", { run_id: named });
      return { experimentId: found.run.info.experimentId, runId: named };
    } catch (error) {
      // A package may come from another store.
      const isElsewhere = error instanceof TrackingError && error.code === "RESOURCE_DOES_NOT_EXIST";
      if (run !== undefined || !isElsewhere) throw error;
    }
  return { experimentId: await experimentOf(api, {}) };
}

async function runInPackage(directory: string): Promise<string | undefined> {
  try {
    const json: unknown = JSON.parse(await readFile(join(directory, "tenon", "lineage.json"), "utf8"));
    return v.parse(lineageFileSchema, json).lineage.run;
  } catch {
    // A model that others wrote.
    return undefined;
  }
}
