/** @file MLflow's Python client on our server as a team has it: users, Postgres, S3. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { makeDatabase } from "../support/postgres-database.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { repositoryRoot } from "../support/repository.ts";
import { tryCommand } from "../support/run-command.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import type { InteropSuite, SuiteResult } from "./interop-suite.ts";
import { compareWithMlflow, startMlflowServer, sumResults } from "./mlflow.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const files = join(import.meta.dirname, "mlflow-team");
const tenon = join(repositoryRoot, "dist/cli/main.js");
const peersSchema = v.object({ postgres: v.string(), s3: v.string() });
type Peers = v.InferOutput<typeof peersSchema>;

export const mlflowTeam: InteropSuite = {
  name: "mlflow-team",
  about:
    "`tenon server` on Postgres gives MLflow's answers to 430 calls; its tests pass there; Python's client works with users, Postgres and S3",
  peer: "mlflow 3.17.2, PostgreSQL 18, moto 5.2.5 (S3)",
  run: () =>
    withScratchFolder(async (folder) => {
      const { python, env } = await pythonEnvironment("mlflow-team", join(files, "requirements.txt"));
      return withPeers(folder, python, env, async (peers) => {
        const results: SuiteResult[] = [];
        results.push(await compareOnPostgres(folder, python, env, peers));
        results.push(await runStoreTests(peers));
        return results.reduce(sumResults);
      });
    }),
};

async function withPeers<T>(
  folder: string,
  python: string,
  env: Readonly<Record<string, string>>,
  use: (peers: Peers) => Promise<T>,
): Promise<T> {
  const child = spawn(python, [join(files, "serve_peers.py"), folder], {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log = (log + text).slice(-4000)));
  const ended = once(child, "exit");
  try {
    const line = await Promise.race([
      once(createInterface(child.stdout), "line").then(([text]) => String(text)),
      ended.then(([code]) => Promise.reject(new Error(`the peers ended with code ${String(code)}:\n${log}`))),
    ]);
    return await use(v.parse(peersSchema, JSON.parse(line)));
  } finally {
    child.stdin.end();
    await ended;
  }
}

/** The play of the suite `mlflow`, on a database of its own. */
async function compareOnPostgres(
  folder: string,
  python: string,
  env: Readonly<Record<string, string>>,
  { postgres }: Peers,
): Promise<SuiteResult> {
  const database = await makeDatabase(postgres);
  const servers: ServerProcess[] = [];
  try {
    const ours = await startServerProcess(process.execPath, (port) => [
      tenon,
      "server",
      join(folder, "compared"),
      "--store",
      database.url,
      "--port",
      port,
    ]);
    servers.push(ours);
    const theirs = await startMlflowServer(python, env, folder);
    servers.push(theirs);
    return await compareWithMlflow(ours.url, theirs.url);
  } finally {
    for (const server of servers) await server.stop();
    await database.drop();
  }
}

/** The variables by which our server finds the bucket. */
function s3Access(endpoint: string): Readonly<Record<string, string>> {
  return {
    AWS_ACCESS_KEY_ID: "writer",
    AWS_SECRET_ACCESS_KEY: "of-this-test",
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: "us-east-1",
  };
}

/** The tests of the store and its server, on Postgres and S3 in place of SQLite and a folder. */
async function runStoreTests({ postgres, s3 }: Peers): Promise<SuiteResult> {
  const mocha = join(repositoryRoot, "node_modules/mocha/bin/mocha.js");
  const tests = ["--reporter", "json", "test/ml/registry/*.test.ts", "test/ml/registry/governance/*.test.ts"];
  const { stdout } = await tryCommand(process.execPath, [mocha, ...tests], {
    env: { ...s3Access(s3), TENON_TEST_POSTGRES: postgres, TENON_TEST_BUCKET: "s3://models" },
    cwd: repositoryRoot,
    timeout: 120_000,
  });
  const schema = v.object({
    stats: v.object({ passes: v.number(), pending: v.number() }),
    failures: v.array(v.object({ fullTitle: v.string(), err: v.object({ message: v.string() }) })),
  });
  const { stats, failures } = v.parse(schema, JSON.parse(stdout));
  return {
    passed: stats.passes,
    failed: failures.length,
    skipped: stats.pending,
    failures: failures.map(({ fullTitle, err }) => `on Postgres and S3: ${fullTitle}: ${err.message}`),
  };
}
