/**
 * @file Where a new version's files are said to be. A source on this machine, or among the artifacts that the server keeps,
 * must belong to the run or the logged model that the request names: else anyone could register another's files.
 */
import * as v from "valibot";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";
import { loggedModelLocation, loggedModelRun, setModelTags } from "./logged-models.ts";
import { getModelVersion, getVersionByAlias, modelVersionLocation } from "./model-versions.ts";
import { findRun } from "./runs.ts";
import type { Store } from "./store.ts";

export interface ModelSource {
  readonly source: string;
  readonly storageLocation: string;
  readonly runId: string;
}

const versionsTag = "mlflow.modelVersions";

/** The source of a new version, with the folder and the run that it stands for. Throws MLflow's error where it may not be. */
export async function resolveSource(
  store: Store,
  source: string,
  runId: string | undefined,
  modelId: string | undefined,
): Promise<ModelSource> {
  const models = /^models:\/+(.+)$/.exec(source)?.[1];
  if (models !== undefined) return resolveModels(store, source, models, runId, modelId);
  if (modelId) {
    if (source.startsWith("runs:")) throw notContained(source, "model_id");
    const location = await knownOr(source, "model_id", () => loggedModelLocation(store, modelId));
    requireWithin(source, location, "model_id");
    return { source, storageLocation: source, runId: runId || (await loggedModelRun(store, modelId)) };
  }
  const runs = /^runs:\/+([^/]+)/.exec(source)?.[1];
  if (source.startsWith("runs:")) {
    if (!runId || runs !== runId) throw notContained(source, "run_id");
    requireAbsolute(source);
    return { source, storageLocation: source, runId };
  }
  const root =
    runId && isOwned(source)
      ? (await knownOr(source, "run_id", () => findRun(store, runId))).artifactUri
      : undefined;
  requireWithin(source, root, "run_id");
  return { source, storageLocation: source, runId: runId ?? "" };
}

/** Notes on a logged model that a version was made of it. */
export async function noteVersion(
  store: Store,
  modelId: string,
  name: string,
  version: string,
): Promise<void> {
  await store.database.write(async () => {
    await store.database.row(
      `SELECT 1 FROM logged_models WHERE model_id = ? ${store.database.dialect.forUpdate}`,
      modelId,
    );
    const [old] = await store.database.texts(
      "SELECT value FROM logged_model_tags WHERE model_id = ? AND key = ?",
      modelId,
      versionsTag,
    );
    const before = old === undefined ? [] : v.parse(v.array(v.unknown()), JSON.parse(old));
    const value = JSON.stringify([...before, { name, version }]);
    await setModelTags(store, modelId, [{ key: versionsTag, value }]);
  });
}

/** `models:/ID`, `models:/NAME/VERSION` and `models:/NAME@ALIAS`. */
async function resolveModels(
  store: Store,
  source: string,
  models: string,
  runId: string | undefined,
  modelId: string | undefined,
): Promise<ModelSource> {
  const [name = "", version, ...more] = models.split("/");
  if (more.length > 0) throw notContained(source, "model_id");
  if (version === undefined && !name.includes("@")) {
    if (modelId !== name) throw notContained(source, "model_id");
    const storageLocation = await knownOr(source, "model_id", () => loggedModelLocation(store, name));
    return { source, storageLocation, runId: runId || (await loggedModelRun(store, name)) };
  }
  const [model = "", alias = ""] = name.split("@");
  const found =
    version === undefined
      ? await getVersionByAlias(store, model, alias)
      : /^\d+$/.test(version)
        ? await getModelVersion(store, name, version)
        : await getVersionByAlias(store, name, version);
  if (runId !== undefined && runId !== (found.run_id ?? ""))
    throw invalidParameter(
      `Invalid model version source: '${source}'. The run_id and model_id request parameters must match the referenced model version.`,
    );
  return {
    source: `models:/${found.name}/${found.version}`,
    storageLocation: await modelVersionLocation(store, found.name, found.version),
    runId: found.run_id ?? "",
  };
}

function requireWithin(source: string, root: string | undefined, parameter: "run_id" | "model_id"): void {
  if (isLocal(source) && (root === undefined || !isWithin(source, root)))
    throw invalidParameter(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the ${parameter} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${parameter}.`,
    );
  requireAbsolute(source);
  if (isProxied(source) && (root === undefined || !isWithin(source, root)))
    throw notContained(source, parameter);
}

function requireAbsolute(source: string): void {
  if (pathParts(source).includes("..") || source.includes("\0"))
    throw invalidParameter(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
}

/** Whether a source is one that the server, or its machine, holds. */
function isOwned(source: string): boolean {
  return isLocal(source) || isProxied(source);
}

function isLocal(source: string): boolean {
  return source.startsWith("file:") || !/^[a-zA-Z][a-zA-Z0-9+.-]+:/.test(source);
}

function isProxied(source: string): boolean {
  return (
    source.startsWith("mlflow-artifacts:") ||
    (/^https?:/i.test(source) && pathParts(source).join("/").includes("api/2.0/mlflow-artifacts/artifacts"))
  );
}

function isWithin(source: string, root: string): boolean {
  const [path, inside] = [pathParts(source), pathParts(root)];
  return (
    inside.length > 0 &&
    !path.includes("..") &&
    schemeOf(source) === schemeOf(root) &&
    inside.every((part, at) => path[at] === part)
  );
}

function schemeOf(uri: string): string {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]+):(?:\/\/([^/]*))?/.exec(uri);
  return scheme ? `${scheme[1]?.toLowerCase()}//${scheme[2] ?? ""}` : "file//";
}

function pathParts(uri: string): readonly string[] {
  let path = uri.replace(/^[a-zA-Z][a-zA-Z0-9+.-]+:(?:\/\/[^/]*)?/, "");
  for (let before = ""; before !== path;) {
    before = path;
    try {
      path = decodeURIComponent(path);
    } catch {
      break;
    }
  }
  return path.split(/[/\\]/).filter((part) => part !== "" && part !== ".");
}

async function knownOr<T>(source: string, parameter: string, find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof MlflowError && error.code === "RESOURCE_DOES_NOT_EXIST")
      throw notContained(source, parameter);
    throw error;
  }
}

function notContained(source: string, parameter: string): Error {
  return invalidParameter(
    `Invalid model version source: '${source}'. The ${parameter} request parameter must identify the resource that contains the source.`,
  );
}
