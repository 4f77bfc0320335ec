import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runtimeContents } from "../../../ml/graph/index.ts";
import { readSafetensors } from "../../../ml/graph/safetensors/read.ts";
import { sharedRuntime } from "../../../ml/graph/shared-runtime.ts";
import { adam } from "../../../ml/nn/index.ts";
import { Training } from "../../../ml/nn/training/training.ts";
import { settle } from "../../support/settle.ts";
import { numbersOf } from "./applicants.ts";
import { prefetchedFit, prefetchedModel, prefetchedRows, type PrefetchedRows } from "./prefetched-fit.ts";

describe("batches gathered ahead by a thread of their own", function () {
  this.timeout(60_000);
  before(function () {
    // Where there is one processor, a thread would only take its turns from the steps.
    if (availableParallelism() === 1) this.skip();
  });

  it("are those that the runtime's thread gathers itself, bit for bit", async () => {
    const data = prefetchedRows();
    const trained = async (batchSizeOfKeep: number) => {
      const form = data.batch(64);
      await using training = await Training.create(
        {
          parameters: prefetchedModel.init(1),
          loss: (parameters, batch) => {
            const { x, y } = batch as PrefetchedRows;
            return prefetchedModel.apply(parameters, x).sub(y).square().mean();
          },
          optimizer: adam(),
        },
        form,
      );
      const number = await training.keep(data, batchSizeOfKeep);
      const rows = Uint32Array.from({ length: 64 * 40 }, (_, at) => (at * 7919) % data.rows);
      const isAhead = training.announce({ data: number, rows, batchSize: 64 }).job !== undefined;
      const rates = new Float64Array(40).fill(0.01);
      const { losses } = await training.steps(form, { data: number, rows, batchSize: 64 }, rates, 0);
      return { isAhead, losses, parameters: await numbersOf(training.parameters(await training.snapshot())) };
    };
    const [ahead, here] = [await trained(64), await trained(1)];
    assert.deepEqual([ahead.isAhead, here.isAhead], [true, false]);
    assert.deepEqual(ahead.losses, here.losses);
    assert.deepEqual(ahead.parameters, here.parameters);
  });

  it("train to the same in each run, in two at once as well", async () => {
    const [first, ...others] = await Promise.all([prefetchedFit(3), prefetchedFit(3), prefetchedFit(3)]);
    const expected = await numbersOf(first?.parameters ?? {});
    for (const { parameters } of others) assert.deepEqual(await numbersOf(parameters), expected);
  });

  it("a training goes on from its checkpoint after kill -9 to the same result", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-prefetch-"));
    try {
      const path = join(folder, "training.safetensors");
      const program = fileURLToPath(new URL("prefetched-fit.ts", import.meta.url));
      const child = spawn(process.execPath, ["--import", "tsx", program, path], {
        stdio: ["ignore", "inherit", "inherit"],
      });
      assert.ok(await settle(() => existsSync(path), 30_000), "no checkpoint came");
      const first = readFileSync(path);
      assert.ok(await settle(() => !readFileSync(path).equals(first), 30_000), "no second checkpoint came");
      child.kill("SIGKILL");
      await once(child, "exit");
      const { metadata } = await readSafetensors(path);
      const done = (JSON.parse(metadata["history"] ?? "") as readonly unknown[]).length;
      const rest = await prefetchedFit(done + 2, { checkpoint: path });
      const whole = await prefetchedFit(done + 2);
      assert.deepEqual(await numbersOf(rest.parameters), await numbersOf(whole.parameters));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("are given up with a training that is stopped: nothing is left, and memory does not grow", async () => {
    const stopped = async (): Promise<void> => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("enough")), 30);
      await assert.rejects(prefetchedFit(1_000_000, { signal: controller.signal }), /enough/);
    };
    for (let time = 0; time < 3; time++) await stopped();
    const before = process.memoryUsage.rss();
    for (let time = 0; time < 10; time++) await stopped();
    const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
    // Each of them had 18 MiB of rows there.
    assert.ok(grown < 90, `${grown.toFixed(0)} MiB more`);
    const { trainings, datasets } = await runtimeContents();
    assert.deepEqual({ trainings, datasets }, { trainings: 0, datasets: 0 });
    await prefetchedFit(1);
  });

  it("say which row is not finite", async () => {
    await assert.rejects(prefetchedFit(1, { data: prefetchedRows({ row: 4321, value: Number.NaN }) }), {
      name: "TrainingDivergedError",
      message: /"x" holds NaN in row 4321 of the data/,
    });
    await prefetchedFit(1);
  });

  it("a training whose thread of batches ends is told so, and the next one has another", async () => {
    const gatherer = await (await sharedRuntime()).gatherer();
    const ending = prefetchedFit(1_000_000, {
      onEpoch: async ({ epoch }) => {
        if (epoch === 2) await gatherer.close();
      },
    });
    await assert.rejects(ending, {
      name: "RuntimeError",
      message: /the thread that gathers batches has ended/,
    });
    const { history } = await prefetchedFit(1);
    assert.equal(history.length, 1);
  });
});
