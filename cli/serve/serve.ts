/** @file `tenon serve`: runs until it is told to end. */
import { once } from "node:events";
import { InvalidInputError } from "../../ml/errors.ts";
import { ModelPackageError } from "../../ml/package/errors.ts";
import {
  openOperations,
  parseOperations,
  readOperations,
  startServing,
  type ServingOptions,
} from "../../ml/serve/index.ts";
import type { ServeCommandOptions } from "../commands/serve.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";

/** Serves models until Ctrl-C or a termination signal. */
export async function serve(models: readonly string[], options: ServeCommandOptions): Promise<void> {
  const { host, port, timeout, maxBody, drain, config } = options;
  const errors = new Terminal(process.stderr);
  const onError = (error: unknown): void =>
    errors.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const failed = (error: unknown): never => {
    throw new CommandFailure(describeStartError(error, host, port), exitCode.failed, { cause: error });
  };
  const settings = await (config === undefined ? parseOperations({}) : readOperations(config).catch(failed));
  const operations = await openOperations(settings, { onError }).catch(failed);
  const serving: ServingOptions = {
    models,
    host,
    port,
    ...(timeout !== undefined && { timeout }),
    ...(maxBody !== undefined && { maxBodyBytes: maxBody }),
    ...(drain !== undefined && { drainTimeout: drain }),
    ...operations.serving,
    onError,
  };
  const server = await startServing(serving).catch(failed);
  const names = server.models.modelNames();
  new Terminal(process.stdout).line(`${server.url} serves ${names.join(", ")}`);
  const ended = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  await Promise.race(signals.map((signal) => once(process, signal, { signal: ended.signal })));
  ended.abort();
  await server.close();
  await operations.close();
}

function describeStartError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `port ${port} is taken: choose another with --port`;
  if (code === "EACCES") return `port ${port} may not be opened by this user: choose another with --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is no address of this machine`;
  if (error instanceof InvalidInputError || error instanceof ModelPackageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
