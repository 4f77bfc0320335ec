/** @file MLflow: our client logs to its server, and its own client reads back what was logged. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { disconnect } from "../../ml/track/connection.ts";
import { setTrackingUri } from "../../ml/track/index.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite, parseSuiteResult } from "./interop-suite.ts";
import { logAll } from "./mlflow-track/log-all.ts";
import { startMlflowServer } from "./mlflow.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const requirements = join(import.meta.dirname, "mlflow-models/requirements.txt");

export const mlflowTrack: InteropSuite = {
  name: "mlflow-track",
  about:
    "our client logs to `mlflow server`: runs, 10,000 metrics, artifacts, tables, figures, models; MLflow's client reads all back and loads the models",
  peer: "mlflow 3.17.2",
  run: () =>
    withScratchFolder(async (folder) => {
      const { python, env } = await pythonEnvironment("mlflow-models", requirements);
      const server = await startMlflowServer(python, env, folder);
      process.env["XDG_STATE_HOME"] = join(folder, "state");
      try {
        setTrackingUri(server.url);
        const checks = new Checks();
        const expected = await logAll(checks, folder, server.url);
        const path = join(folder, "expected.json");
        writeFileSync(path, JSON.stringify(expected));
        const script = join(import.meta.dirname, "mlflow-track/read_back.py");
        const { stdout } = await runCommand(python, [script, server.url, path], {
          env: { ...env, HOME: folder },
          timeout: 170_000,
        });
        const theirs = parseSuiteResult(stdout);
        if (!theirs) throw new Error(`no counts in ${stdout.slice(-500)}`);
        const { passed, failed, failures } = checks.result;
        return {
          passed: passed + theirs.passed,
          failed: failed + theirs.failed,
          skipped: 0,
          failures: [...failures, ...theirs.failures],
        };
      } finally {
        await disconnect();
        setTrackingUri();
        delete process.env["XDG_STATE_HOME"];
        await server.stop();
      }
    }),
};
