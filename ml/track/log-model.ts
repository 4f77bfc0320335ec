/** @file Models logged to a run: packaged, uploaded, and recorded as MLflow 3 records logged models. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { type OnnxModelBytes, writeModel, type WriteModelOptions } from "../package/index.ts";
import type { FittedPipeline } from "../pipeline/index.ts";
import { uploadFolder } from "./artifacts.ts";
import { registerVersion } from "./model-registry.ts";
import type { LoggedModel, LogModelOptions, RunIdentity } from "./run.ts";
import { textOf } from "./text-of.ts";
import { askFor, askOnce, type TrackingApi } from "./tracking-api.ts";

const modelSchema = v.object({
  model: v.object({
    info: v.object({ model_id: v.string(), name: v.string(), artifact_uri: v.string() }),
  }),
});

/**
 * Packages a model, or takes a package by its path, and records it as one of the run's.
 * @throws {@link InvalidInputError} or `ModelPackageError` where it can't be packaged, `TrackingError` where the store refuses it; a
 * logged model whose upload failed says so
 */
export async function logModelTo(
  api: TrackingApi,
  run: RunIdentity,
  model: FittedPipeline | OnnxModelBytes | string,
  options: LogModelOptions,
): Promise<LoggedModel> {
  const scratch = await mkdtemp(join(tmpdir(), "tenon-model-"));
  try {
    // Before anything is recorded: a model that can't be packaged leaves no trace in the store.
    const folder = typeof model === "string" ? model : join(scratch, "model");
    if (typeof model !== "string") await writeModel(folder, model, packageOptions(run, options));
    const identify = typeof model === "string" ? undefined : addIdentity;
    return await logPackage(api, run, folder, options, async (made) => identify?.(folder, run, made));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Records a package as a logged model, of a run where one is given, and uploads it. `prepare` is called with what was recorded before its
 * files are read.
 */
export async function logPackage(
  api: TrackingApi,
  run: Pick<RunIdentity, "experimentId"> & Partial<Pick<RunIdentity, "runId">>,
  folder: string,
  options: LogModelOptions,
  prepare: (made: LoggedModel) => Promise<void> = async () => {},
): Promise<LoggedModel> {
  await requireModel(folder);
  const made = await createLoggedModel(api, run, options);
  try {
    await prepare(made);
    await uploadFolder(api, made.artifactUri, folder, "");
  } catch (error) {
    await finalize(api, made.modelId, "LOGGED_MODEL_UPLOAD_FAILED").catch(() => {});
    throw error;
  }
  await finalize(api, made.modelId, "LOGGED_MODEL_READY");
  const { registeredModelName } = options;
  if (registeredModelName === undefined) return made;
  const { version } = await registerVersion(api, made.modelUri, registeredModelName, options.tags ?? {});
  return { ...made, registeredModelVersion: version };
}

function packageOptions(run: RunIdentity, options: LogModelOptions): WriteModelOptions {
  const { rows, evidence, card, lineage } = options;
  return {
    ...(rows && { rows }),
    ...(evidence && { evidence }),
    card: { name: options.registeredModelName ?? options.name ?? "model", ...card },
    lineage: { run: run.runId, ...lineage },
  };
}

async function requireModel(folder: string): Promise<void> {
  await readFile(join(folder, "MLmodel")).catch((cause: unknown) => {
    throw new InvalidInputError(`${folder} is no model: it has no MLmodel`, { cause });
  });
}

async function createLoggedModel(
  api: TrackingApi,
  run: Parameters<typeof logPackage>[1],
  options: LogModelOptions,
): Promise<LoggedModel> {
  const pairs = (record: LogModelOptions["params"]): object[] =>
    Object.entries(record ?? {}).map(([key, value]) => ({ key, value: textOf(value) }));
  const { model } = await askOnce(api, modelSchema, "POST", "logged-models", {
    experiment_id: run.experimentId,
    name: options.name ?? "model",
    ...(run.runId !== undefined && { source_run_id: run.runId }),
    ...(options.modelType !== undefined && { model_type: options.modelType }),
    params: pairs(options.params),
    tags: pairs(options.tags),
  });
  const { model_id: modelId, name, artifact_uri: artifactUri } = model.info;
  return { modelId, name, artifactUri, modelUri: `models:/${modelId}` };
}

/** As MLflow's own packages say which run and logged model they are. */
async function addIdentity(folder: string, run: RunIdentity, model: LoggedModel): Promise<void> {
  const path = join(folder, "MLmodel");
  const text = await readFile(path, "utf8");
  const identity = { artifact_path: model.artifactUri, model_id: model.modelId, run_id: run.runId };
  // Each is a line of its own in YAML, and a text of JSON is one of YAML.
  const lines = Object.entries(identity).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  await writeFile(path, `${text}${lines.join("")}`);
}

async function finalize(
  api: TrackingApi,
  modelId: string,
  status: "LOGGED_MODEL_READY" | "LOGGED_MODEL_UPLOAD_FAILED",
): Promise<void> {
  await askFor(api, modelSchema, "PATCH", `logged-models/${encodeURIComponent(modelId)}`, {
    model_id: modelId,
    status,
  });
}
