/** @file The API of artifacts: files of the server's folder, and lists of a run's or a logged model's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, extname } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import type { Identity } from "../access/identity.ts";
import { type ArtifactStorage, safePath } from "../artifacts/artifact-storage.ts";
import { removeArtifact } from "../governance/audited-changes.ts";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";
import { noteContributor, subjectsIn } from "../store/contributors.ts";
import { loggedModelLocation } from "../store/logged-models.ts";
import { findRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { missingParameter, optionalText, parseRequest, text } from "./request-schema.ts";

const contentTypes: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};
/** Kept as plain text, as MLflow's server does for what people read. */
const textFiles: ReadonlySet<string> = new Set([
  ".txt",
  ".log",
  ".yaml",
  ".yml",
  ".md",
  ".py",
  ".ts",
  ".js",
  ".tsv",
  ".html",
]);

/** Answers a request for a file of the server's folder; `path` is decoded. Returns the JSON, nothing for a download. */
export async function answerArtifact(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
  identity: Identity,
): Promise<object | undefined> {
  const { artifacts } = store;
  if (path === "" && request.method === "GET") {
    const files = await artifacts.list(safePath(query.get("path") ?? ""));
    return files.length > 0 ? { files } : {};
  }
  const name = safePath(path);
  switch (request.method) {
    case "GET":
      await sendFile(artifacts, name, response);
      return undefined;
    case "PUT":
      // Before there is a file that nobody is noted for.
      await noteContributor(store, subjectsIn(name), identity);
      await artifacts.save(name, request);
      return {};
    case "DELETE":
      await noteContributor(store, subjectsIn(name), identity);
      await removeArtifact(store, identity, name);
      return {};
    default:
      throw new MlflowError("ENDPOINT_NOT_FOUND", `artifacts are not asked for by ${request.method}`);
  }
}

async function sendFile(artifacts: ArtifactStorage, path: string, response: ServerResponse): Promise<void> {
  const { size, stream } = await artifacts.open(path);
  const extension = extname(path).toLowerCase();
  const type = textFiles.has(extension) ? "text/plain" : contentTypes[extension];
  response.writeHead(200, {
    "content-type": type ?? "application/octet-stream",
    "content-length": size,
    // A page that someone logged is never run as one of the server's.
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(basename(path))}`,
    "x-content-type-options": "nosniff",
  });
  await pipeline(stream, response);
}

/** The files of a run, as `artifacts/list` gives them. */
export async function listRunArtifacts(store: Store, query: URLSearchParams): Promise<object> {
  const schema = v.object({ run_id: text, run_uuid: text, path: optionalText });
  const { run_id, run_uuid, path } = parseRequest(schema, Object.fromEntries(query));
  if (run_id === "" && run_uuid === "") throw missingParameter("run_id");
  const safe = path === undefined ? "" : safePath(path);
  return listLocation(store, (await findRun(store, run_id || run_uuid)).artifactUri, safe);
}

/** The files of a logged model. */
export async function listModelArtifacts(
  store: Store,
  modelId: string,
  query: URLSearchParams,
): Promise<object> {
  const path = safePath(query.get("artifact_directory_path") ?? "");
  return listLocation(store, await loggedModelLocation(store, modelId), path);
}

async function listLocation(store: Store, location: string, path: string): Promise<object> {
  const inFolder = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(location)?.[1];
  if (inFolder === undefined)
    throw invalidParameter(`The artifacts at ${location} are not kept by this server: read them from there.`);
  const base = safePath(inFolder);
  const files = await store.artifacts.list(path === "" ? base : `${base}/${path}`, path);
  return { root_uri: location, ...(files.length > 0 && { files }) };
}
