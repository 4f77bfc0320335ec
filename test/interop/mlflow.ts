/** @file MLflow: its Python client works with our server, and its server gives the same answers to the same calls. */
import { join } from "node:path";
import { pythonEnvironment } from "../support/python-environment.ts";
import { repositoryRoot } from "../support/repository.ts";
import { runCommand } from "../support/run-command.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { type InteropSuite, parseSuiteResult, type SuiteResult } from "./interop-suite.ts";
import { compareServers } from "./mlflow/compare-answers.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const files = join(import.meta.dirname, "mlflow");
// Without the workers of its background jobs, which no call of ours needs.
export const quiet = {
  MLFLOW_DISABLE_TELEMETRY: "true",
  DO_NOT_TRACK: "true",
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
};

export const mlflow: InteropSuite = {
  name: "mlflow",
  about:
    "Python's client logs, searches, registers and loads models on `tenon server`; each of 430 calls gets the answer of `mlflow server`",
  peer: "mlflow 3.17.2",
  run: () =>
    withScratchFolder(async (folder) => {
      const { python, env } = await pythonEnvironment("mlflow", join(files, "requirements.txt"));
      const servers: ServerProcess[] = [];
      try {
        const ours = await startOurServer(join(folder, "ours"));
        servers.push(ours);
        const theirs = await startMlflowServer(python, env, folder);
        servers.push(theirs);
        const compared = await compareWithMlflow(ours.url, theirs.url);
        const client = await startOurServer(join(folder, "client"));
        servers.push(client);
        const script = [join(files, "client.py"), client.url];
        const { stdout } = await runCommand(python, script, {
          env: { ...env, ...quiet },
          timeout: 170_000,
        });
        const scenarios = parseSuiteResult(stdout);
        if (!scenarios) throw new Error(`no counts in ${stdout.slice(-500)}`);
        return sumResults(compared, scenarios);
      } finally {
        for (const server of servers) await server.stop();
      }
    }),
};

/** Starts `tenon server` as it is built. */
export async function startOurServer(folder: string): Promise<ServerProcess> {
  const program = join(repositoryRoot, "dist/cli/main.js");
  return startServerProcess(process.execPath, (port) => [program, "server", folder, "--port", port]);
}

/** Starts `mlflow server` on SQLite with its artifacts in a folder. */
export async function startMlflowServer(
  python: string,
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<ServerProcess> {
  return startServerProcess(
    python,
    (port) => [
      "-m",
      "mlflow",
      "server",
      "--backend-store-uri",
      `sqlite:///${join(folder, "mlflow.db")}`,
      "--artifacts-destination",
      join(folder, "mlflow-artifacts"),
      "--host",
      "127.0.0.1",
      "--port",
      port,
      "--workers",
      "1",
    ],
    { ...env, ...quiet },
  );
}

/** Plays the same calls to both servers, and counts those that they answer the same. */
export async function compareWithMlflow(ours: string, theirs: string): Promise<SuiteResult> {
  const { calls, refused, sameMessages, differences } = await compareServers(ours, theirs);
  process.stdout.write(
    `${calls} calls, ${calls - differences.length} answered the same; ${refused} of them refused by both, ${sameMessages} in the same words\n`,
  );
  return {
    passed: calls - differences.length,
    failed: differences.length,
    skipped: 0,
    failures: differences.map((text) => text.slice(0, 3000)),
  };
}

/** The counts of two parts of a suite together. */
export function sumResults(one: SuiteResult, other: SuiteResult): SuiteResult {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
    failures: [...one.failures, ...other.failures],
  };
}
