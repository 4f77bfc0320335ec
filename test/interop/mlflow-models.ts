/** @file MLflow: it loads our packages by both of its flavors and serves them, and our clients ask its server. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { openDatabase } from "../../ml/data/index.ts";
import { pythonPackages } from "../../ml/package/mlflow-environment.ts";
import { readModel, writeModel, type PackagedModel } from "../../ml/package/index.ts";
import { writeMatrixModel } from "../ml/serve/matrix-model.ts";
import { amountPipeline, latePipeline, loanTable, statusPipeline } from "../ml/package/loan-models.ts";
import { type PythonEnvironment, pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";
import { assertSame, clientOf, flat, flatRow, freePort, whileServed } from "./served-model.ts";

const requirements = join(import.meta.dirname, "mlflow-models/requirements.txt");
const answerSchema = v.object({
  predictions: v.array(flatRow),
  ofExample: v.array(flatRow),
  withoutOptional: v.array(flatRow),
  ofAwareTimes: v.array(flatRow),
  missingRequired: v.nullable(v.string()),
  noValue: v.nullable(v.string()),
  ranks: v.record(v.string(), v.number()),
  outputNames: v.array(v.string()),
  flavors: v.array(v.string()),
});

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
      await checks.check(
        "MLflow serves a network that takes tensors, and our client is told the same",
        async () => {
          await writeMatrixModel(join(folder, "matrix"));
          await using model = await readModel(join(folder, "matrix"));
          await checkServedTensors(python, model, folder);
        },
      );
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

/** Calls back with the address of `mlflow models serve`. */
async function whileMlflowServes(
  { python, env }: PythonEnvironment,
  { directory }: PackagedModel,
  folder: string,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["-h", "127.0.0.1", "-p", String(port), "--env-manager", "local", "--workers", "1"];
  const command: [string, ...string[]] = [
    python,
    "-m",
    "mlflow",
    "models",
    "serve",
    "-m",
    directory,
    ...args,
  ];
  await whileServed({ command, env, cwd: folder }, `${url}/health`, async () => await use(url));
}

async function checkServedTensors(
  python: PythonEnvironment,
  model: PackagedModel,
  folder: string,
): Promise<void> {
  await whileMlflowServes(python, model, folder, async (url) => {
    const client = await clientOf(model.signature, folder, { url, protocol: "mlflow" });
    const rows = model.recorded?.rows ?? [];
    assert.ok(rows.length > 0);
    const answers = await client.predict(rows);
    for (const [at, { y }] of (await model.predict(rows)).entries())
      for (const [place, value] of Object.values(Object(y)).entries())
        assert.ok(Math.abs(Number(Object(answers[at])["y"][place]) - Number(value)) < 1e-5);
  });
}

async function checkServed(python: PythonEnvironment, model: PackagedModel, folder: string): Promise<void> {
  await whileMlflowServes(python, model, folder, async (url) => {
    const client = await clientOf(model.signature, folder, { url, protocol: "mlflow" });
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
    const told = v.parse(v.object({ predictions: v.array(flatRow) }), await response.json());
    assertSame(told.predictions, expected.slice(0, 5));
    const other = { ...model.signature, inputs: model.signature.inputs.slice(1) };
    const otherClient = await clientOf(other, folder, { url, protocol: "mlflow" });
    await assert.rejects(otherClient.predict(rows), {
      name: "ModelError",
      message: /age/,
    });
  });
}
