/** @file The protocols of MLflow, SageMaker, Vertex AI and TF Serving, and binary tensors, on a real server. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { readModel, type ModelRow, type RowValue } from "../../../ml/package/index.ts";
import type { RunningService } from "../../../ml/serve/index.ts";

import { matrixAnswer, writeMatrixModel } from "./matrix-model.ts";
import { ask, loanPackages, post, serveModels, type Answer } from "./served-loans.ts";

/** A prediction: a record, or of a tensor its numbers. */
type Predicted = Readonly<Record<string, unknown>> & readonly number[];

describe("protocols", () => {
  let packages: Awaited<ReturnType<typeof loanPackages>>;
  let loans: RunningService;
  let matrix: RunningService;
  let rows: readonly ModelRow[];
  let expected: readonly unknown[];

  before(async () => {
    packages = await loanPackages();
    await using model = await readModel(join(packages.folder, "status"));
    rows = model.recorded?.rows ?? [];
    const outputs = await model.outputs(rows);
    const probabilities = outputs.get("probabilities") ?? [];
    expected = (outputs.get("label") ?? []).map((label, row) => ({
      label,
      probabilities_bad: probabilities[2 * row],
      probabilities_good: probabilities[2 * row + 1],
    }));
    await writeMatrixModel(join(packages.folder, "matrix"));
    process.env["AIP_PREDICT_ROUTE"] = "/predict";
    process.env["AIP_HEALTH_ROUTE"] = "/healthz";
    loans = await serveModels(join(packages.folder, "status"));
    matrix = await serveModels(join(packages.folder, "matrix"));
  });
  after(async () => {
    delete process.env["AIP_PREDICT_ROUTE"];
    delete process.env["AIP_HEALTH_ROUTE"];
    await loans?.close();
    await matrix?.close();
    await packages?.remove();
    await rm(packages.folder, { recursive: true, force: true });
  });

  const predictionsOf = ({ status, json, text }: Answer): readonly Predicted[] => {
    assert.equal(status, 200, text);
    return Object(json).predictions;
  };
  const assertPredictions = (answer: Answer): void => {
    const found = predictionsOf(answer);
    assert.equal(found.length, expected.length);
    for (const [row, record] of expected.entries())
      for (const [name, value] of Object.entries(Object(record)))
        if (typeof value === "number")
          assert.ok(Math.abs(Number(found[row]?.[name]) - value) < 1e-5, `${row} ${name}`);
        else assert.equal(found[row]?.[name], value);
  };
  const names = (): string[] => Object.keys(rows[0] ?? {});

  it("MLflow: all forms of input", async () => {
    const columns = names();
    const data = rows.map((row) => columns.map((name) => row[name]));
    assertPredictions(await post(loans, "/invocations", { dataframe_split: { columns, data } }));
    assertPredictions(
      await post(loans, "/invocations", {
        dataframe_split: { columns, data, index: rows.map((_, at) => at) },
      }),
    );
    assertPredictions(await post(loans, "/invocations", { dataframe_records: rows }));
    assertPredictions(await post(loans, "/invocations", { instances: rows }));
    const inputs = Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name])]));
    assertPredictions(await post(loans, "/invocations", { inputs }));
    const quoted = (value: RowValue): string =>
      value === null ? "" : `"${JSON.stringify(value).replaceAll('"', "")}"`;
    const csv = [columns, ...data].map((line) => line.map(quoted).join(",")).join("\r\n");
    assertPredictions(
      await ask(loans, "/invocations", {
        method: "POST",
        body: csv,
        headers: { "content-type": "text/csv" },
      }),
    );
    assert.equal((await ask(loans, "/version")).status, 200);
  });

  it("MLflow: errors in its form, naming what is wrong", async () => {
    const refused = async (body: unknown, headers = {}): Promise<string> => {
      const { status, json } = await post(loans, "/invocations", body, headers);
      assert.equal(status, 400);
      assert.equal(Object(json).error_code, "BAD_REQUEST");
      return String(Object(json).message);
    };
    assert.match(await refused({ rows }), /none of dataframe_split, dataframe_records, instances, inputs/);
    assert.match(
      await refused({ dataframe_split: { columns: ["age"], data: [[1, 2]] } }),
      /column "since" of row 0 has no value/,
    );
    assert.match(
      await refused({ dataframe_records: [{ ...rows[0], age: 1.5 }] }),
      /"age" of row 0 is 1.5, where a whole/,
    );
    assert.match(await refused({ dataframe_records: [{ years: 1 }] }), /no input "years"/);
    assert.match(await refused({ instances: [7] }), /instances\[0\] must be a list/);
    assert.match(await refused("a", { "content-type": "text/plain" }), /content type is text\/plain/);
  });

  it("SageMaker: ping and invocations", async () => {
    assert.equal((await ask(loans, "/ping")).status, 200);
    const columns = names();
    const csv = rows
      .slice(1, 2)
      .map((row) => columns.map((name) => row[name]).join(","))
      .join("\n");
    const answer = await ask(loans, "/invocations", {
      method: "POST",
      body: csv,
      headers: { "content-type": "text/csv" },
    });
    assert.equal(predictionsOf(answer)[0]?.["label"], Object(expected[1]).label);
  });

  const matrixRows = [1, 2, 3].map((scale) => Array.from({ length: 32 }, (_, at) => Math.sin(at * scale)));
  const assertMatrix = (found: readonly (readonly number[])[]): void => {
    assert.equal(found.length, matrixRows.length);
    for (const [row, values] of matrixRows.entries())
      for (const [at, value] of matrixAnswer(values).entries())
        assert.ok(Math.abs((found[row]?.[at] ?? Number.NaN) - value) < 1e-5);
  };

  it("Vertex AI: its routes and instances", async () => {
    assert.equal((await ask(matrix, "/healthz")).status, 200);
    assertMatrix(predictionsOf(await post(matrix, "/predict", { instances: matrixRows, parameters: {} })));
  });

  it("TF Serving: rows, columns, status and metadata", async () => {
    const place = "/v1/models/matrix";
    assertMatrix(predictionsOf(await post(matrix, `${place}:predict`, { instances: matrixRows })));
    assertMatrix(
      predictionsOf(
        await post(matrix, `${place}/versions/1:predict`, { instances: matrixRows.map((x) => ({ x })) }),
      ),
    );
    const { json } = await post(matrix, `${place}:predict`, { inputs: matrixRows });
    assertMatrix(Object(json).outputs);
    assert.equal(Object((await ask(matrix, place)).json).model_version_status[0].state, "AVAILABLE");
    const { metadata } = Object((await ask(matrix, `${place}/metadata`)).json);
    assert.equal(metadata.signature_def.signature_def.serving_default.inputs.x.dtype, "DT_FLOAT");
    assert.equal((await post(matrix, `${place}/versions/7:predict`, { instances: matrixRows })).status, 404);
    assert.equal((await post(matrix, `${place}:predict`, { instances: [[1, 2]] })).status, 400);
    assert.equal((await post(matrix, `${place}:predict`, {})).status, 400);
    assertMatrix(
      predictionsOf(await post(loans, "/v1/models/status:predict", { instances: rows })).length ===
        rows.length
        ? matrixRows.map(matrixAnswer)
        : [],
    );
  });

  it("MLflow: tensors", async () => {
    const { json } = await post(matrix, "/invocations", { inputs: { x: matrixRows } });
    assertMatrix(Object(json).predictions.y);
  });

  it("Open Inference Protocol: tensors as bytes", async () => {
    const floats = Float32Array.from(matrixRows.flat());
    const request = async (json: object, bytes: Uint8Array, length?: number): Promise<Response> => {
      const head = Buffer.from(JSON.stringify(json));
      return await fetch(`${matrix.url}/v2/models/matrix/infer`, {
        method: "POST",
        body: Buffer.concat([head, bytes]),
        headers: { "Inference-Header-Content-Length": String(length ?? head.length) },
      });
    };
    const x = {
      name: "x",
      shape: [3, 32],
      datatype: "FP32",
      parameters: { binary_data_size: floats.byteLength },
    };
    const bytes = new Uint8Array(floats.buffer);
    const response = await request({ inputs: [x], parameters: { binary_data_output: true } }, bytes);
    assert.equal(response.status, 200);
    const length = Number(response.headers.get("inference-header-content-length"));
    const body = Buffer.from(await response.arrayBuffer());
    const head = JSON.parse(body.subarray(0, length).toString());
    assert.deepEqual(head.outputs[0].shape, [3, 3]);
    assert.equal(head.outputs[0].parameters.binary_data_size, body.length - length);
    const found = new Float32Array(Uint8Array.from(body.subarray(length)).buffer);
    assertMatrix([0, 1, 2].map((row) => Array.from(found.subarray(row * 3, row * 3 + 3))));

    const asJson = await request(
      { inputs: [x], outputs: [{ name: "y", parameters: { binary_data: false } }] },
      bytes,
    );
    const { outputs } = Object(await asJson.json());
    assertMatrix([0, 1, 2].map((row) => outputs[0].data.slice(row * 3, row * 3 + 3)));

    assert.equal((await request({ inputs: [x] }, bytes.subarray(4))).status, 400);
    assert.equal(
      (await request({ inputs: [{ ...x, parameters: { binary_data_size: -1 } }] }, bytes)).status,
      400,
    );
    assert.equal((await request({ inputs: [x] }, bytes, 1e6)).status, 400);
    assert.equal((await request({ inputs: [{ ...x, datatype: "FP64" }] }, bytes)).status, 400);
    assert.equal((await request({ inputs: [{ ...x, shape: [2 ** 40, 32] }] }, bytes)).status, 400);
  });
});
