/** @file Exported runs, read by those whose formats they are in. */
import assert from "node:assert/strict";
import { join } from "node:path";
import * as v from "valibot";
import { disconnect } from "../../ml/track/connection.ts";
import {
  exportRunToJson,
  exportRunToTensorBoard,
  exportRunToWandb,
  getMetricHistory,
  getRun,
  run,
  setTrackingUri,
} from "../../ml/track/index.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { wandbServer, type UploadedRun } from "./run-exports/wandb-server.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const tensorBoardSchema = v.object({
  scalars: v.record(
    v.string(),
    v.array(v.tuple([v.number(), v.union([v.number(), v.string()]), v.number()])),
  ),
  sessions: v.array(
    v.object({
      name: v.string(),
      status: v.string(),
      hparams: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
      metrics: v.array(v.string()),
    }),
  ),
  hparams: v.array(v.string()),
});

const here = join(import.meta.dirname, "run-exports");
/** Of the form that W&B's keys have. */
const key = "0123456789".repeat(4);

export const runExports: InteropSuite = {
  name: "run-exports",
  about: "runs as event files in TensorBoard's own readers, and as offline folders uploaded by `wandb sync`",
  peer: "tensorboard 2.21.0, wandb 0.31.0",
  run: () =>
    withScratchFolder(async (folder) => {
      const environment = await pythonEnvironment("run-exports", join(here, "requirements.txt"));
      setTrackingUri(join(folder, "store"));
      const checks = new Checks();
      try {
        const id = await loggedRun("a run", "FINISHED");
        const failed = await loggedRun("another", "FAILED");
        await checks.check("TensorBoard reads metrics and params", async () => {
          const to = join(folder, "tensorboard");
          await exportRunToTensorBoard(id, to);
          await exportRunToTensorBoard(failed, to);
          const { stdout } = await runCommand(
            environment.python,
            [join(here, "read_tensorboard.py"), to, id],
            {
              env: environment.env,
              timeout: 60_000,
            },
          );
          await checkTensorBoard(v.parse(tensorBoardSchema, JSON.parse(stdout)), id, failed);
        });
        for (const [runId, exitCode] of [
          [id, 0],
          [failed, 1],
        ] as const)
          await checks.check(`wandb sync uploads a run that ended with ${exitCode}`, async () => {
            const path = await exportRunToWandb(runId, join(folder, "wandb"), { project: "models" });
            const server = await wandbServer();
            try {
              await runCommand(join(environment.directory, "bin/wandb"), ["sync", path], {
                cwd: folder,
                timeout: 90_000,
                env: {
                  ...environment.env,
                  HOME: folder,
                  WANDB_BASE_URL: server.url,
                  WANDB_API_KEY: key,
                  WANDB_ENTITY: "team",
                  WANDB_ERROR_REPORTING: "false",
                },
              });
              await checkUploaded(server, runId, exitCode);
            } finally {
              await server.close();
            }
          });
        await checks.check("Python reads the JSON", async () => {
          const path = await exportRunToJson(id, folder);
          const { stdout } = await runCommand(environment.python, [
            "-c",
            "import json, sys; r = json.load(open(sys.argv[1])); print(json.dumps([r['params']['depth'], r['metrics']['loss'][2999], r['metrics']['odd']]))",
            path,
          ]);
          const [last] = (await getMetricHistory(id, "loss")).slice(-1);
          const [depth, point, odd] = v.parse(
            v.tuple([v.string(), v.array(v.number()), v.array(v.unknown())]),
            JSON.parse(stdout),
          );
          assert.equal(depth, "3");
          assert.deepEqual(point, [last?.step, last?.timestamp, last?.value]);
          assert.equal(odd.length, 2);
        });
      } finally {
        await disconnect();
        setTrackingUri();
      }
      return checks.result;
    }),
};

