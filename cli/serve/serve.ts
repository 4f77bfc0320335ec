/** @file `tenon serve`: runs until it is told to end. */
import { once } from "node:events";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidInputError } from "../../ml/errors.ts";
import { ModelPackageError } from "../../ml/package/errors.ts";
import {
  openOperations,
  parseHandler,
  parseOperations,
  readOperations,
  startServing,
  type Handler,
  type ServingOptions,
} from "../../ml/serve/index.ts";
import type { ServeCommandOptions } from "../commands/serve.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";

/** Serves models until Ctrl-C or a termination signal. */
export async function serve(models: readonly string[], options: ServeCommandOptions): Promise<void> {
  const { host, port, timeout, maxBody, drain, config, registry, reload, memory, instances, handler } =
    options;
  const errors = new Terminal(process.stderr);
  const onError = (error: unknown): void =>
    errors.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const failed = (error: unknown): never => {
    throw new CommandFailure(describeStartError(error, host, port), exitCode.failed, { cause: error });
  };
  if (models.length === 0 && handler.length === 0)
    throw new CommandFailure("name a model directory, or a module with --handler", exitCode.usage);
  const handlers = await Promise.all(handler.map(async (file) => await loadHandler(file)));
  const settings = await (config === undefined ? parseOperations({}) : readOperations(config).catch(failed));
  const operations = await openOperations(settings, { onError }).catch(failed);
  const serving: ServingOptions = {
    models,
    host,
    port,
    ...(timeout !== undefined && { timeout }),
    ...(maxBody !== undefined && { maxBodyBytes: maxBody }),
    ...(drain !== undefined && { drainTimeout: drain }),
    registry,
    handlers,
    ...(reload !== undefined && { reloadInterval: reload }),
    ...(memory !== undefined && { memoryLimit: memory }),
    ...(instances !== undefined && { instances }),
    ...operations.serving,
    onError,
  };
  const server = await startServing(serving).catch(failed);
  const names = server.models.modelNames();
  new Terminal(process.stdout).line(`${server.url} serves ${names.join(", ")}`);
  process.on("SIGHUP", () => void server.reload());
  const ended = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  await Promise.race(signals.map((signal) => once(process, signal, { signal: ended.signal })));
  ended.abort();
  await server.close();
  await operations.close();
}

/** What a module exports as its default. */
async function loadHandler(file: string): Promise<Handler> {
  try {
    const module: unknown = await import(pathToFileURL(resolve(file)).href);
    return parseHandler(Object(module).default);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const reason =
      code === "ERR_UNKNOWN_FILE_EXTENSION"
        ? "this Node runs no TypeScript: use Node 22.18 or later, or a module in JavaScript"
        : error instanceof Error
          ? error.message
          : String(error);
    throw new CommandFailure(`${file}: ${reason}`, exitCode.failed, { cause: error });
  }
}

function describeStartError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `port ${port} is taken: choose another with --port`;
  if (code === "EACCES") return `port ${port} may not be opened by this user: choose another with --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is no address of this machine`;
  if (error instanceof InvalidInputError || error instanceof ModelPackageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
