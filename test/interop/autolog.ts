/** @file Autolog to MLflow's own server, read back by its client. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { fromRows, read } from "../../ml/data/index.ts";
import { columns, standardScaler } from "../../ml/features/index.ts";
import { ridge } from "../../ml/linear/index.ts";
import { pipeline } from "../../ml/pipeline/index.ts";
import { disconnect } from "../../ml/track/connection.ts";
import { autolog, setTrackingUri } from "../../ml/track/index.ts";
import { float, optimize, space } from "../../ml/tune/index.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { startMlflowServer } from "./mlflow.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const texts = v.record(v.string(), v.string());
const runsSchema = v.array(
  v.object({
    id: v.string(),
    name: v.string(),
    status: v.string(),
    params: texts,
    metrics: v.record(v.string(), v.number()),
    tags: texts,
    datasets: v.array(
      v.object({
        name: v.string(),
        context: v.string(),
        columns: v.array(v.string()),
        rows: v.nullable(v.number()),
      }),
    ),
    artifacts: v.array(v.string()),
    predictions: v.array(v.number()),
  }),
);

export const autologRuns: InteropSuite = {
  name: "autolog",
  about:
    "fits and searches that log themselves to `mlflow server`; MLflow's client reads runs, nesting, data and models",
  peer: "mlflow 3.17.2",
  run: () =>
    withScratchFolder(async (folder) => {
      const requirements = join(import.meta.dirname, "mlflow-models/requirements.txt");
      const { python, env } = await pythonEnvironment("mlflow-models", requirements);
      const server = await startMlflowServer(python, env, folder);
      process.env["XDG_STATE_HOME"] = join(folder, "state");
      const checks = new Checks();
      try {
        setTrackingUri(server.url);
        autolog({ logModels: true });
        const file = join(folder, "rows.csv");
        const lines = Array.from({ length: 50 }, (_, row) => `${row},${Math.sin(row)},${2 * row + 1}`);
        writeFileSync(file, `a,b,y\n${lines.join("\n")}\n`);
        const features = columns({ a: standardScaler(), b: standardScaler() });
        const fitted = await pipeline(features, ridge({ alpha: 0.5 })).fit(await read(file), { target: "y" });
        const study = await optimize(({ x }) => x ** 2, {
          space: space({ x: float(-1, 1) }),
          trials: 3,
          name: "search",
        });
        autolog({ disable: true });
        const [ours = Number.NaN] = await fitted.predict(await fromRows([{ a: 3, b: 0.5 }]));
        const { stdout } = await runCommand(
          python,
          [join(import.meta.dirname, "autolog/read_runs.py"), server.url],
          {
            env: { ...env, HOME: folder },
            timeout: 120_000,
          },
        );
        const [fit, search, ...trials] = v.parse(runsSchema, JSON.parse(stdout));
        await checks.check("a fit's settings, measures and place", () => {
          assert.equal(fit?.status, "FINISHED");
          assert.equal(fit.params["alpha"], "0.5");
          assert.ok((fit.metrics["training_r2"] ?? 0) > 0.99);
          assert.match(fit.tags["mlflow.source.git.commit"] ?? "", /^[0-9a-f]{40}$/);
          assert.ok(fit.artifacts.includes("environment/environment.json"));
        });
        await checks.check("a fit's data, loaded from where it was read", () => {
          assert.deepEqual(fit?.datasets, [
            { name: "rows.csv", context: "training", columns: ["a", "b", "y"], rows: 50 },
          ]);
        });
        await checks.check("a fit's model, which predicts the same", () => {
          assert.equal(fit?.predictions.length, 1);
          assert.ok(
            Math.abs((fit.predictions[0] ?? Number.NaN) - ours) < 1e-4 * Math.abs(ours),
            `${fit.predictions[0]}, not ${ours}`,
          );
        });
        await checks.check("a search and its trials, nested in it", () => {
          assert.equal(search?.name, "search");
          assert.equal(search.metrics["best_value"], study.best.value);
          assert.equal(trials.length, 3);
          for (const { number, settings } of study.trials) {
            const trial = trials.find(({ name }) => name === `search ${number}`);
            assert.equal(trial?.tags["mlflow.parentRunId"], search.id);
            assert.equal(trial.params["x"], String(settings?.x));
          }
        });
      } finally {
        autolog({ disable: true });
        await disconnect();
        setTrackingUri();
        delete process.env["XDG_STATE_HOME"];
        await server.stop();
      }
      return checks.result;
    }),
};
