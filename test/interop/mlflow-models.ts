/** @file MLflow: it loads our packages by both of its flavors and serves them, and our clients ask its server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import * as v from "valibot";
import { openDatabase } from "../../ml/data/index.ts";
import { pythonPackages } from "../../ml/package/mlflow-environment.ts";
import {
  clientSource,
  readModel,
  writeModel,
  type OutputRow,
  type PackagedModel,
} from "../../ml/package/index.ts";
import { amountPipeline, latePipeline, loanTable, statusPipeline } from "../ml/package/loan-models.ts";
import { type PythonEnvironment, pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const requirements = join(import.meta.dirname, "mlflow-models/requirements.txt");
const record = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));
const answerSchema = v.object({
  predictions: v.array(record),
  ofExample: v.array(record),
  withoutOptional: v.array(record),
  ofAwareTimes: v.array(record),
  missingRequired: v.nullable(v.string()),
  noValue: v.nullable(v.string()),
  ranks: v.record(v.string(), v.number()),
  outputNames: v.array(v.string()),
  flavors: v.array(v.string()),
});

/** What a generated client is to this program. */
interface ClientModule {
  readonly ModelClient: new (options: object) => {
    predict(rows: readonly object[]): Promise<readonly OutputRow[]>;
  };
}

export const mlflowModels: InteropSuite = {
  name: "mlflow-models",
  about:
    "packaged pipelines with texts, dates, truth values and missing ones: `mlflow.pyfunc`, `mlflow.onnx`, `mlflow models serve`, asked by our clients",
  peer: `mlflow ${pythonPackages.mlflow}, onnxruntime ${pythonPackages.onnxruntime}, pandas ${pythonPackages.pandas}`,
  run: () =>
    withScratchFolder(async (folder) => {
      const environment = await pythonEnvironment("mlflow-models", requirements);
      const env = { ...environment.env, MLFLOW_TRACKING_URI: `file:${join(folder, "runs")}`, HOME: folder };
      const python = { ...environment, env };
      const checks = new Checks();
      await checks.check("a package asks for the versions that are tried here", () => {
        const lines = Object.entries(pythonPackages).map(([name, version]) => `${name}==${version}\n`);
        assert.equal(readFileSync(requirements, "utf8"), lines.join(""));
      });
      using database = await openDatabase();
      const loans = await loanTable(database);
      for (const [name, fit] of [
        ["status", statusPipeline],
        ["late", latePipeline],
        ["amount", amountPipeline],
      ] as const) {
        const directory = join(folder, name);
        await writeModel(directory, await fit(loans), { rows: loans });
        await using model = await readModel(directory);
        await checks.check(`MLflow loads "${name}" and predicts the same`, async () =>
          checkLoaded(python, model),
        );
        if (name !== "late")
          await checks.check(`MLflow serves "${name}" and our client is told the same`, async () =>
            checkServed(python, model, folder),
          );
      }
      return checks.result;
    }),
};

async function checkLoaded({ python, env }: PythonEnvironment, model: PackagedModel): Promise<void> {
  const script = join(import.meta.dirname, "mlflow-models/predict.py");
  const { stdout } = await runCommand(python, [script, model.directory], { env, timeout: 120_000 });
  const answer = v.parse(answerSchema, JSON.parse(stdout.trim().split("\n").at(-1) ?? ""));
  const rows = model.recorded?.rows ?? [];
  const expected = await model.predict(rows);
  assertSame(answer.predictions, expected);
  assertSame(answer.ofExample, expected.slice(0, 5));
  assertSame(answer.ofAwareTimes, expected);
  const { inputs, outputs } = model.signature;
  const required = inputs.filter((input) => input.required).map(({ name }) => name);
  const bare = rows.map((row) => Object.fromEntries(required.map((name) => [name, row[name]])));
  assertSame(answer.withoutOptional, await model.predict(bare));
  assert.match(answer.missingRequired ?? "", new RegExp(`missing inputs \\['${required[0]}'\\]`));
  assert.match(answer.noValue ?? "", new RegExp(`column '?${required.at(-1)}`));
  assert.deepEqual(answer.ranks, Object.fromEntries(inputs.map(({ name }) => [name, 1])));
  assert.deepEqual(answer.flavors, ["onnx", "python_function", "tenon"]);
  assert.equal(
    answer.outputNames.length,
    outputs.reduce((sum, { columns }) => sum + (columns?.length ?? 1), 0),
  );
}