/** A run with everything that an export holds: a long history, odd numbers, long texts, measures of the hardware, artifacts. */
async function loggedRun(runName: string, status: "FINISHED" | "FAILED"): Promise<string> {
  return await run({ runName, description: "for others to read", tags: { team: "core" } }, async (logged) => {
    for (let step = 0; step < 3000; step++)
      logged.logMetrics({ loss: 1 / (step + 3), "val/accuracy": step / 7 }, { step });
    for (let at = 0; at < 4; at++) logged.logMetric("counted", at * at);
    logged.logMetric("odd", Number.NaN, { step: 1 });
    logged.logMetric("odd", -1.5e300, { step: 2 });
    logged.logMetrics({
      "system/cpu_utilization_percentage": 12.5,
      "system/gpu_0_utilization_percentage": 50,
    });
    logged.logParams({
      rate: 0.001,
      depth: 3,
      name: "ä 🥐",
      flag: true,
      long: "text ".repeat(1100),
      "optimizer.kind": "adam",
    });
    logged.setTags({
      "mlflow.source.git.commit": "0123456789abcdef0123456789abcdef01234567",
      "mlflow.source.git.repoURL": "https://example.com/models.git",
    });
    await logged.logText("hello", "notes/a b.txt");
    await logged.end(status);
    return logged.info.runId;
  });
}

async function checkTensorBoard(
  { scalars, sessions, hparams }: v.InferOutput<typeof tensorBoardSchema>,
  id: string,
  failed: string,
): Promise<void> {
  const { data } = await getRun(id);
  assert.deepEqual(Object.keys(scalars).sort(), Object.keys(data.metrics).sort());
  for (const [name, points] of Object.entries(scalars)) {
    const expected = await getMetricHistory(id, name);
    assert.equal(points.length, expected.length, name);
    for (const [at, { step, value, timestamp }] of expected.entries()) {
      const [foundStep, foundValue, time] = points[at] ?? [];
      assert.equal(foundStep, step);
      assert.ok(Object.is(asNumber(foundValue), Math.fround(value)), `${name}: ${foundValue}, not ${value}`);
      assert.ok(Math.abs((time ?? 0) - timestamp / 1000) < 1e-3);
    }
  }
  const expected = {
    rate: 0.001,
    depth: 3,
    name: "ä 🥐",
    flag: true,
    long: "text ".repeat(1100),
    "optimizer.kind": "adam",
  };
  assert.deepEqual(hparams, Object.keys(expected).sort());
  const found = sessions.find(({ name }) => name === id);
  assert.deepEqual(found?.hparams, expected);
  assert.ok(found.metrics.includes("val/accuracy"), found.metrics.join());
  assert.deepEqual(
    [id, failed].map((name) => sessions.find((session) => session.name === name)?.status),
    ["STATUS_SUCCESS", "STATUS_FAILURE"],
  );
}

async function checkUploaded(
  { run: made, history, events, files, exitCode }: UploadedRun,
  id: string,
  ended: number,
): Promise<void> {
  assert.equal(made["name"], id);
  assert.equal(made["project"], "models");
  assert.equal(made["commit"], "0123456789abcdef0123456789abcdef01234567");
  assert.equal(made["notes"], "for others to read");
  const config = v.parse(
    v.record(v.string(), v.object({ value: v.unknown() })),
    JSON.parse(String(made["config"])),
  );
  assert.equal(config["rate"]?.value, 0.001);
  assert.equal(config["flag"]?.value, true);
  assert.equal(config["name"]?.value, "ä 🥐");
  assert.equal(config["long"]?.value, "text ".repeat(1100));
  assert.deepEqual(config["mlflow_tags"]?.value, { team: "core" });
  assert.equal(history.length, 3000);
  for (const name of ["loss", "val/accuracy"])
    for (const { step, value } of await getMetricHistory(id, name)) {
      assert.equal(history[step]?.["_step"], step);
      assert.equal(history[step]?.[name], value);
    }
  assert.deepEqual(
    history.slice(0, 5).map((row) => row["counted"]),
    [0, 1, 4, 9, undefined],
  );
  assert.deepEqual([history[1]?.["odd"], history[2]?.["odd"]], ["NaN", -1.5e300]);
  assert.deepEqual(
    events.map((row) => [row["system.cpu"], row["system.gpu.0.gpu"]]),
    [[12.5, 50]],
  );
  assert.equal(files.get("notes/a b.txt"), "hello");
  const summary = v.parse(
    v.record(v.string(), v.unknown()),
    JSON.parse(files.get("wandb-summary.json") ?? ""),
  );
  assert.equal(summary["counted"], 9);
  assert.equal(summary["_step"], 2999);
  assert.equal(exitCode, ended);
  assert.match(files.get("wandb-metadata.json") ?? "", /https:\/\/example\.com\/models\.git/);
}

function asNumber(value: number | string | undefined): number {
  return value === "nan"
    ? Number.NaN
    : Number(value === "inf" ? Infinity : value === "-inf" ? -Infinity : value);
}
