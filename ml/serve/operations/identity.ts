/** @file Who calls by HTTP, from the settings: keys, tokens, certificates; read again when their files change. */
import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import { Server as TlsServer, type TlsOptions, TLSSocket } from "node:tls";
import { InvalidInputError } from "../../errors.ts";
import { type Caller, ServingError } from "../inference.ts";
import { ApiKeys, parseApiKeys } from "../security/api-keys.ts";
import { Authenticator, type Credentials } from "../security/authenticator.ts";
import { type KnownCaller, requireReading } from "../security/grants.ts";
import { clientCertificateName, readTlsOptions, reloadTls, type TlsSettings } from "../security/tls.ts";
import type { OperationsSettings } from "./settings.ts";
import { watchFiles } from "./watch-files.ts";

type SecuritySettings = OperationsSettings["security"];

/** Proves who calls. */
export interface Identity {
  /** As {@link ServingOptions.authenticate} wants it. */
  readonly authenticate: (request: IncomingMessage) => Caller | Promise<Caller>;
  /** Who calls, whatever is asked for. */
  readonly callerOf: (request: IncomingMessage) => KnownCaller | Promise<KnownCaller>;
  /** As {@link ServingOptions.authenticateGrpc} wants it. */
  readonly authenticateGrpc: (credentials: Credentials) => KnownCaller | Promise<KnownCaller>;
  close(): void;
}

/** Probes ask without a key: they learn no more than that the service is there. */
const open = /^\/(v2\/health\/(live|ready)|ping|health)\/?(\?|$)/;
const modelPath = /^\/v[12]\/models\/([^/?]+)/;

/**
 * The identity of settings; undefined where they ask nobody who they are.
 * @throws {InvalidInputError} for files that hold no keys
 */
export async function openIdentity(
  settings: SecuritySettings,
  onError: (error: unknown) => void,
): Promise<Identity | undefined> {
  const { keys, tokens, certificates } = settings;
  if (keys === undefined && tokens === undefined && certificates.length === 0) return undefined;
  // What verifies tokens is loaded where there are some, for the service starts in less time without.
  const opened = tokens && (await (await import("../security/tokens.ts")).Tokens.open(tokens));
  const readKeys = async (): Promise<ApiKeys | undefined> =>
    keys === undefined ? undefined : new ApiKeys(parseApiKeys(await readText(keys)));
  const authenticator = new Authenticator({ keys: await readKeys(), tokens: opened, certificates });
  const close =
    keys === undefined
      ? () => {}
      : watchFiles(
          [keys],
          async () => authenticator.replace({ keys: await readKeys(), tokens: opened, certificates }),
          onError,
        );
  const callerOf = (request: IncomingMessage): KnownCaller | Promise<KnownCaller> =>
    authenticator.authenticate({
      authorization: request.headers.authorization,
      apiKey: headerText(request.headers["x-api-key"]),
      certificate: certificateOf(request.socket),
      address: request.socket.remoteAddress ?? "",
    });
  const authenticate = (request: IncomingMessage): Caller | Promise<Caller> => {
    const { method, url = "/" } = request;
    if (method !== "GET") return callerOf(request);
    if (open.test(url)) return { name: undefined, address: request.socket.remoteAddress ?? "" };
    const model = decoded(modelPath.exec(url)?.[1]) ?? "*";
    const caller = callerOf(request);
    return caller instanceof Promise
      ? caller.then((known) => readerOf(known, model))
      : readerOf(caller, model);
  };
  return {
    authenticate,
    callerOf,
    authenticateGrpc: (credentials) => authenticator.authenticate(credentials),
    close,
  };
}

/** The service's certificates, and what takes renewed ones into a server of connections. */
export async function openTls(
  settings: TlsSettings,
  onError: (error: unknown) => void,
): Promise<{ readonly tls: TlsOptions; onListener(listener: NetServer): void; close(): void }> {
  const tls = await readTlsOptions(settings);
  const { cert, key, clientCa } = settings;
  let end = (): void => {};
  return {
    tls,
    onListener: (listener) => {
      if (!(listener instanceof TlsServer)) return;
      // A client that can't shake hands is its own problem.
      listener.on("tlsClientError", () => {});
      const files = [cert, key, ...(clientCa === undefined ? [] : [clientCa])];
      end = watchFiles(files, () => reloadTls(listener, settings), onError);
    },
    close: () => end(),
  };
}

const names = new WeakMap<Socket, { readonly name: string | undefined }>();

/** Of a connection always the same, and costly to ask. */
function certificateOf(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  let found = names.get(socket);
  if (!found) names.set(socket, (found = { name: clientCertificateName(socket) }));
  return found.name;
}

function readerOf(caller: KnownCaller, model: string): KnownCaller {
  requireReading(caller, model);
  return caller;
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function decoded(part: string | undefined): string | undefined {
  try {
    return part === undefined ? undefined : decodeURIComponent(part);
  } catch (cause) {
    throw new ServingError("invalid", "the path is no valid URL", { cause });
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new InvalidInputError(`${path} cannot be read`, { cause });
  }
}
