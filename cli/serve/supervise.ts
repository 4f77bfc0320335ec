/** @file `tenon serve --workers`: processes that answer one port, and what replaces them. */
import { once } from "node:events";
import { Supervisor } from "../../ml/serve/cluster/supervisor.ts";
import type { ServeCommandOptions } from "../commands/serve.ts";
import { CommandFailure, exitCode } from "../failure.ts";
import { Terminal } from "../terminal.ts";

/** Starts this command once for each worker, until Ctrl-C or a termination signal. SIGHUP replaces all workers in turn. */
export async function supervise({
  workers,
  maxWorkerMemory,
  workerSilence,
  drain,
}: ServeCommandOptions): Promise<void> {
  const log = new Terminal(process.stderr);
  const [, program = "", ...programArguments] = process.argv;
  const supervisor = new Supervisor({
    workers,
    program,
    programArguments,
    maxWorkerBytes: maxWorkerMemory,
    silenceTimeout: workerSilence,
    drainTimeout: drain === undefined ? undefined : drain + 10_000,
    onEvent: (event) => log.line(event),
  });
  const ended = new AbortController();
  const { signal } = ended;
  const told = Promise.race([once(process, "SIGINT", { signal }), once(process, "SIGTERM", { signal })]);
  const starting = supervisor.start().catch((error: unknown) => {
    // What was wrong the worker has said.
    throw new CommandFailure("the service did not start", exitCode.failed, { cause: error });
  });
  const restart = (): void => {
    supervisor.restart().catch((error: unknown) => log.line(String(error)));
  };
  process.on("SIGHUP", restart);
  try {
    if (await Promise.race([starting, told.then(() => false)]))
      new Terminal(process.stdout).line(`${supervisor.url} is served by ${workers} processes`);
    await told;
  } finally {
    ended.abort();
    process.off("SIGHUP", restart);
    told.catch(() => {});
    await supervisor.close();
  }
}
