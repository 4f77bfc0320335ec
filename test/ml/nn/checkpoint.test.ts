import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { leaves } from "../../../ml/graph/trees.ts";
import { readSafetensors } from "../../../ml/graph/safetensors/read.ts";
import { settle } from "../../support/settle.ts";
import { checkpointedFit, type CheckpointedParameters } from "./checkpointed-fit.ts";

async function numbers(parameters: CheckpointedParameters): Promise<Record<string, number[]>> {
  const found = leaves(parameters).map(
    async ([path, tensor]) => [path, Array.from(await tensor.data(), Number)] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

describe("checkpoints of a training", function () {
  this.timeout(60_000);
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tenon-checkpoint-"));
    path = join(folder, "training.safetensors");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("a training that was stopped goes on to the same result, bit for bit, its history included", async () => {
    const whole = await checkpointedFit(6);
    const stop = (epoch: { readonly epoch: number }): Promise<void> =>
      epoch.epoch === 3 ? Promise.reject(new Error("stop")) : Promise.resolve();
    await assert.rejects(checkpointedFit(6, path, { onEpoch: stop }), /stop/);
    const rest = await checkpointedFit(6, path);
    assert.deepEqual(await numbers(rest.parameters), await numbers(whole.parameters));
    const losses = (fitted: typeof whole): unknown =>
      fitted.history.map(({ epoch, loss, validation, learningRate }) => [
        epoch,
        loss,
        validation?.loss,
        learningRate,
      ]);
    assert.deepEqual(losses(rest), losses(whole));
  });

  it("goes on after kill -9 as well", async () => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", fileURLToPath(new URL("checkpointed-fit.ts", import.meta.url)), path],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    assert.ok(await settle(() => existsSync(path), 30_000), "no checkpoint came");
    const first = readFileSync(path);
    assert.ok(await settle(() => !readFileSync(path).equals(first), 30_000), "no second checkpoint came");
    child.kill("SIGKILL");
    await once(child, "exit");
    const { metadata } = await readSafetensors(path);
    const done = (JSON.parse(metadata["history"] ?? "") as readonly unknown[]).length;
    const whole = await checkpointedFit(done + 2);
    const rest = await checkpointedFit(done + 2, path);
    assert.equal(rest.history.length, done + 2);
    assert.deepEqual(await numbers(rest.parameters), await numbers(whole.parameters));
  });

  it("a training that has ended is not trained again", async () => {
    const { parameters } = await checkpointedFit(2, path);
    const before = readFileSync(path);
    const again = await checkpointedFit(2, path);
    assert.deepEqual(await numbers(again.parameters), await numbers(parameters));
    assert.ok(readFileSync(path).equals(before));
  });

  it("refuses a checkpoint of another training, and what is none", async () => {
    await checkpointedFit(1, path);
    await assert.rejects(checkpointedFit(2, path, { seed: 6 }), {
      name: "InvalidInputError",
      message: /is the checkpoint of another training/,
    });
    const bytes = readFileSync(path);
    writeFileSync(path, bytes.subarray(0, bytes.length - 100));
    await assert.rejects(checkpointedFit(2, path), { name: "SafetensorsFileError" });
    writeFileSync(path, "not a checkpoint");
    await assert.rejects(checkpointedFit(2, path), { name: "SafetensorsFileError" });
  });
});
