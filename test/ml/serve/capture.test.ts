import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { read } from "../../../ml/data/index.ts";
import { Capture } from "../../../ml/serve/capture/capture.ts";
import { observedInfer } from "../../../ml/serve/observe/observed-infer.ts";
import { refused } from "../refused.ts";
import { answer, call, context, tensor } from "./calls.ts";

describe("Capture", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "tenon-capture-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("holds no more than so many elements, however few the rows are", async () => {
    const capture = new Capture({ folder, share: 1 }, (error) => assert.fail(String(error)));
    const wide = {
      name: "x",
      datatype: "FP32",
      shape: [1, 2 ** 24],
      data: new Float32Array(2 ** 24),
    } as const;
    const infer = observedInfer((request) => answer(request, 1), [capture]);
    for (let count = 0; count < 3; count++) void infer(call({ inputs: [wide] }), context());
    assert.equal(capture.dropped, 2);
    await capture.close();
    assert.equal(capture.written, 1);
  });

  const texts = (...data: string[]) =>
    ({ name: "city", datatype: "BYTES", shape: [data.length], data }) as const;

  it("writes rows of calls and answers to Parquet by model and version, without what is redacted", async () => {
    const errors: unknown[] = [];
    const capture = new Capture({ folder, share: 1, redact: { "*": ["name"], risk: ["ssn"] } }, (error) =>
      errors.push(error),
    );
    const infer = observedInfer(
      (request) => ({
        ...answer(request, 0.25, "3"),
        outputs: [
          { name: "p", datatype: "FP32", shape: [2, 2], data: Float32Array.of(0.25, 0.75, 0.5, 0.5) },
          { name: "ok", datatype: "BOOL", shape: [2], data: Uint8Array.of(1, 0) },
        ],
      }),
      [capture],
    );
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    void infer(
      call({
        id: "q",
        inputs: [
          tensor("age", [[30], [Number.NaN]]),
          texts("Bern", ""),
          { ...texts("1", "2"), name: "ssn" },
          { ...texts("a", "b"), name: "name" },
        ],
      }),
      context({ caller: { name: "team", address: "::1" }, traceparent }),
    );
    await capture.close();
    assert.deepEqual(errors, []);
    assert.deepEqual([capture.written, capture.dropped], [2, 0]);
    const place = join(folder, "model=risk", "version=3");
    const [file = ""] = readdirSync(place);
    const table = await read(join(place, file));
    const rows = await table.rows();
    assert.deepEqual(
      rows.map((row) => {
        const { time, duration_ms: duration, ...rest } = row as Record<string, unknown>;
        assert.ok(time instanceof Date && Math.abs(time.getTime() - Date.now()) < 60_000);
        assert.ok(typeof duration === "number" && duration >= 0);
        return rest;
      }),
      [0, 1].map((row) => ({
        request_id: "q",
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
        protocol: "v2",
        caller: "team",
        row,
        input_age: row === 0 ? 30 : Number.NaN,
        input_city: row === 0 ? "Bern" : "",
        output_p_0: row === 0 ? 0.25 : 0.5,
        output_p_1: row === 0 ? 0.75 : 0.5,
        output_ok: row === 0,
        // Of the folders' names.
        model: "risk",
        version: 3,
      })),
    );
  });

  it("keeps a share of the calls, and leaves out and counts what is too much", async () => {
    let at = 0;
    const capture = new Capture(
      { folder, share: 0.25, maxWaitingRows: 10 },
      () => {},
      () => (at++ % 4) / 4,
    );
    const infer = observedInfer((request) => answer(request, 1), [capture]);
    for (let count = 0; count < 80; count++) void infer(call(), context());
    await capture.close();
    assert.deepEqual([capture.written, capture.dropped], [10, 10]);
  });

  it("counts what can't be written and goes on", async () => {
    const errors: unknown[] = [];
    const place = join(folder, "file");
    writeFileSync(place, "");
    const capture = new Capture({ folder: place, share: 1 }, (error) => errors.push(error));
    const infer = observedInfer((request) => answer(request, 1), [capture]);
    void infer(call(), context());
    await capture.flush();
    assert.equal(errors.length, 1);
    rmSync(place);
    void infer(call(), context());
    await capture.close();
    assert.deepEqual([capture.written, capture.dropped], [1, 1]);
    assert.ok(existsSync(join(place, "model=risk", "version=1")));
  });

  it("keeps names of models within the folder", async () => {
    const capture = new Capture({ folder, share: 1 }, () => {});
    void observedInfer((request) => answer(request, 1, "../../x"), [capture])(
      call({ model: "../up" }),
      context(),
    );
    await capture.close();
    assert.deepEqual(readdirSync(folder), ["model=..%2Fup"]);
  });

  it("refuses settings that are none", async () => {
    await refused(() => new Capture({ folder, share: 2 }, () => {}), /from 0 to 1/);
    await refused(() => new Capture({ folder, share: 1, flushSeconds: 0 }, () => {}), /flushSeconds/);
  });
});
