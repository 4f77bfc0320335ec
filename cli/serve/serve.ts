/** @file `tenon serve`: runs until it is told to end. */
import cluster from "node:cluster";
import { once } from "node:events";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidInputError } from "../../ml/errors.ts";
import { ModelPackageError } from "../../ml/package/errors.ts";
import { SignatureError } from "../../ml/package/signing/signature-error.ts";
import {
  openOperations,
  type Operations,
  parseOperations,
  readOperations,
  startServing,
  type ServingOptions,
} from "../../ml/serve/index.ts";
import { WorkerLink } from "../../ml/serve/cluster/worker.ts";
import type { ServeCommandOptions } from "../commands/serve.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";

/** Serves models until Ctrl-C, a termination signal, or its supervisor's word. */
export async function serve(models: readonly string[], options: ServeCommandOptions): Promise<void> {
  if (options.workers > 1 && cluster.isPrimary) {
    const { supervise } = await import("./supervise.ts");
    await supervise(options);
    return;
  }
  const link: LateLink = {};
  try {
    await serveHere(models, options, link);
  } finally {
    // The talk with a supervisor keeps the process alive.
    link.open?.close();
  }
}

interface LateLink {
  open?: WorkerLink;
}

async function serveHere(
  models: readonly string[],
  options: ServeCommandOptions,
  late: LateLink,
): Promise<void> {
  const { host, port, timeout, maxBody, drain: drainTimeout, config } = options;
  const { registry, policy, reload, memory, instances, provider, handler } = options;
  const errors = new Terminal(process.stderr);
  const onError = (error: unknown): void =>
    errors.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
  const failed = (error: unknown): never => {
    throw new CommandFailure(describeStartError(error, host, port), exitCode.failed, { cause: error });
  };
  if (models.length === 0 && handler.length === 0)
    throw new CommandFailure("name a model directory, or a module with --handler", exitCode.usage);
  const ended = new AbortController();
  // A word that comes while it still starts must be heard too.
  let drain = (): void => {};
  const drained = new Promise<void>((done) => (drain = done));
  const link: WorkerLink | undefined = cluster.isWorker
    ? new WorkerLink({
        snapshot: () => operations.metrics.snapshot(),
        onNews: (news) => {
          if (news.kind === "traffic") operations.traffic?.adopt(news.rules);
          else operations.invalidate(news.model, news.version).catch(onError);
        },
        onDrain: () => drain(),
      })
    : undefined;
  if (link) late.open = link;
  const settings = await (config === undefined ? parseOperations({}) : readOperations(config).catch(failed));
  const operations: Operations = await openOperations(settings, {
    onError,
    onWarning: (warning) => errors.line(warning),
    ...(link && {
      collect: (own) => link.collect(own),
      onTraffic: () => {
        if (operations.traffic) link.share({ kind: "traffic", rules: operations.traffic.rules });
      },
      onInvalidate: (model, version) => link.share({ kind: "invalidate", model, version }),
    }),
  }).catch(failed);
  const serving: ServingOptions = {
    models,
    host,
    port,
    ...(timeout !== undefined && { timeout }),
    ...(maxBody !== undefined && { maxBodyBytes: maxBody }),
    ...(drainTimeout !== undefined && { drainTimeout }),
    registry,
    ...(policy !== undefined && { policy }),
    handlers: handler.map((file) => pathToFileURL(resolve(file))),
    ...(reload !== undefined && { reloadInterval: reload }),
    ...(memory !== undefined && { memoryLimit: memory }),
    ...(instances !== undefined && { instances }),
    ...(provider !== undefined && { provider }),
    ...operations.serving,
    onError,
  };
  const server = await startServing(serving).catch(failed);
  if (link) link.ready(server.url);
  else new Terminal(process.stdout).line(`${server.url} serves ${server.models.modelNames().join(", ")}`);
  // Of several processes the supervisor hears it, and replaces them.
  if (!link) process.on("SIGHUP", () => void server.reload());
  const { signal } = ended;
  await Promise.race([once(process, "SIGINT", { signal }), once(process, "SIGTERM", { signal }), drained]);
  ended.abort();
  await server.close();
  await link?.drained();
  await operations.close();
}

function describeStartError(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `port ${port} is taken: choose another with --port`;
  if (code === "EACCES") return `port ${port} may not be opened by this user: choose another with --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is no address of this machine`;
  const refusals = [InvalidInputError, ModelPackageError, SignatureError];
  if (error instanceof Error && refusals.some((refusal) => error instanceof refusal)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
