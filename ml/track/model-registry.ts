/** @file The registry of models, as far as those who log need it: versions made, found by number and alias, downloaded. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import type { FileDigests } from "../package/signing/file-digests.ts";
import { type LoadedPolicy, loadPolicy } from "../registry/governance/policy-file.ts";
import { loadingDemands } from "../registry/governance/policy.ts";
import { connect } from "./connection.ts";
import { download } from "./download.ts";
import { TrackingError } from "./errors.ts";
import { int64, keyValues } from "./run-records.ts";
import type { StoreOptions } from "./search.ts";
import { askFor, askOnce, type TrackingApi } from "./tracking-api.ts";

/** A version of a registered model. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly runId: string | undefined;
  /** Milliseconds since 1970. */
  readonly creationTimestamp: number;
  readonly description: string | undefined;
  readonly aliases: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

const versionSchema = v.pipe(
  v.object({
    name: v.string(),
    // Protobuf's JSON has a text, some servers a number.
    version: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
    source: v.optional(v.string(), ""),
    run_id: v.optional(v.string()),
    creation_timestamp: v.optional(int64, 0),
    description: v.optional(v.string()),
    aliases: v.optional(v.array(v.string()), []),
    tags: keyValues,
  }),
  v.transform((found): ModelVersion => ({
    name: found.name,
    version: found.version,
    source: found.source,
    runId: found.run_id || undefined,
    creationTimestamp: found.creation_timestamp,
    description: found.description || undefined,
    aliases: found.aliases,
    tags: found.tags,
  })),
);
const answerSchema = v.object({ model_version: versionSchema });

/**
 * Registers a model as the next version of a registered model, which is made where it isn't there. `modelUri` is `models:/ID` of a logged
 * model, or `runs:/ID/path` of a run's artifacts.
 */
export async function registerModel(
  modelUri: string,
  name: string,
  { tags = {}, trackingUri }: StoreOptions & { readonly tags?: Readonly<Record<string, string>> } = {},
): Promise<ModelVersion> {
  return registerVersion(connect(trackingUri).api, modelUri, name, tags);
}

/** See {@link registerModel}. */
export async function registerVersion(
  api: TrackingApi,
  modelUri: string,
  name: string,
  tags: Readonly<Record<string, string>>,
): Promise<ModelVersion> {
  const source = await sourceOf(api, modelUri);
  try {
    await askOnce(api, v.unknown(), "POST", "registered-models/create", { name });
  } catch (error) {
    if (!(error instanceof TrackingError) || error.code !== "RESOURCE_ALREADY_EXISTS") throw error;
  }
  const { model_version } = await askOnce(api, answerSchema, "POST", "model-versions/create", {
    name,
    ...source,
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  });
  return model_version;
}

/** What a version is made of, as MLflow's client says it. */
async function sourceOf(api: TrackingApi, modelUri: string): Promise<Readonly<Record<string, string>>> {
  const run = /^runs:\/+([^/]+)\/+(.+)$/.exec(modelUri);
  if (run?.[1] !== undefined && run[2] !== undefined)
    return { source: `${await artifactUriOf(api, run[1])}/${run[2]}`, run_id: run[1] };
  const modelId = /^models:\/+([^/@]+)$/.exec(modelUri)?.[1];
  if (modelId === undefined)
    throw new InvalidInputError(
      `"${modelUri}" names no model to register: give models:/ID or runs:/RUN/PATH`,
    );
  const model = await loggedModel(api, modelId);
  return {
    source: model.artifact_uri,
    model_id: modelId,
    ...(model.source_run_id && { run_id: model.source_run_id }),
  };
}

async function artifactUriOf(api: TrackingApi, runId: string): Promise<string> {
  const schema = v.object({ run: v.object({ info: v.object({ artifact_uri: v.string() }) }) });
  return (await askFor(api, schema, "GET", "runs/get", { run_id: runId })).run.info.artifact_uri;
}

async function loggedModel(
  api: TrackingApi,
  modelId: string,
): Promise<{ readonly artifact_uri: string; readonly source_run_id?: string | undefined }> {
  const info = v.object({ artifact_uri: v.string(), source_run_id: v.optional(v.string()) });
  const schema = v.object({ model: v.object({ info }) });
  return (await askFor(api, schema, "GET", `logged-models/${encodeURIComponent(modelId)}`)).model.info;
}

/** Has an alias point to a version of a registered model. */
export async function setRegisteredModelAlias(
  name: string,
  alias: string,
  version: string,
  { trackingUri }: StoreOptions = {},
): Promise<void> {
  await askFor(connect(trackingUri).api, v.unknown(), "POST", "registered-models/alias", {
    name,
    alias,
    version,
  });
}

/** The version of a registered model. */
export async function getModelVersion(
  name: string,
  version: string,
  { trackingUri }: StoreOptions = {},
): Promise<ModelVersion> {
  const { api } = connect(trackingUri);
  return (await askFor(api, answerSchema, "GET", "model-versions/get", { name, version })).model_version;
}

/** The version of a registered model that an alias points to. */
export async function getModelVersionByAlias(
  name: string,
  alias: string,
  { trackingUri }: StoreOptions = {},
): Promise<ModelVersion> {
  const { api } = connect(trackingUri);
  return (await askFor(api, answerSchema, "GET", "registered-models/alias", { name, alias })).model_version;
}

