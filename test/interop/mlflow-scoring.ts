/** @file MLflow's client of scoring servers asks `tenon serve`, and SageMaker's container contract holds. */
import assert from "node:assert/strict";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { type OurService, runPythonClient, whileServing } from "./serving/our-service.ts";

export const mlflowScoring: InteropSuite = {
  name: "mlflow-scoring",
  about:
    "MLflow's client of scoring servers and its documented requests on `tenon serve`; SageMaker's container contract",
  peer: "mlflow 3.17.2",
  run: async () => {
    const byClient = await runPythonClient("mlflow-scoring", "mlflow_scoring.py", "status");
    const checks = new Checks();
    await whileServing(async (service) => checkContainer(checks, service), "status");
    const { passed, failed, failures } = checks.result;
    return {
      passed: byClient.passed + passed,
      failed: byClient.failed + failed,
      skipped: byClient.skipped,
      failures: [...byClient.failures, ...failures],
    };
  },
};

/** What SageMaker asks of a container that hosts a model: `/ping` answers 200 within two seconds, `/invocations` a body. */
async function checkContainer(checks: Checks, { url, facts }: OurService): Promise<void> {
  await checks.check("SageMaker: /ping answers 200 in time, with no body needed", async () => {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2000) });
    assert.equal(response.status, 200);
  });
  const columns = Object.entries(facts.status.columns);
  const records = facts.status.label.map((_, row) => columns.map(([, values]) => values[row]));
  const labels = async (type: string, body: string, accept: string): Promise<unknown> => {
    const headers = {
      "content-type": type,
      accept,
      "x-amzn-sagemaker-custom-attributes": "trace=1",
    };
    const response = await fetch(`${url}/invocations`, { method: "POST", headers, body });
    const text = await response.text();
    assert.equal(response.status, 200, text);
    const { predictions } = JSON.parse(text) as {
      readonly predictions: readonly { readonly label: unknown }[];
    };
    return predictions.map(({ label }) => label);
  };
  await checks.check("SageMaker: /invocations takes CSV without names", async () => {
    const csv = records.map((row) => row.join(",")).join("\n");
    assert.deepEqual(await labels("text/csv", csv, "application/json"), facts.status.label);
  });
  await checks.check("SageMaker: /invocations takes JSON", async () => {
    const instances = records.map((row) => Object.fromEntries(columns.map(([name], at) => [name, row[at]])));
    assert.deepEqual(
      await labels("application/json", JSON.stringify({ instances }), "application/json"),
      facts.status.label,
    );
  });
}
