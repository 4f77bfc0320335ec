/** @file `tenon server`: runs until it is told to end. */
import { once } from "node:events";
import { resolve } from "node:path";
import { startServer } from "../../ml/registry/index.ts";
import type { ServerCommandOptions } from "../commands/server.ts";
import { CommandFailure, describeFileError, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";

/** Serves a folder until Ctrl-C or a termination signal. */
export async function serve(folder: string, { port }: ServerCommandOptions): Promise<void> {
  const errors = new Terminal(process.stderr);
  const path = resolve(folder);
  const server = await startServer({
    folder: path,
    port,
    onError: (error) => errors.line(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  }).catch((error: unknown) => {
    throw new CommandFailure(describeStartError(error, path, port), exitCode.failed, { cause: error });
  });
  new Terminal(process.stdout).line(`${server.url} serves ${path}`);
  const ended = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  await Promise.race(signals.map((signal) => once(process, signal, { signal: ended.signal })));
  ended.abort();
  await server.close();
}

function describeStartError(error: unknown, folder: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `port ${port} is taken: choose another with --port`;
  if (code === "SQLITE_CANTOPEN" || code === "SQLITE_READONLY") return `${folder}: permission denied`;
  if (code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT") return `${folder}/tenon.db is no store of runs`;
  return describeFileError(error, folder);
}