/** The outputs as a data frame has them, side by side: numbers within 1e-5, relative to those beyond 1. */
function assertSame(found: readonly v.InferOutput<typeof record>[], expected: readonly OutputRow[]): void {
  assert.equal(found.length, expected.length);
  for (const [row, outputs] of expected.entries()) {
    for (const [name, value] of Object.entries(outputs)) {
      const parts = typeof value === "object" ? Object.entries(value) : [["", value] as const];
      for (const [column, each] of parts) {
        const flat = column === "" ? name : `${name}_${column}`;
        const theirs = found[row]?.[flat];
        if (typeof each !== "number") assert.equal(theirs, each, `${flat} of row ${row}`);
        else {
          const difference = Math.abs(Number(theirs) - each) / Math.max(1, Math.abs(each));
          assert.ok(difference <= 1e-5, `${flat} of row ${row} is ${String(theirs)}, not ${each}`);
        }
      }
    }
  }
}

async function checkServed(
  { python, env }: PythonEnvironment,
  model: PackagedModel,
  folder: string,
): Promise<void> {
  const port = await freePort();
  const server = spawn(
    python,
    [
      "-m",
      "mlflow",
      "models",
      "serve",
      "-m",
      model.directory,
      "-h",
      "127.0.0.1",
      "-p",
      String(port),
      "--env-manager",
      "local",
      "--workers",
      "1",
    ],
    // A group of its own: the command starts the server as its child.
    { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  let log = "";
  for (const stream of [server.stdout, server.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilHealthy(
      `${url}/health`,
      () => server.exitCode !== null,
      () => log,
    );
    const path = join(folder, `client-${port}.ts`);
    writeFileSync(path, clientSource(model.signature));
    // SAFETY: this is what the text declares.
    const { ModelClient } = (await import(pathToFileURL(path).href)) as ClientModule;
    const client = new ModelClient({ url, protocol: "mlflow" });
    const rows = model.recorded?.rows ?? [];
    const answers = await client.predict(rows);
    const expected = await model.predict(rows);
    assertSame(answers.map(flat), expected);
    // Every time another form, and dates as objects.
    const [first] = rows;
    assert.ok(first);
    const forms = [
      "2026-02-01",
      "2026-02-01T05:00:00.125+02:00",
      new Date(Date.UTC(2026, 1, 1, 3)),
      null,
    ].map((seen) => Object.assign({}, first, { seen, since: new Date(Date.UTC(2020, 1, 29)) }));
    assertSame((await client.predict(forms)).map(flat), await model.predict(forms));
    // What MLflow itself is given as an example of a request.
    const example = readFileSync(join(model.directory, "serving_input_example.json"), "utf8");
    const response = await fetch(`${url}/invocations`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: example,
    });
    const told = v.parse(v.object({ predictions: v.array(record) }), await response.json());
    assertSame(told.predictions, expected.slice(0, 5));
    const other = { ...model.signature, inputs: model.signature.inputs.slice(1) };
    const otherPath = join(folder, `other-${port}.ts`);
    writeFileSync(otherPath, clientSource(other));
    // SAFETY: as above.
    const { ModelClient: OtherClient } = (await import(pathToFileURL(otherPath).href)) as ClientModule;
    await assert.rejects(new OtherClient({ url, protocol: "mlflow" }).predict(rows), {
      name: "ModelError",
      message: /age/,
    });
  } finally {
    if (server.pid !== undefined && server.exitCode === null) {
      process.kill(-server.pid, "SIGKILL");
      await once(server, "close");
    }
  }
}

function flat(row: OutputRow): v.InferOutput<typeof record> {
  return Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      typeof value === "object"
        ? Object.entries(value).map(([column, each]) => [`${name}_${column}`, each] as const)
        : [[name, value] as const],
    ),
  );
}

async function untilHealthy(url: string, hasEnded: () => boolean, log: () => string): Promise<void> {
  for (const start = performance.now(); performance.now() - start < 90_000;) {
    if (hasEnded()) break;
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok === true) return;
    await setTimeout(250);
  }
  throw new Error(`MLflow's server did not start:\n${log().split("\n").slice(-20).join("\n")}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // SAFETY: it listens on a port.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
