/** @file Threads of a model that compute for too long, in a server that goes on. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { startServing, type RunningService } from "../../../ml/serve/index.ts";
import { openOperations, type Operations } from "../../../ml/serve/operations/operations.ts";
import { type OperationsInput, parseOperations } from "../../../ml/serve/operations/settings.ts";
import { ask, post, type Answer } from "./served-loans.ts";
import { slowCall, writeSlowModel } from "./slow-model.ts";

describe("A thread of a model that doesn't reply", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "tenon-hanging-"));
  const warnings: string[] = [];
  let service: RunningService;
  let operations: Operations;
  /** So many rows that they take longer than a thread may. */
  const endless = 150;

  const start = async (limits: OperationsInput["limits"], instances: number): Promise<void> => {
    operations = await openOperations(parseOperations({ limits: { maxComputeSeconds: 0.5, ...limits } }), {
      onError: (error) => assert.fail(String(error)),
      onWarning: (warning) => warnings.push(warning),
    });
    service = await startServing({
      models: join(folder, "slow"),
      port: 0,
      instances,
      batching: { maxBatchSize: 1 },
      ...operations.serving,
    });
  };
  const infer = async (rows: number): Promise<Answer> =>
    post(service, "/v2/models/slow/infer", slowCall(rows));
  const metrics = async (): Promise<string> => (await ask(service, "/metrics")).text;

  const ends: Promise<unknown>[] = [];
  const note = (thread: Worker): void => void ends.push(once(thread, "exit"));

  before(async () => {
    process.on("worker", note);
    await writeSlowModel(join(folder, "slow"));
  });
  after(async () => {
    process.off("worker", note);
    // ONNX Runtime's native code ends the whole process where it is still computing when that ends.
    await Promise.all(ends);
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await service.close();
    await operations.close();
    warnings.splice(0);
  });

  it("fails its own call, clearly, and nobody else's, and is replaced", async () => {
    await start({}, 2);
    assert.equal((await infer(1)).status, 200);
    const hanging = infer(endless);
    const others: number[] = [];
    const over = new AbortController();
    void hanging.finally(() => over.abort());
    while (!over.signal.aborted) others.push((await infer(1)).status);
    const { status, json } = await hanging;
    assert.equal(status, 504);
    assert.match(String(Object(json).error), /did not answer in 0\.5 s and was stopped/);
    assert.ok(others.length > 3 && others.every((each) => each === 200), String(others));
    assert.match(await metrics(), /tenon_engine_hangs_total 1\n/);
    assert.match(warnings.join(), /^slow, version 1: the model did not answer in 0\.5 s/);
    // Both threads are there again.
    assert.deepEqual(
      (await Promise.all(Array.from({ length: 8 }, () => infer(1)))).map((answer) => answer.status),
      Array.from({ length: 8 }, () => 200),
    );
  });

  it("is one of so many at most, and the model answers again when they are done", async () => {
    await start({}, 1);
    for (let count = 0; count < 2; count++) assert.equal((await infer(endless)).status, 504);
    const begun = performance.now();
    const { status } = await infer(1);
    // What hangs may have come to its end meanwhile.
    if (status !== 200) {
      assert.equal(status, 503);
      assert.ok(performance.now() - begun < 400);
    }
    while ((await infer(1)).status !== 200) await sleep(100);
  });

  it("is a failure of the model, which opens its circuit", async () => {
    await start({ circuit: { failureRate: 0.5, minimumRequests: 1 } }, 1);
    assert.equal((await infer(endless)).status, 504);
    assert.match(await metrics(), /tenon_circuit_open\{model="slow",version=""\} 1\n/);
    const { status, headers } = await infer(1);
    assert.deepEqual([status, Number(headers.get("retry-after")) > 0], [503, true]);
  });
});
