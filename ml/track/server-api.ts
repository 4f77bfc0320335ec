/** @file An MLflow server as a store of runs, over HTTP. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { artifactPlace, localArtifacts } from "./artifact-place.ts";
import { TrackingError, TrackingUnavailableError } from "./errors.ts";
import {
  type ArtifactContent,
  type ArtifactInfo,
  type Method,
  refusalOf,
  type TrackingApi,
} from "./tracking-api.ts";
import { basicAuthorization, type TrackingLocation } from "./tracking-uri.ts";

/** Milliseconds that a call may take: MLflow's default. */
const defaultTimeout = 120_000;

const listSchema = v.object({
  files: v.optional(
    v.array(
      v.object({
        path: v.string(),
        is_dir: v.optional(v.boolean(), false),
        file_size: v.optional(v.union([v.number(), v.pipe(v.string(), v.transform(Number))])),
      }),
    ),
    [],
  ),
});

/** The API of the server at a location. */
export function serverApi(location: TrackingLocation & { readonly kind: "server" }): TrackingApi {
  const url = location.name;
  const headers = (): Record<string, string> => {
    const authorization = authorizationOf(location.authorization);
    return { "user-agent": "tenon", ...(authorization !== undefined && { authorization }) };
  };
  const closed = new AbortController();
  const call = async (method: Method, target: string, endpoint: string, body?: string): Promise<unknown> => {
    let status: number;
    let text: string;
    try {
      const response = await fetch(target, {
        method,
        headers: { ...headers(), ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body }),
        signal: AbortSignal.any([closed.signal, AbortSignal.timeout(timeoutOf())]),
      });
      status = response.status;
      text = await response.text();
    } catch (error) {
      throw unavailable(url, error);
    }
    if (status !== 200) throw refusalOf(url, endpoint, status, text);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new TrackingUnavailableError(`${url} is no MLflow server: it answers ${endpoint} with no JSON`, {
        cause,
      });
    }
  };
  const artifactUrl = (path: string): string =>
    `${url}/api/2.0/mlflow-artifacts/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;

  return {
    location,
    ask: (method, endpoint, input) => {
      // Tenon's own calls stand beside MLflow's.
      const target = `${url}/api/2.0/${endpoint.startsWith("tenon/") ? "" : "mlflow/"}${endpoint}`;
      if (method !== "GET")
        return call(method, target, endpoint, typeof input === "string" ? input : JSON.stringify(input));
      const query = queryOf(typeof input === "string" ? JSON.parse(input) : input);
      return call(method, query === "" ? target : `${target}?${query}`, endpoint);
    },
    upload: async (artifactUri, path, content) => {
      const place = artifactPlace(artifactUri, path);
      if (place.kind === "local") return localArtifacts.upload(place.path, content);
      await put(url, artifactUrl(place.path), headers(), content);
    },
    list: async (artifactUri, path) => {
      const place = artifactPlace(artifactUri, path);
      if (place.kind === "local") return localArtifacts.list(place.path);
      const query = new URLSearchParams({ path: place.path }).toString();
      const answer = await call("GET", `${artifactUrl("").slice(0, -1)}?${query}`, "mlflow-artifacts/list");
      const parsed = v.safeParse(listSchema, answer);
      if (!parsed.success)
        throw new TrackingError(`${url} is no MLflow server: its list of artifacts has another form`);
      return parsed.output.files.map(({ path: name, is_dir, file_size }): ArtifactInfo => ({
        name: name.split("/").at(-1) ?? name,
        isDirectory: is_dir,
        size: file_size,
      }));
    },
    download: async (artifactUri, path, signal) => {
      const place = artifactPlace(artifactUri, path);
      if (place.kind === "local") return localArtifacts.download(place.path);
      const silence = new AbortController();
      const asked = {
        // A length is told of what is sent as it is.
        headers: { ...headers(), "accept-encoding": "identity" },
        signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
      };
      const response = await heard(url, silence, signal, () => fetch(artifactUrl(place.path), asked));
      if (response.status !== 200) {
        const text = await heard(url, silence, signal, () => response.text());
        throw refusalOf(url, `the artifact ${path}`, response.status, text);
      }
      const length = response.headers.get("content-length");
      const isEncoded = response.headers.has("content-encoding");
      return {
        size: length === null || isEncoded ? undefined : Number(length),
        chunks: chunksOf(url, response, silence, signal),
      };
    },
    close: async () => closed.abort(new Error("the call was given up")),
  };
}

/** What a server is asked for, unless it is silent for as long as a call may take. */
async function heard<T>(
  url: string,
  silence: AbortController,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
): Promise<T> {
  const timeout = timeoutOf();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${timeout / 1000} s`)), timeout);
  try {
    return await ask();
  } catch (error) {
    signal?.throwIfAborted();
    throw unavailable(url, silence.signal.aborted ? silence.signal.reason : error);
  } finally {
    clearTimeout(timer);
  }
}

