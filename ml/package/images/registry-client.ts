/**
 * @file Requests to an OCI registry, with the authentication that it asks for: none, Basic, or a Bearer token that is
 * fetched from where the challenge says (distribution's token specification).
 *
 * Credentials go to the registry and to the token server that it names over HTTPS, and nowhere else; redirected
 * uploads to other hosts get none.
 */
import * as v from "valibot";
import { ImageError } from "./image-error.ts";

/** Who pushes. */
export interface RegistryCredentials {
  readonly username: string;
  /** A password or a personal access token. */
  readonly password: string;
}

/** How a registry is reached. */
export interface RegistryConnection {
  /** The scheme and the host: `https://ghcr.io`. */
  readonly origin: string;
  readonly credentials: RegistryCredentials | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What a request sends. */
export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the body, again for each attempt. */
  readonly body?: () => Uint8Array | AsyncIterable<Uint8Array>;
}

const tokenSchema = v.object({ token: v.optional(v.string()), access_token: v.optional(v.string()) });
const errorSchema = v.object({
  errors: v.array(v.object({ code: v.string(), message: v.nullish(v.string()) })),
});

/** Speaks to one registry on behalf of one push. */
export class RegistryClient {
  readonly #connection: RegistryConnection;
  /** What the token must allow: `repository:NAME:pull,push`. */
  readonly #scopes: readonly string[];
  #authorization: string | undefined;

  constructor(connection: RegistryConnection, scopes: readonly string[]) {
    this.#connection = connection;
    this.#scopes = scopes;
  }

  /**
   * Sends a request; `accepted` are the statuses that are answers. The first refusal for want of authentication is answered
   * by what the challenge asks for.
   * @throws {@link ImageError} with the registry's own words for every other status
   */
  async send(path: string, request: RegistryRequest, accepted: readonly number[]): Promise<Response> {
    const url = new URL(path, this.#connection.origin);
    let response = await this.#fetch(url, request);
    if (response.status === 401) {
      const challenge = response.headers.get("www-authenticate") ?? "";
      await response.body?.cancel();
      this.#authorization = await this.#answer(challenge);
      response = await this.#fetch(url, request);
    }
    if (accepted.includes(response.status)) return response;
    throw new ImageError(
      `${request.method} ${url.origin}${url.pathname}: ${response.status} ${await reason(response)}`,
    );
  }

  async #fetch(url: URL, { method, headers, body }: RegistryRequest): Promise<Response> {
    const own = url.origin === new URL(this.#connection.origin).origin;
    const content = body?.();
    try {
      return await fetch(url, {
        method,
        headers: {
          ...headers,
          ...(own && this.#authorization !== undefined ? { authorization: this.#authorization } : {}),
        },
        redirect: method === "GET" || method === "HEAD" ? "follow" : "manual",
        signal: this.#connection.signal ?? null,
        ...(content === undefined
          ? {}
          : {
              body: content instanceof Uint8Array ? Buffer.from(content) : stream(content),
              duplex: "half" as const,
            }),
      });
    } catch (cause) {
      this.#connection.signal?.throwIfAborted();
      // What was to be sent could not be read.
      if (cause instanceof Error && cause.cause instanceof ImageError) throw cause.cause;
      if (cause instanceof ImageError) throw cause;
      const detail = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : "";
      throw new ImageError(`${url.origin} can't be reached${detail}`, { cause });
    }
  }

  async #answer(challenge: string): Promise<string> {
    const { credentials, origin } = this.#connection;
    const basic =
      credentials === undefined
        ? undefined
        : `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64")}`;
    const parameters = new Map(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
        name.toLowerCase(),
        value,
      ]),
    );
    if (/^basic\b/i.test(challenge)) {
      if (basic === undefined) throw new ImageError(`${origin} asks for a user name and a password`);
      return basic;
    }
    const realm = parameters.get("realm");
    if (!/^bearer\b/i.test(challenge) || realm === undefined || !URL.canParse(realm))
      throw new ImageError(
        `${origin} asks for an authentication that isn't known: ${challenge || "none said"}`,
      );
    const url = new URL(realm);
    const service = parameters.get("service");
    if (service !== undefined) url.searchParams.set("service", service);
    for (const scope of this.#scopes) url.searchParams.append("scope", scope);
    const { protocol, hostname } = new URL(origin);
    const isAsPlain = protocol === "http:" && url.hostname === hostname;
    if (basic !== undefined && url.protocol !== "https:" && !isAsPlain)
      throw new ImageError(`${origin} would have the password sent to ${url.origin}, which is not encrypted`);
    const response = await fetch(url, {
      headers: basic === undefined ? {} : { authorization: basic },
      signal: this.#connection.signal ?? null,
    });
    if (!response.ok)
      throw new ImageError(`${url.origin} gives no token: ${response.status} ${await reason(response)}`);
    const read = v.safeParse(tokenSchema, await response.json().catch(() => {}));
    const token = read.success ? (read.output.token ?? read.output.access_token) : undefined;
    if (token === undefined) throw new ImageError(`${url.origin} gives no token, but something else`);
    return `Bearer ${token}`;
  }
}

function stream(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = content[Symbol.asyncIterator]();
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}

/** The errors that a registry names, or the status in words. */
async function reason(response: Response): Promise<string> {
  const text = (await response.text().catch(() => "")).slice(0, 10_000);
  try {
    const { errors } = v.parse(errorSchema, JSON.parse(text));
    return errors.map(({ code, message }) => `${code} ${message ?? ""}`.trim()).join("; ");
  } catch {
    return response.statusText;
  }
}
