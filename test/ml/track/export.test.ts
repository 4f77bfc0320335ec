/** @file Exported runs. That others read them, `npm run interop -- run-exports` shows. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { exportRunToJson, exportRunToTensorBoard, exportRunToWandb, run } from "../../../ml/track/index.ts";
import { jsonNumber } from "../../../ml/track/export/json.ts";
import { paramValue } from "../../../ml/track/export/recorded-run.ts";
import { crc32c, tfRecord } from "../../../ml/track/export/tf-record.ts";
import { logChunks } from "../../../ml/track/export/wandb-log.ts";
import { historyRows } from "../../../ml/track/export/wandb-rows.ts";
import { statsName } from "../../../ml/track/export/wandb-stats.ts";
import { scratchStore } from "./scratch-store.ts";

describe("exports of runs", () => {
  const store = scratchStore();

  it("sum bytes as RFC 3720 has it", () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, at) => at);
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
    assert.equal(crc32c(ascending), 0x46dd794e);
    assert.equal(crc32c(ascending.toReversed()), 0x113fdb5c);
    assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
    assert.equal(crc32c(new Uint8Array()), 0);
  });

  it("frame a record as TensorFlow does", () => {
    // By tensorboard 2.21.0's RecordWriter.
    const expected = `1800000000000000a37f4b22${"00".repeat(24)}cff45f7c`;
    assert.equal(Buffer.from(tfRecord(new Uint8Array(24))).toString("hex"), expected);
  });

  for (const sizes of [
    [0, 1, 5],
    [32_747],
    [32_754, 3],
    [32_760, 10],
    [32_748, 1],
    [200_000],
    [32_754, 32_761, 32_762, 9],
  ])
    it(`frame records of ${sizes.join(", ")} bytes as LevelDB does`, () => {
      const records = sizes.map((size, at) => new Uint8Array(size).fill(at + 1));
      assert.deepEqual(
        readLog(Buffer.concat([...logChunks(records)])),
        records.map((record) => Buffer.from(record)),
      );
    });

  it("have rows of W&B in ascending steps", () => {
    const point = (step: number, value: number, timestamp = 1) => ({ key: "k", step, value, timestamp });
    const rows = historyRows(
      new Map([
        ["loss", [point(-2, 1), point(0, 2), point(0, 3, 5), point(7, 4)]],
        ["counted", [point(0, 10), point(0, 11), point(0, 12)]],
        ["once", [point(3, 9)]],
      ]),
    );
    assert.deepEqual(
      rows.map(({ step, timestamp, values }) => [step, timestamp, Object.fromEntries(values)]),
      [
        [0, 1, { loss: 1 }],
        [2, 5, { loss: 3, counted: 10 }],
        [3, 1, { counted: 11 }],
        [4, 1, { counted: 12 }],
        [5, 1, { once: 9 }],
        [9, 1, { loss: 4 }],
      ],
    );
    assert.deepEqual(historyRows(new Map()), []);
  });

  it("tell numbers and truth values of params from texts", () => {
    for (const [text, value] of [
      ["1", 1],
      ["-0.5", -0.5],
      ["1e-3", 0.001],
      ["true", true],
      ["false", false],
      ["True", "True"],
      ["", ""],
      [" ", " "],
      ["007", "007"],
      ["0x10", "0x10"],
      ["NaN", "NaN"],
      ["Infinity", "Infinity"],
      ["1,000", "1,000"],
      ["[1]", "[1]"],
    ] as const)
      assert.equal(paramValue(text), value, text);
  });

  it("write numbers that JSON lacks as texts", () => {
    assert.deepEqual([NaN, Infinity, -Infinity, -0, 0.1, 1e300].map(jsonNumber), [
      '"NaN"',
      '"Infinity"',
      '"-Infinity"',
      "-0.0",
      "0.1",
      "1e+300",
    ]);
  });

  it("know W&B's names for measures of the hardware", () => {
    assert.equal(statsName("system/cpu_utilization_percentage"), "cpu");
    assert.equal(statsName("system/gpu_12_power_usage_watts"), "gpu.12.powerWatts");
    assert.equal(statsName("system/gpu_0_unheard_of"), "gpu_0_unheard_of");
    assert.equal(statsName("system/disk"), "disk");
  });

  it("hold everything in JSON, and replace what was exported before", async () => {
    const id = await run({ runName: "ä", tags: { team: "core" } }, async (logged) => {
      logged.logMetrics({ loss: 0.1, odd: NaN }, { step: 3, timestamp: 1000 });
      logged.logParam("depth", 3);
      logged.logInput({ name: "rows", digest: "abc", sourceType: "code", source: "{}" }, "training");
      await logged.logText("x", "a.txt");
      return logged.info.runId;
    });
    writeFileSync(store.path(`${id}.json`), "old");
    const path = await exportRunToJson(id, store.path());
    const found: unknown = JSON.parse(readFileSync(path, "utf8"));
    const { version, info, params, metrics, inputs } = Object(found);
    assert.equal(version, 1);
    assert.equal(info.runName, "ä");
    assert.deepEqual(params, { depth: "3" });
    assert.deepEqual(metrics, { loss: [[3, 1000, 0.1]], odd: [[3, 1000, "NaN"]] });
    assert.equal(inputs.datasetInputs[0].digest, "abc");
  });

  it("are made of runs that have nothing, and that still go on", async () => {
    const logged = await run({ runName: "empty" });
    try {
      await logged.flush();
      const { runId } = logged.info;
      assert.deepEqual(
        Object(JSON.parse(readFileSync(await exportRunToJson(runId, store.path("json")), "utf8"))).metrics,
        {},
      );
      assert.ok(readFileSync(await exportRunToTensorBoard(runId, store.path("events"))).length > 50);
      const folder = await exportRunToWandb(runId, store.path("wandb"));
      assert.deepEqual(readdirSync(folder).sort(), ["files", "logs", `run-${runId}.wandb`]);
      assert.ok(readLog(readFileSync(join(folder, `run-${runId}.wandb`))).length >= 5);
    } finally {
      await logged.end();
    }
  });

  it("fail for a run that there is not, and write nothing", async () => {
    const folder = store.path("nothing");
    for (const write of [exportRunToJson, exportRunToTensorBoard, exportRunToWandb])
      await assert.rejects(write("0".repeat(32), folder), { name: "TrackingError" });
    assert.throws(() => readdirSync(folder), /ENOENT/);
  });

  it("leave nothing half written where the folder can't be", async () => {
    const id = await run((logged) => logged.info.runId);
    writeFileSync(store.path("in-the-way"), "");
    for (const write of [exportRunToJson, exportRunToTensorBoard, exportRunToWandb])
      await assert.rejects(write(id, store.path("in-the-way/deeper")), { code: "ENOTDIR" });
  });
});

/** The records of a log, read by LevelDB's rules. */
function readLog(log: Buffer): Buffer[] {
  assert.equal(log.subarray(0, 7).toString("hex"), "3a572642e1be00");
  const records: Buffer[] = [];
  let parts: Buffer[] = [];
  for (let at = 7; at < log.length;) {
    const left = 32_768 - (at % 32_768);
    if (left < 7) {
      assert.deepEqual(log.subarray(at, at + left), Buffer.alloc(left));
      at += left;
      continue;
    }
    const [sum, length, kind] = [log.readUInt32LE(at), log.readUInt16LE(at + 4), log[at + 6] ?? 0];
    assert.ok(7 + length <= left, "a part goes over the end of its block");
    assert.equal(crc32(log.subarray(at + 6, at + 7 + length)), sum);
    assert.ok(parts.length === 0 ? kind === 1 || kind === 2 : kind === 3 || kind === 4, `kind ${kind}`);
    parts.push(log.subarray(at + 7, at + 7 + length));
    if (kind === 1 || kind === 4) {
      records.push(Buffer.concat(parts));
      parts = [];
    }
    at += 7 + length;
  }
  assert.equal(parts.length, 0);
  return records;
}
