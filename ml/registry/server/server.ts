/**
 * @file MLflow's REST API over a store, on the loopback interface.
 *
 * Whatever a request holds, it gets an answer in MLflow's form and the server goes on. There is no authentication: requests
 * that a web page of another site could send through the user's browser are refused by their `Host` and `Origin`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";
import { openStore, type Store } from "../store/store.ts";
import { answerArtifact, listModelArtifacts, listRunArtifacts } from "./artifact-api.ts";
import { mayActAs, unverifiedIdentity } from "./identity.ts";
import { apiRoutes } from "./api-routes.ts";
import { type ApiAnswer, Router } from "./router.ts";

/** The release of MLflow whose API this is; its clients ask for it. */
const mlflowVersion = "3.17.2";

/** The largest JSON that a request may hold; MLflow's clients send batches of 1 MB. */
const largestBody = 32 * 1024 * 1024;

const router = new Router(apiRoutes);

/** Fields that a query may hold several times. */
const repeated: ReadonlySet<string> = new Set(["experiment_ids", "order_by", "run_ids", "stages"]);

/** Names of this machine that a request may ask for. */
const ownNames: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

export interface ServerOptions {
  /** The folder of the store; made where it is not there. */
  readonly folder: string;
  /** 5000 where not given, as MLflow's; 0 for one that is free. */
  readonly port?: number;
  /** The file of the policy; `tenon.policy.json` in the folder or beside it, where there is one, if not given. */
  readonly policy?: string;
  /** Told of errors that are the server's own. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningServer {
  /** For `MLFLOW_TRACKING_URI`. */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  /** Answers what has begun, and ends. */
  close(): Promise<void>;
}

/** Starts the server. Rejects with the system's error where the folder cannot be written or the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const store = await openStore(options.folder, {
    ...(options.policy !== undefined && { policy: options.policy }),
  });
  const server = createServer((request, response) => {
    void answer(store, request, response, options.onError);
  });
  try {
    server.listen(options.port ?? 5000, "127.0.0.1");
    await once(server, "listening");
  } catch (error) {
    await store.close();
    throw error;
  }
  // SAFETY: a server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    store,
    close: async () => {
      await closeServer(server);
      await store.close();
    },
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), 5000);
  await closed;
  clearTimeout(late);
}

async function answer(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
  onError: ServerOptions["onError"],
): Promise<void> {
  try {
    requireOwnPage(request);
    const found = await route(store, request, response);
    if (found !== undefined) send(response, 200, typeof found === "string" ? found : JSON.stringify(found));
  } catch (error) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const known = error instanceof MlflowError;
    if (!known) onError?.(error);
    const { code, status, message } = known ? error : internal(error);
    // What is left of a body that was refused is not read.
    if (!request.complete) response.setHeader("connection", "close");
    send(response, status, JSON.stringify({ error_code: code, message }));
  }
}

function internal(error: unknown): MlflowError {
  const message = error instanceof Error ? error.message : String(error);
  return new MlflowError("INTERNAL_ERROR", message, { cause: error });
}

function send(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(json),
    "x-content-type-options": "nosniff",
  });
  response.end(json);
}

const artifacts = "mlflow-artifacts/artifacts";

async function route(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ApiAnswer | undefined> {
  const target = request.url ?? "/";
  const [path, search] = splitOnce(target, "?");
  const query = new URLSearchParams(search);
  if (path === "/health" || path === "/version") {
    response.writeHead(200, { "content-type": "text/plain" });
    response.end(path === "/health" ? "OK" : mlflowVersion);
    return undefined;
  }
  const api = /^\/(?:ajax-)?api\/2\.0\/(.*)$/.exec(path)?.[1];
  if (api === artifacts || api?.startsWith(`${artifacts}/`))
    return answerArtifact(store, request, response, decoded(api.slice(artifacts.length + 1)), query);
  if (api?.startsWith("mlflow-artifacts/"))
    throw new MlflowError(
      "NOT_IMPLEMENTED",
      "Multipart upload is not supported for the current artifact repository",
    );
  // Tenon's own calls stand beside MLflow's.
  const endpoint = api?.startsWith("mlflow/")
    ? api.slice("mlflow/".length)
    : api?.startsWith("tenon/")
      ? api
      : undefined;
  if (endpoint === undefined) throw notFound(path);
  if (request.method === "GET" && endpoint === "artifacts/list") return listRunArtifacts(store, query);
  const modelId = /^logged-models\/([^/]+)\/artifacts\/directories$/.exec(endpoint)?.[1];
  if (request.method === "GET" && modelId !== undefined)
    return listModelArtifacts(store, decoded(modelId), query);
  const match = router.match(request.method ?? "", endpoint);
  if (match === undefined) throw notFound(path);
  if (match === "wrong method") {
    send(response, 405, JSON.stringify({ error_code: "BAD_REQUEST", message: "Method Not Allowed" }));
    return undefined;
  }
  const input = request.method === "GET" && search !== "" ? queryFields(query) : await readJson(request);
  const identity = unverifiedIdentity(request.headers.authorization);
  if (!mayActAs(identity.role, match.route.role))
    throw new MlflowError("PERMISSION_DENIED", `Permission denied: this needs the role ${match.route.role}`);
  return match.route.handle({ store, input, query, path: match.path, identity });
}

function notFound(path: string): Error {
  return new MlflowError("ENDPOINT_NOT_FOUND", `there is no ${path} here`);
}

function queryFields(query: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  const fields: Record<string, string | readonly string[]> = {};
  for (const key of query.keys())
    fields[key] = repeated.has(key) ? query.getAll(key) : (query.get(key) ?? "");
  return fields;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    // SAFETY: a request without an encoding gives buffers.
    const bytes = chunk as Buffer;
    length += bytes.length;
    if (length > largestBody)
      throw invalidParameter(`A request must be at most ${largestBody} bytes, got more.`);
    chunks.push(bytes);
  }
  if (length === 0) return {};
  const type = request.headers["content-type"]?.split(";")[0]?.trim();
  if (type !== "application/json")
    throw new MlflowError("BAD_REQUEST", "Bad Request. Content-Type must be one of ['application/json'].");
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    // Old clients encode twice.
    if (typeof parsed === "string") parsed = JSON.parse(parsed);
  } catch (error) {
    throw new MlflowError("BAD_REQUEST", "The request is not valid JSON.", { cause: error });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new MlflowError("BAD_REQUEST", "The request is not a JSON object.");
  return parsed;
}

function requireOwnPage({ headers }: IncomingMessage): void {
  const host = headers.host?.replace(/:\d+$/, "");
  if (host !== undefined && !ownNames.has(host))
    throw new MlflowError("PERMISSION_DENIED", `Invalid Host header: this server is not ${host}`);
  const { origin } = headers;
  if (origin !== undefined && !(URL.canParse(origin) && ownNames.has(new URL(origin).hostname)))
    throw new MlflowError("PERMISSION_DENIED", `Cross-origin request from ${origin} blocked`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalidParameter("Invalid path");
  }
}

function splitOnce(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