/** The versions that a filter takes, such as `name = 'risk'`; the first page, at most 1,000. */
export async function searchModelVersions(
  filterString = "",
  { trackingUri }: StoreOptions = {},
): Promise<readonly ModelVersion[]> {
  const schema = v.object({ model_versions: v.optional(v.array(versionSchema), []) });
  const asked = { filter: filterString, max_results: 1000 };
  return (await askFor(connect(trackingUri).api, schema, "GET", "model-versions/search", asked))
    .model_versions;
}

/** How artifacts are downloaded. */
export interface DownloadOptions extends StoreOptions {
  /** Stops it, with the signal's reason; the running cell's where absent. */
  readonly signal?: AbortSignal;
}

/**
 * Downloads artifacts into a folder: `runs:/RUN/PATH`, `models:/ID`, `models:/NAME/VERSION` or `models:/NAME@ALIAS`. Gives the path of
 * what was asked for. Models are verified as the policy demands before they are there: see {@link policyOf}.
 * @throws {@link SignatureError} where a model isn't signed as the policy demands; else as {@link download}
 */
export async function downloadArtifacts(
  uri: string,
  folder: string,
  { trackingUri, signal }: DownloadOptions = {},
): Promise<string> {
  const { api } = connect(trackingUri);
  const { artifactUri, path } = await placeOf(api, uri);
  const check = await modelCheck(api, uri);
  return download(api, { artifactUri, path, folder, signal, check });
}

/**
 * What verifies a model's files as the policy demands, given where they are, and gives their digests; undefined for what is no model (`runs:/…`), and where
 * nothing is demanded.
 */
export async function modelCheck(
  api: TrackingApi,
  uri: string,
): Promise<((place: string) => Promise<readonly FileDigests[]>) | undefined> {
  if (!uri.startsWith("models:")) return undefined;
  const policy = await policyOf(api);
  if (policy === undefined) return undefined;
  const model = { shown: uri, ...(await registeredAs(api, uri)) };
  if (loadingDemands(policy.policy, model.name, model.aliases ?? []).length === 0) return undefined;
  return async (place) => {
    const { verifyForLoading } = await import("../registry/governance/loading.ts");
    return await verifyForLoading(policy, model, place);
  };
}

/**
 * The policy that is asked before models are loaded: that of the store's folder or, of a server's, this program's own, in
 * `mlruns.tenon` or beside it. Whoever can change a server's files could change its policy too.
 */
export async function policyOf({ location }: TrackingApi): Promise<LoadedPolicy | undefined> {
  return loadPolicy(location.kind === "folder" ? location.folder : "mlruns.tenon", undefined);
}

/** The name and the aliases of the version that a URI names; nothing where it names a logged model. */
async function registeredAs(
  api: TrackingApi,
  uri: string,
): Promise<{ readonly name?: string; readonly aliases?: readonly string[] }> {
  const [, name = "", alias, version] = /^models:\/+([^/@]+)(?:@(.+)|\/(.+))$/.exec(uri) ?? [];
  if (name === "") return {};
  const found =
    alias === undefined
      ? await askFor(api, answerSchema, "GET", "model-versions/get", { name, version })
      : await askFor(api, answerSchema, "GET", "registered-models/alias", { name, alias });
  const { aliases } = found.model_version;
  return { name, aliases: alias === undefined ? aliases : [...new Set([...aliases, alias])] };
}

/** Where artifacts are that a URI names, as {@link downloadArtifacts} takes it. */
export async function placeOf(
  api: TrackingApi,
  uri: string,
): Promise<{ readonly artifactUri: string; readonly path: string }> {
  const run = /^runs:\/+([^/]+)(?:\/+(.*))?$/.exec(uri);
  if (run?.[1] !== undefined) return { artifactUri: await artifactUriOf(api, run[1]), path: run[2] ?? "" };
  const model = /^models:\/+([^/@]+)(?:@(.+)|\/(.+))?$/.exec(uri);
  if (model?.[1] === undefined)
    throw new InvalidInputError(
      `"${uri}" names no artifacts: give runs:/RUN/PATH, models:/ID, models:/NAME/VERSION or models:/NAME@ALIAS`,
    );
  const [, name, alias, version] = model;
  if (alias === undefined && version === undefined)
    return { artifactUri: (await loggedModel(api, name)).artifact_uri, path: "" };
  const byAlias = { name, alias: alias ?? "" };
  const found =
    alias === undefined
      ? (version ?? "")
      : (await askFor(api, answerSchema, "GET", "registered-models/alias", byAlias)).model_version.version;
  const schema = v.object({ artifact_uri: v.string() });
  const asked = { name, version: found };
  const { artifact_uri } = await askFor(api, schema, "GET", "model-versions/get-download-uri", asked);
  const logged = /^models:\/+([^/@]+)$/.exec(artifact_uri)?.[1];
  if (logged !== undefined) return { artifactUri: (await loggedModel(api, logged)).artifact_uri, path: "" };
  // A version may be registered by a run's path.
  const ofRun = /^runs:\/+([^/]+)\/+(.*)$/.exec(artifact_uri);
  if (ofRun?.[1] !== undefined)
    return { artifactUri: await artifactUriOf(api, ofRun[1]), path: ofRun[2] ?? "" };
  return { artifactUri: artifact_uri, path: "" };
}
