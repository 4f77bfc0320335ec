/**
 * @file MLflow's REST API over a store.
 *
 * On the loopback interface it needs no users. Elsewhere it starts only where the store has one, and then everyone proves who
 * they are.
 */
import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Authenticator } from "../access/authenticator.ts";
import { hasUsers } from "../access/users.ts";
import { openStore, type Store } from "../store/store.ts";
import { isLoopback } from "./own-page.ts";
import { RequestHandler } from "./request-handler.ts";

/** How long the head of a request may take, and a connection on which nothing moves stays, in milliseconds. */
const headersTimeout = 15_000;
const idleTimeout = 60_000;
const defaultBodyTimeout = 60_000;
const defaultDrainTimeout = 30_000;
const defaultConcurrency = 256;
/** Requests of one client a second, where the server is open to others. */
const defaultRate = 1000;

export interface ServerOptions {
  /** The folder of the store; made where it is not there. */
  readonly folder: string;
  /** The URL of a Postgres database that holds everything but artifacts, instead of SQLite in the folder. */
  readonly database?: string;
  /** The URL of S3-compatible storage (`s3://bucket/prefix`) for artifacts, instead of the folder. */
  readonly artifacts?: string;
  /** 5000 where not given, as MLflow's; 0 for one that is free. */
  readonly port?: number;
  /** The address to listen on; 127.0.0.1 where not given. Others need users. */
  readonly host?: string;
  /** The file of the policy; `tenon.policy.json` in the folder or beside it, where there is one, if not given. */
  readonly policy?: string;
  /** Certificate and key as PEM, to be served by TLS. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Requests that are answered at once; 256 where not given. */
  readonly maxConcurrentRequests?: number;
  /** Requests of one client a second; where not given, 1000 on other addresses than the loopback's. */
  readonly rateLimit?: number;
  /** How long a body of JSON may take to come, in milliseconds; a minute where not given. */
  readonly bodyTimeout?: number;
  /** How long {@link RunningServer.close} waits for answers that have begun, in milliseconds; 30 s where not given. */
  readonly drainTimeout?: number;
  /** Told of errors that are the server's own. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningServer {
  /** For `MLFLOW_TRACKING_URI`. */
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  /** Takes no more requests, answers what has begun, and ends. */
  close(): Promise<void>;
}

/** A server that would be open to others without asking who they are. */
export class OpenServerError extends Error {
  override readonly name = "OpenServerError";
}

/**
 * Starts the server. Rejects with {@link OpenServerError} where others could connect and the store has no users, with
 * {@link InvalidInputError} where there is a policy that can't be read, and with the system's error where the folder cannot be
 * written or the port is taken.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 5000, tls } = options;
  const loopback = isLoopback(host);
  const store = await openStore(options.folder, options);
  let server: Server | undefined;
  try {
    // One that is broken is told now, not at the first promotion.
    await store.policy();
    if (!loopback && !(await hasUsers(store)))
      throw new OpenServerError(
        `on ${host} others than this machine's programs can connect, and there are no users: add one with 'tenon server users add NAME --role admin', or listen on 127.0.0.1`,
      );
    const handler = new RequestHandler({
      store,
      authenticator: new Authenticator(store, !loopback),
      loopback,
      limits: {
        maxConcurrentRequests: options.maxConcurrentRequests ?? defaultConcurrency,
        rateLimit: options.rateLimit ?? (loopback ? undefined : defaultRate),
        bodyTimeout: options.bodyTimeout ?? defaultBodyTimeout,
      },
      onError: options.onError,
    });
    server = makeServer(handler, tls);
    server.listen(port, host);
    await once(server, "listening");
    const running = server;
    let closing: Promise<void> | undefined;
    // SAFETY: a server that listens on a port has an address of this kind.
    const { port: taken } = server.address() as AddressInfo;
    return {
      url: `${tls ? "https" : "http"}://${urlHost(host)}:${taken}`,
      port: taken,
      store,
      close: () =>
        (closing ??= (async () => {
          handler.drain();
          await drain(running, options.drainTimeout ?? defaultDrainTimeout);
          await store.close();
        })()),
    };
  } catch (error) {
    server?.close();
    await store.close();
    throw error;
  }
}

function makeServer(handler: RequestHandler, tls: ServerOptions["tls"]): Server {
  const settings = { headersTimeout, requestTimeout: 0, connectionsCheckingInterval: 5000 };
  const listener = handler.handle.bind(handler);
  const server = tls
    ? createHttpsServer({ ...settings, ...tls }, listener)
    : createHttpServer(settings, listener);
  server.timeout = idleTimeout;
  return server;
}

/** The host of a URL that leads to an address from this machine. */
function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

async function drain(server: Server, timeout: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), timeout);
  await closed;
  clearTimeout(late);
}
