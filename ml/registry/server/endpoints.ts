/** @file What each path of the server is: its name for the metrics, the role it needs, and its answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Identity, Role } from "../access/identity.ts";
import { invalidParameter, MlflowError } from "../mlflow-error.ts";
import type { Store } from "../store/store.ts";
import { apiRoutes } from "./api-routes.ts";
import { answerArtifact, listModelArtifacts, listRunArtifacts } from "./artifact-api.ts";
import { answerMultipart, type MultipartAction } from "./multipart-api.ts";
import { queryFields, readJson } from "./read-json.ts";
import { type ApiAnswer, Router } from "./router.ts";

/** The release of MLflow whose API this is; its clients ask for it. */
const mlflowVersion = "3.17.2";

const router = new Router(apiRoutes);

/** A request on its way to its answer. */
export interface Exchange {
  readonly store: Store;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly identity: Identity;
  /** How long a body of JSON may take to come, in milliseconds. */
  readonly bodyTimeout: number;
}

/** A text that is no JSON. */
export class PlainAnswer {
  readonly text: string;
  readonly type: string;
  readonly status: number;

  constructor(text: string, type = "text/plain", status = 200) {
    this.text = text;
    this.type = type;
    this.status = status;
  }
}

export interface Endpoint {
  /** The same for all requests of a kind: a path with `:name` for its parts. */
  readonly name: string;
  /** Undefined where nobody is asked who they are. */
  readonly role: Role | undefined;
  /** The answer; undefined where it was sent already. */
  readonly answer: (exchange: Exchange) => Promise<ApiAnswer | PlainAnswer | undefined>;
}

/** What is the server's own and no part of MLflow's API. */
export interface OwnAnswers {
  /** Whether the server is ending. */
  readonly draining: () => boolean;
  /** The metrics in Prometheus's text format. */
  readonly metrics: () => Promise<string>;
}

const artifacts = "mlflow-artifacts/artifacts";

/** Finds what a request asks for. Throws MLflow's error where there is nothing. */
export function findEndpoint(method: string, target: string, own: OwnAnswers): Endpoint {
  const [path, search] = splitOnce(target, "?");
  const query = new URLSearchParams(search);
  const ownEndpoint = findOwn(path, own);
  if (ownEndpoint) return ownEndpoint;
  const api = /^\/(?:ajax-)?api\/2\.0\/(.*)$/.exec(path)?.[1];
  if (api === artifacts || api?.startsWith(`${artifacts}/`)) {
    const file = decoded(api.slice(artifacts.length + 1));
    return {
      name: `${artifacts}/:path`,
      role: method === "GET" ? "reader" : "writer",
      answer: ({ store, request, response, identity }) =>
        answerArtifact(store, request, response, file, query, identity),
    };
  }
  const multipart = /^mlflow-artifacts\/mpu\/(create|complete|abort)\/(.+)$/.exec(api ?? "");
  if (multipart) return findMultipart(method, multipart);
  if (method === "GET" && api?.startsWith("mlflow-artifacts/presigned/"))
    throw new MlflowError(
      "NOT_IMPLEMENTED",
      "Multipart download is not supported for the current artifact repository",
    );
  // Tenon's own calls stand beside MLflow's.
  const endpoint = api?.startsWith("mlflow/")
    ? api.slice("mlflow/".length)
    : api?.startsWith("tenon/")
      ? api
      : undefined;
  if (endpoint === undefined) throw notFound(path);
  return findArtifactList(method, endpoint, query) ?? findRoute(method, endpoint, search, query, path);
}

function findOwn(path: string, { draining, metrics }: OwnAnswers): Endpoint | undefined {
  switch (path) {
    case "/health":
      return {
        name: path,
        role: undefined,
        answer: async () =>
          draining() ? new PlainAnswer("draining", "text/plain", 503) : new PlainAnswer("OK"),
      };
    case "/version":
      return { name: path, role: undefined, answer: async () => new PlainAnswer(mlflowVersion) };
    case "/metrics":
      return {
        name: path,
        role: "reader",
        answer: async () => new PlainAnswer(await metrics(), "text/plain; version=0.0.4; charset=utf-8"),
      };
    default:
      return undefined;
  }
}

function findArtifactList(method: string, endpoint: string, query: URLSearchParams): Endpoint | undefined {
  if (method !== "GET") return undefined;
  if (endpoint === "artifacts/list")
    return { name: endpoint, role: "reader", answer: ({ store }) => listRunArtifacts(store, query) };
  const modelId = /^logged-models\/([^/]+)\/artifacts\/directories$/.exec(endpoint)?.[1];
  if (modelId === undefined) return undefined;
  const id = decoded(modelId);
  return {
    name: "logged-models/:model_id/artifacts/directories",
    role: "reader",
    answer: ({ store }) => listModelArtifacts(store, id, query),
  };
}

function findMultipart(method: string, [, action, folder = ""]: RegExpExecArray): Endpoint {
  if (method !== "POST") throw methodNotAllowed();
  // SAFETY: the pattern has no others.
  const known = action as MultipartAction;
  const path = decoded(folder);
  return {
    name: `mlflow-artifacts/mpu/${known}/:path`,
    role: "writer",
    answer: async ({ store, request, bodyTimeout, identity }) =>
      answerMultipart(store, known, path, await readJson(request, bodyTimeout), identity),
  };
}

function findRoute(
  method: string,
  endpoint: string,
  search: string,
  query: URLSearchParams,
  path: string,
): Endpoint {
  const match = router.match(method, endpoint);
  if (match === undefined) throw notFound(path);
  if (match === "wrong method") throw methodNotAllowed();
  const { route } = match;
  return {
    name: route.path,
    role: route.role,
    answer: async ({ store, request, identity, bodyTimeout }) => {
      const input =
        method === "GET" && search !== "" ? queryFields(query) : await readJson(request, bodyTimeout);
      return route.handle({ store, input, query, path: match.path, identity });
    },
  };
}

function methodNotAllowed(): Error {
  return new MlflowError("BAD_REQUEST", "Method Not Allowed", { status: 405 });
}

function notFound(path: string): Error {
  return new MlflowError("ENDPOINT_NOT_FOUND", `there is no ${path} here`);
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
