import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openDatabase, read, tableSource } from "../../../ml/data/index.ts";
import { columns, oneHot, standardScaler } from "../../../ml/features/index.ts";
import { randn } from "../../../ml/graph/index.ts";
import { readSafetensors } from "../../../ml/graph/safetensors/read.ts";
import { adam, fit, fromTable, linear, stream, streamTable } from "../../../ml/nn/index.ts";
import { settle } from "../../support/settle.ts";
import { applicants, columnsOf, numbersOf, streamed } from "./applicants.ts";
import { streamedTableFit } from "./streamed-table-fit.ts";

const ascending = (numbers: readonly number[]): readonly number[] => [...numbers].sort((a, b) => a - b);

describe("streamTable", function () {
  this.timeout(60_000);

  it("gives every row once in each epoch, in another order each, the same for the same seed", async () => {
    const table = await applicants(1000);
    const open = async (seed: number) =>
      streamTable(table, { features: ["row"], target: "age" }, { batchSize: 64, shuffleBuffer: 300, seed });
    const [stream, same, other] = [await open(1), await open(1), await open(2)];
    assert.equal(stream.batches, 16);
    const first = await streamed(stream, 1);
    const rows = Array.from({ length: 1000 }, (_, row) => row);
    assert.deepEqual(ascending(first), rows);
    const { age } = await table.arrays();
    const expected = first.map((row) => Math.fround(age[row] ?? 0));
    assert.deepEqual(await streamed(stream, 1, "target"), expected);
    assert.deepEqual(await streamed(same, 1), first);
    const second = await streamed(stream, 2);
    assert.deepEqual(ascending(second), rows);
    for (const different of [rows, second, await streamed(other, 1)]) assert.notDeepEqual(different, first);
    // A row can come no earlier than the buffer reaches.
    for (const [place, row] of first.entries()) assert.ok(row <= place + 300, `row ${row} came ${place}th`);
    const moved = first.reduce((sum, row, place) => sum + Math.abs(row - place), 0) / 1000;
    assert.ok(moved > 100, `a row moved by ${moved} places on average`);
  });

  it("with a buffer for all rows every row is as likely at every place", async () => {
    const table = await applicants(40);
    const made = await streamTable(table, { features: ["row"] }, { batchSize: 40, shuffleBuffer: 40 });
    const sums = new Float64Array(40);
    const epochs = 400;
    for (let epoch = 1; epoch <= epochs; epoch++)
      for (const [place, row] of (await streamed(made, epoch)).entries())
        sums[place] = (sums[place] ?? 0) + row / epochs;
    // Means of 400 draws from 0 … 39, whose deviation is 11.5 / 20.
    for (const [place, mean] of sums.entries())
      assert.ok(Math.abs(mean - 19.5) < 4 * 0.58, `place ${place} had row ${mean} on average`);
  });

  it("keeps the order without a buffer, and gives what fromTable gives, fitted features too", async () => {
    const table = await applicants(500);
    const fitted = await columns({ age: standardScaler(), home: oneHot() }).fit(table);
    const selection = {
      features: fitted,
      categories: { home: ["other", "owner", "rent"] },
      target: "bad",
    } as const;
    const made = await streamTable(table, selection, { batchSize: 64, shuffleBuffer: 0 });
    const whole = await columnsOf(await fromTable(table, selection));
    for (const [path, numbers] of Object.entries(whole))
      assert.deepEqual(await streamed(made, 3, path), numbers, path);
  });

  it("trains to the same in each run, and after kill -9", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-stream-"));
    try {
      const path = join(folder, "training.safetensors");
      const program = fileURLToPath(new URL("streamed-table-fit.ts", import.meta.url));
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
      await assert.rejects(streamedTableFit(done + 1, { checkpoint: path }, { seed: 2 }), {
        name: "InvalidInputError",
        message: /is the checkpoint of another training/,
      });
      const rest = await streamedTableFit(done + 1, { checkpoint: path });
      const whole = await streamedTableFit(done + 1);
      assert.deepEqual(await numbersOf(rest.parameters), await numbersOf(whole.parameters));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("says by its name what fails in the middle of a fit", async () => {
    await assert.rejects(streamedTableFit(1, {}, { failsAt: 15_000 }), {
      name: "QueryError",
      message: /the disk is gone/,
    });
    const { history } = await streamedTableFit(1);
    assert.equal(history.length, 1);
  });

  it("and a file that changes between epochs", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tenon-stream-"));
    try {
      const path = join(folder, "rows.csv");
      writeFileSync(path, `x,y\n${"1.5,2\n".repeat(300)}`);
      const table = await read(path);
      const data = await streamTable(table, { features: ["x"], target: "y" });
      const model = linear(1, 1);
      const training = fit({
        parameters: model.init(1),
        loss: (parameters, { features, target }) =>
          model.apply(parameters, features).sub(target).square().mean(),
        data,
        optimizer: adam(),
        learningRate: 0.01,
        epochs: 5,
        onEpoch: () => writeFileSync(path, `x,y\n${"1.5,3\n".repeat(400)}`),
      });
      await assert.rejects(training, { name: "FileChangedError" });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("a fit is stopped at once, also while batches are slow to come, and lets go of what they come from", async () => {
    const controller = new AbortController();
    let isOpen = false;
    const slow = stream({
      batches: 10,
      open: async function* () {
        isOpen = true;
        try {
          for (let batch = 0; batch < 10; batch++) {
            yield { x: randn([8, 1], { seed: batch }) };
            await setTimeout(400);
          }
        } finally {
          isOpen = false;
        }
      },
    });
    const model = linear(1, 1);
    const training = fit({
      parameters: model.init(1),
      loss: (parameters, { x }) => model.apply(parameters, x).square().mean(),
      data: slow,
      optimizer: adam(),
      learningRate: 0.01,
      epochs: 5,
      signal: controller.signal,
    });
    // It waits for the second batch of the first epoch by then.
    assert.ok(await settle(() => isOpen, 5000));
    await setTimeout(100);
    const start = performance.now();
    controller.abort(new Error("enough"));
    await assert.rejects(training, /enough/);
    assert.ok(performance.now() - start < 200, "the fit waited for a batch");
    assert.ok(await settle(() => !isOpen, 2000), "the stream was left open");
  });

  it("refuses settings that make no sense, and no rows", async () => {
    const table = await applicants(10);
    for (const [settings, message] of [
      [{ batchSize: 0 }, /batchSize must be a whole number from 1, not 0/],
      [{ shuffleBuffer: -1 }, /shuffleBuffer must be a whole number from 0, not -1/],
      [{ seed: 0.5 }, /seed must be a whole number from 0, not 0.5/],
    ] as const)
      await assert.rejects(streamTable(table, { features: ["age"] }, settings), {
        name: "InvalidInputError",
        message,
      });
    using db = await openDatabase();
    const empty = await tableSource(db, "SELECT 1 AS x WHERE false");
    await assert.rejects(streamTable(empty, { features: ["x"] }), /the table has no rows/);
    const one = await streamTable(await tableSource(db, "SELECT 7 AS x"), { features: ["x"] });
    assert.deepEqual([one.batches, await streamed(one, 1)], [1, [7]]);
    // @ts-expect-error a misspelt column
    await assert.rejects(streamTable(table, { features: ["agee"] }), /did you mean "age"/);
  });
});
