/** @file A model that is well and asked too much: it is neither left alone nor rolled back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startServing } from "../../../ml/serve/index.ts";
import { openOperations } from "../../../ml/serve/operations/operations.ts";
import { parseOperations } from "../../../ml/serve/operations/settings.ts";
import { ask, post } from "./served-loans.ts";
import { slowCall, writeSlowModel } from "./slow-model.ts";

describe("A model that is asked too much", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "tenon-overload-"));
  const path = "/v2/models/slow/infer";

  before(async () => {
    for (const version of ["1", "2"]) await writeSlowModel(join(folder, "models", "slow", version));
    const rule = {
      weights: [{ version: "2", weight: 1 }],
      gates: { baseline: "1", minimumRequests: 5, maxErrorRate: 0.01 },
    };
    writeFileSync(join(folder, "traffic.json"), JSON.stringify({ version: 1, models: { slow: rule } }));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("refuses what waited too long, with a closed circuit and its traffic where it was", async () => {
    const operations = await openOperations(
      parseOperations({
        limits: { circuit: { failureRate: 0.2, minimumRequests: 5 } },
        trafficRules: join(folder, "traffic.json"),
      }),
      { onError: (error) => assert.fail(String(error)) },
    );
    const service = await startServing({
      models: join(folder, "models"),
      port: 0,
      batching: { maxBatchSize: 1 },
      ...operations.serving,
    });
    try {
      const begun = performance.now();
      const { status } = await post(service, path, slowCall(4));
      const took = performance.now() - begun;
      assert.equal(status, 200);
      const timeout = Math.ceil(took * 5000);
      const answers = await Promise.all(
        Array.from({ length: 60 }, async () => (await post(service, path, slowCall(4, { timeout }))).status),
      );
      assert.ok(answers.filter((each) => each === 504).length > 20, String(answers));
      assert.ok(answers.includes(200), String(answers));
      // What was refused its caller is still in the engine's queue, and leaves it one by one.
      for (let text = ""; !/tenon_running_requests\{model="slow"\} 0\n/.test(text); await sleep(20))
        ({ text } = await ask(service, "/metrics"));
      operations.traffic?.checkGates();
      assert.equal((await post(service, path, slowCall(1))).status, 200);
      const { text } = await ask(service, "/metrics");
      assert.match(text, /tenon_circuit_open\{model="slow",version="2"\} 0\n/);
      assert.match(text, /tenon_traffic_rollbacks_total 0\n/);
      assert.match(text, /nv_inference_request_failure\{model="slow",reason="deadline"\} \d\d\n/);
    } finally {
      await service.close();
      await operations.close();
    }
  });
});
