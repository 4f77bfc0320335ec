/**
 * @file From a request to its answer: who asks and whether they may, limits, errors in MLflow's form, what is counted.
 *
 * Whatever a request holds, it gets an answer in MLflow's form and the server goes on.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import type { Authenticator } from "../access/authenticator.ts";
import { mayActAs, unverifiedIdentity } from "../access/identity.ts";
import { RateLimit } from "../access/rate-limit.ts";
import { MlflowError } from "../mlflow-error.ts";
import type { Store } from "../store/store.ts";
import { type Endpoint, findEndpoint, PlainAnswer } from "./endpoints.ts";
import { requireOwnPage } from "./own-page.ts";
import { RequestMetrics } from "./request-metrics.ts";
import { answerText, JsonParts } from "./router.ts";

/** What is no longer than this many characters is sent as one text with its length. */
const wholeLength = 65_536;

/** How much a server takes on. */
export interface RequestLimits {
  /** Requests that are answered at once; more are told to come again. */
  readonly maxConcurrentRequests: number;
  /** Requests of one client a second, twice as many at once; undefined for as many as come. */
  readonly rateLimit: number | undefined;
  /** How long a body of JSON may take to come, in milliseconds. */
  readonly bodyTimeout: number;
}

export interface HandlerOptions {
  readonly store: Store;
  readonly authenticator: Authenticator;
  /** Whether only programs of this machine can connect. */
  readonly loopback: boolean;
  readonly limits: RequestLimits;
  readonly onError: ((error: unknown) => void) | undefined;
}

export class RequestHandler {
  readonly #options: HandlerOptions;
  readonly #rate: RateLimit | undefined;
  readonly #metrics = new RequestMetrics();
  #inFlight = 0;
  #draining = false;

  constructor(options: HandlerOptions) {
    this.#options = options;
    const { rateLimit } = options.limits;
    this.#rate = rateLimit === undefined ? undefined : new RateLimit(rateLimit, rateLimit * 2);
  }

  /** From now on connections end with the answer, and `/health` says so. */
  drain(): void {
    this.#draining = true;
  }

  /** Answers a request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const begin = performance.now();
    const method = request.method ?? "";
    let route = "other";
    this.#inFlight += 1;
    response.once("close", () => {
      this.#inFlight -= 1;
      const seconds = (performance.now() - begin) / 1000;
      // A client that left before the answer: as nginx counts it.
      const status = response.headersSent ? response.statusCode : 499;
      this.#metrics.count(method, route, status, seconds);
    });
    const answer = async (): Promise<void> => {
      try {
        requireOwnPage(request, this.#options.loopback);
        const endpoint = findEndpoint(method, request.url ?? "/", {
          draining: () => this.#draining,
          metrics: () => this.#metricsText(),
        });
        route = endpoint.name;
        await this.#answer(endpoint, request, response);
      } catch (error) {
        this.#refuse(request, response, error);
      }
    };
    void answer();
  }

  async #answer(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { store, authenticator, limits } = this.#options;
    const address = request.socket.remoteAddress ?? "";
    if (endpoint.role !== undefined && this.#inFlight > limits.maxConcurrentRequests)
      throw new MlflowError("TEMPORARILY_UNAVAILABLE", "The server is busy: try again.", { retryAfter: 1 });
    const { authorization } = request.headers;
    const identity =
      endpoint.role === undefined
        ? unverifiedIdentity(authorization)
        : await authenticator.identify(authorization, address);
    if (endpoint.role !== undefined) {
      this.#requireRate(identity.verified ? `user ${identity.name}` : address);
      if (!mayActAs(identity.role, endpoint.role))
        throw new MlflowError(
          "PERMISSION_DENIED",
          `Permission denied: ${identity.name} has the role ${identity.role}, this needs ${endpoint.role}.`,
        );
    }
    const { bodyTimeout } = limits;
    const found = await endpoint.answer({ store, request, response, identity, bodyTimeout });
    if (found === undefined) return;
    if (found instanceof PlainAnswer) {
      this.#send(response, found.status, found.type, found.text);
      return;
    }
    if (found instanceof JsonParts) await this.#sendParts(request, response, found);
    else this.#send(response, 200, "application/json", await answerText(found));
  }

  #requireRate(client: string): void {
    const wait = this.#rate?.wait(client) ?? 0;
    if (wait > 0)
      throw new MlflowError("REQUEST_LIMIT_EXCEEDED", "Too many requests: try again later.", {
        retryAfter: Math.ceil(wait),
      });
    this.#rate?.take(client, 1);
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const known = error instanceof MlflowError;
    if (!known) this.#options.onError?.(error);
    const refused = known ? error : internal(error);
    const { code, status, message, retryAfter } = refused;
    // What is left of a body that was refused is not read.
    if (!request.complete) response.setHeader("connection", "close");
    if (status === 401) response.setHeader("www-authenticate", 'Basic realm="tenon", charset="UTF-8"');
    if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
    this.#send(response, status, "application/json", JSON.stringify({ error_code: code, message }));
  }

  #send(response: ServerResponse, status: number, type: string, text: string): void {
    this.#writeHead(response, status, { "content-type": type, "content-length": Buffer.byteLength(text) });
    response.end(text);
  }

  #writeHead(response: ServerResponse, status: number, headers: OutgoingHttpHeaders): void {
    if (this.#draining) response.setHeader("connection", "close");
    response.writeHead(status, { ...headers, "x-content-type-options": "nosniff" });
  }

  /**
   * Sends what is longer than one text as fast as the client takes it. Where making it fails after its beginning was sent, the
   * connection is broken; where the client leaves, no more is made.
   */
  async #sendParts(request: IncomingMessage, response: ServerResponse, { parts }: JsonParts): Promise<void> {
    const iterator = parts[Symbol.asyncIterator]();
    // Without chunks only the length tells a client that it has all.
    const most = request.httpVersion === "1.0" ? Number.POSITIVE_INFINITY : wholeLength;
    let begin = "";
    while (begin.length < most) {
      const part = await iterator.next();
      if (part.done) {
        this.#send(response, 200, "application/json", begin);
        return;
      }
      begin += part.value;
    }
    const { onError } = this.#options;
    const rest = async function* (): AsyncGenerator<string> {
      yield begin;
      try {
        for (;;) {
          // A client and a database that never keep it waiting would leave others no turn.
          await setImmediate();
          const part = await iterator.next();
          if (part.done) return;
          yield part.value;
        }
      } catch (error) {
        onError?.(error);
        throw error;
      }
    };
    this.#writeHead(response, 200, { "content-type": "application/json" });
    await pipeline(rest, response);
  }

  async #metricsText(): Promise<string> {
    const storeSize = await this.#options.store.database.size();
    const loginFailures = this.#options.authenticator.failures;
    return this.#metrics.text({ storeSize, inFlight: this.#inFlight, loginFailures });
  }
}

function internal(error: unknown): MlflowError {
  const message = diskFailure(error) ?? (error instanceof Error ? error.message : String(error));
  return new MlflowError("INTERNAL_ERROR", message, { cause: error });
}

/** What the file system says, without its paths, which are the server's own. */
function diskFailure(error: unknown): string | undefined {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return undefined;
  const { code, syscall } = error;
  if (code === "ENOSPC" || code === "EDQUOT") return `the server's disk is full (${code})`;
  if (code === "EROFS" || code === "EACCES" || code === "EPERM")
    return `the server's folder is read-only (${code})`;
  return `the server's disk fails: ${String(syscall)} says ${String(code)}`;
}