async function* chunksOf(
  url: string,
  response: Response,
  silence: AbortController,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const read = await heard(url, silence, signal, async () => reader?.read());
      if (read === undefined || read.done) return;
      yield read.value;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

function authorizationOf(ofUrl: string | undefined): string | undefined {
  const { env } = process;
  const user = env["MLFLOW_TRACKING_USERNAME"];
  const token = env["MLFLOW_TRACKING_TOKEN"];
  // The order in which MLflow's client looks.
  if (user !== undefined) return basicAuthorization(user, env["MLFLOW_TRACKING_PASSWORD"] ?? "");
  return token === undefined || token === "" ? ofUrl : `Bearer ${token}`;
}

function timeoutOf(): number {
  const seconds = Number(process.env["MLFLOW_HTTP_REQUEST_TIMEOUT"]);
  return seconds > 0 ? seconds * 1000 : defaultTimeout;
}

function queryOf(input: object): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(input))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) query.append(key, String(one));
  return query.toString();
}

/** Uploads with the length told beforehand: servers of WSGI read nothing of a body without one. */
async function put(
  server: string,
  target: string,
  headers: Record<string, string>,
  content: ArtifactContent,
): Promise<void> {
  const bytes = content instanceof Uint8Array;
  const size = bytes ? content.length : (await stat(content.file)).size;
  // What is added to a file meanwhile is none of the length that was told.
  const end = { end: Math.max(0, size - 1) };
  const source = bytes ? Readable.from([content]) : createReadStream(content.file, end);
  const send = target.startsWith("https:") ? httpsRequest : httpRequest;
  const request = send(target, {
    method: "PUT",
    headers: { ...headers, "content-length": size, "content-type": "application/octet-stream" },
    timeout: timeoutOf(),
  });
  request.on("timeout", () => request.destroy(new Error("it doesn't answer in time")));
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  let status: number;
  let text = "";
  try {
    // An answer may come before all is sent: then the rest isn't wanted.
    const sent = size === 0 ? void request.end() : pipeline(source, request);
    const response = await Promise.race([answered, Promise.resolve(sent).then(() => answered)]);
    status = response.statusCode ?? 0;
    for await (const chunk of response) text += String(chunk);
  } catch (error) {
    if (!bytes && isFileError(error, content.file))
      throw new TrackingError(`${content.file} can't be read: ${error.message}`, { cause: error });
    throw unavailable(server, error);
  } finally {
    source.destroy();
  }
  if (status !== 200) throw refusalOf(server, "an upload", status, text);
}

function isFileError(error: unknown, file: string): error is Error {
  return error instanceof Error && "path" in error && error.path === file;
}

function unavailable(url: string, error: unknown): TrackingUnavailableError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
  const reason = cause instanceof Error ? cause.message || code || cause.name : String(cause);
  return new TrackingUnavailableError(`${url} doesn't answer: ${reason}`, {
    cause: error,
    neverSent: code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN",
  });
}
