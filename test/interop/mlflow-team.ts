/** @file MLflow's Python client on our server as a team has it: users, Postgres, S3. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as v from "valibot";
import { makeDatabase } from "../support/postgres-database.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { repositoryRoot } from "../support/repository.ts";
import { runCommand, tryCommand } from "../support/run-command.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { type InteropSuite, parseSuiteResult, type SuiteResult } from "./interop-suite.ts";
import { compareWithMlflow, quiet, startMlflowServer, sumResults } from "./mlflow.ts";
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
      const { python, env } = await pythonEnvironment("mlflow-and-peers", join(files, "requirements.txt"));
      return withPeers(folder, python, env, async (peers) => {
        const results: SuiteResult[] = [];
        results.push(await compareOnPostgres(folder, python, env, peers));
        results.push(await runStoreTests(peers));
        results.push(await runTeam(folder, python, env, peers));
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

/** Users, Postgres and S3 together, and a file store that real MLflow wrote, taken over twice. */
async function runTeam(
  folder: string,
  python: string,
  env: Readonly<Record<string, string>>,
  { postgres, s3 }: Peers,
): Promise<SuiteResult> {
  const database = await makeDatabase(postgres);
  const place = ["--store", database.url, "--artifacts", "s3://models/team"];
  const own = { ...s3Access(s3) };
  const tenonServer = async (args: readonly string[], input = ""): Promise<string> => {
    const all = [tenon, "server", ...args, ...place];
    return (await runCommand(process.execPath, all, { env: own, input, cwd: folder })).stdout.trim();
  };
  const mlruns = join(folder, "mlruns");
  const servers: ServerProcess[] = [];
  try {
    await runCommand(python, [join(files, "write_file_store.py"), mlruns], { env: { ...env, ...quiet } });
    const password = "of this test alone";
    for (const [name, role] of [
      ["rita", "reader"],
      ["ada", "admin"],
    ] as const)
      await tenonServer(["users", "add", name, "--role", role, "--password-stdin"], password);
    await tenonServer(["users", "add", "wade", "--role", "writer", "--no-password"]);
    const token = await tenonServer(["users", "token", "add", "wade"]);
    const first = await tenonServer(["import", mlruns]);
    const second = await tenonServer(["import", mlruns]);
    const server = await startServerProcess(
      process.execPath,
      (port) => [tenon, "server", join(folder, "team"), "--host", "0.0.0.0", "--port", port, ...place],
      own,
    );
    servers.push(server);
    const { stdout } = await runCommand(python, [join(files, "team_client.py"), server.url, mlruns], {
      env: { ...env, ...quiet, TOKEN: token, PASSWORD: password },
      timeout: 170_000,
    });
    const result = parseSuiteResult(stdout);
    if (!result) throw new Error(`no counts in ${stdout.slice(-500)}`);
    const twice = second === first.replace(/; \d+ files/, "; 0 files");
    return twice
      ? { ...result, passed: result.passed + 1 }
      : {
          ...result,
          failed: result.failed + 1,
          failures: [...result.failures, `import: ${first}, then ${second}`],
        };
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
    timeout: 240_000,
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
