/** @file Which handler answers which method and path. */
import { invalidParameter } from "../mlflow-error.ts";
import type { Store } from "../store/store.ts";
import type { Identity, Role } from "../access/identity.ts";

/** What a handler is given. */
export interface ApiRequest {
  readonly store: Store;
  /** The body of a POST, PATCH or DELETE, the query of a GET. */
  readonly input: unknown;
  readonly query: URLSearchParams;
  /** The parts of the path that the route names. */
  readonly path: Readonly<Record<string, string>>;
  /** Who asks. */
  readonly identity: Identity;
}

/** JSON that is made, in parts, while it is sent. */
export class JsonParts {
  readonly parts: AsyncIterable<string>;

  constructor(parts: AsyncIterable<string>) {
    this.parts = parts;
  }
}

/** The answer: JSON as a text or in parts, or an object that becomes it. */
export type ApiAnswer = string | object | JsonParts;

/** An answer as one text. */
export async function answerText(answer: ApiAnswer): Promise<string> {
  if (typeof answer === "string") return answer;
  if (!(answer instanceof JsonParts)) return JSON.stringify(answer);
  const texts: string[] = [];
  for await (const part of answer.parts) texts.push(part);
  return texts.join("");
}

export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/api/2.0/mlflow/`; `:name` stands for one part. */
  readonly path: string;
  readonly handle: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;
  /** The role that may ask. */
  readonly role: Role;
}

type Handler = Route["handle"];

/** A route that reads: `reader` may ask where nothing else is said. */
export const get = (path: string, handle: Handler, role: Role = "reader"): Route => ({
  method: "GET",
  path,
  handle,
  role,
});
/** A route that changes something: `writer` may ask where nothing else is said. */
export const post = (path: string, handle: Handler, role: Role = "writer"): Route => ({
  method: "POST",
  path,
  handle,
  role,
});
/** A route that reads, though it is asked by POST. */
export const postSearch = (path: string, handle: Handler): Route => post(path, handle, "reader");
/** As {@link post}. */
export const patch = (path: string, handle: Handler, role: Role = "writer"): Route => ({
  method: "PATCH",
  path,
  handle,
  role,
});
/** As {@link post}. */
export const del = (path: string, handle: Handler, role: Role = "writer"): Route => ({
  method: "DELETE",
  path,
  handle,
  role,
});

export type Match =
  | { readonly route: Route; readonly path: Readonly<Record<string, string>> }
  /** `wrong method`: the path is there for others. */
  | "wrong method"
  | undefined;

/** Finds routes: by their whole text where they name no part, else by the number of parts. */
export class Router {
  readonly #fixed = new Map<string, Route[]>();
  readonly #named: readonly (readonly [parts: readonly string[], route: Route])[];

  constructor(routes: readonly Route[]) {
    for (const route of routes)
      if (!route.path.includes(":"))
        this.#fixed.set(route.path, [...(this.#fixed.get(route.path) ?? []), route]);
    this.#named = routes
      .filter(({ path }) => path.includes(":"))
      .map((route) => [route.path.split("/"), route] as const);
  }

  /** `path` is still percent-encoded. */
  match(method: string, path: string): Match {
    const fixed = this.#fixed.get(path) ?? [];
    const route = fixed.find((candidate) => candidate.method === method);
    if (route) return { route, path: {} };
    const given = path.split("/");
    let known = fixed.length > 0;
    for (const [parts, candidate] of this.#named) {
      const found = matchParts(parts, given);
      if (!found) continue;
      if (candidate.method === method) return { route: candidate, path: found };
      known = true;
    }
    return known ? "wrong method" : undefined;
  }
}

function matchParts(
  parts: readonly string[],
  given: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (parts.length !== given.length) return undefined;
  const found: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const value = given[at] ?? "";
    if (part.startsWith(":")) {
      if (value === "") return undefined;
      found[part.slice(1)] = decoded(value);
    } else if (part !== value) return undefined;
  }
  return found;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalidParameter("Invalid path");
  }
}
