/** @file `tenon server`: runs until it is told to end. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidInputError } from "../../ml/errors.ts";
import { isLoopback, OpenServerError, type ServerOptions, startServer } from "../../ml/registry/index.ts";
import type { ServerCommandOptions } from "../commands/server.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";
import { describeStoreError, withoutPassword } from "./open-store.ts";

/** Serves a folder until Ctrl-C or a termination signal, and ends at once at the second. */
export async function serve(folder: string, options: ServerCommandOptions): Promise<void> {
  const errors = new Terminal(process.stderr);
  const path = resolve(folder);
  const { port, host, store, artifacts, policy, rateLimit, maxConcurrentRequests } = options;
  const tls = readTls(options);
  const server = await startServer({
    folder: path,
    port,
    host,
    ...(store !== undefined && { database: store }),
    ...(artifacts !== undefined && { artifacts }),
    ...(policy !== undefined && { policy: resolve(policy) }),
    ...(tls && { tls }),
    ...(rateLimit !== undefined && { rateLimit }),
    ...(maxConcurrentRequests !== undefined && { maxConcurrentRequests }),
    onError: (error) => errors.line(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  }).catch((error: unknown) => {
    throw new CommandFailure(describeStartError(error, path, options), exitCode.failed, { cause: error });
  });
  if (!isLoopback(host) && !tls)
    errors.line(
      errors.style(
        "yellow",
        "passwords and tokens go unencrypted: use --tls-cert, or a proxy with TLS before it",
      ),
    );
  const places = [
    store === undefined ? path : withoutPassword(store),
    ...(artifacts === undefined ? [] : [artifacts]),
  ];
  new Terminal(process.stdout).line(`${server.url} serves ${places.join(" and ")}`);
  await ended();
  // Whoever asks twice does not want to wait for what has begun.
  await Promise.race([server.close(), ended()]);
}

/** Resolves at the next signal to end. */
async function ended(): Promise<void> {
  const listening = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  await Promise.race(signals.map((signal) => once(process, signal, { signal: listening.signal })));
  listening.abort();
}

function readTls({ tlsCert, tlsKey }: ServerCommandOptions): ServerOptions["tls"] {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new CommandFailure("--tls-cert and --tls-key go together", exitCode.usage);
  const read = (file: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (error) {
      throw new CommandFailure(describeFileError(error, file), exitCode.failed, { cause: error });
    }
  };
  return { cert: read(tlsCert), key: read(tlsKey) };
}

function describeStartError(error: unknown, folder: string, options: ServerCommandOptions): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof OpenServerError || error instanceof InvalidInputError) return error.message;
  if (code === "EADDRINUSE") return `port ${options.port} is taken: choose another with --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `${options.host} is no address of this machine`;
  if (typeof code === "string" && code.startsWith("ERR_OSSL"))
    return `${options.tlsCert}, ${options.tlsKey}: no certificate with its key`;
  return describeStoreError(error, folder, options.store);
}
