/** @file Requests that are meant to harm, or that could be taken for something else: over the real socket. */
import assert from "node:assert/strict";
import { startServing, type Handler, type RunningService } from "../../../ml/serve/index.ts";
import { ask, post } from "./served-loans.ts";

/** Gives back what it was given. */
const columns: Handler = {
  name: "columns",
  signature: {
    inputs: [
      { name: "x", type: "float64", dtype: "float64", required: true },
      { name: "whole", type: "int64", dtype: "float64", required: false },
      { name: "note", type: "string", dtype: "string", required: false },
      ...Array.from({ length: 60 }, (_, at) => ({
        name: `more ${at}`,
        type: "float64" as const,
        dtype: "float64" as const,
        required: false,
      })),
    ],
    outputs: [{ name: "y", type: "float64" }],
  },
  predict: ({ inputs }) => ({ y: Array.from(inputs["x"] ?? [], Number) }),
};

const matrix: Handler = {
  name: "matrix",
  signature: {
    inputs: [{ name: "m", type: "float32", dtype: "float32", required: true, shape: [2] }],
    outputs: [{ name: "first", type: "float32" }],
  },
  predict: ({ inputs, rows }) => ({
    first: Array.from({ length: rows }, (_, row) => Number(inputs["m"]?.[2 * row])),
  }),
};

const flags: Handler = {
  name: "flags",
  signature: {
    inputs: [{ name: "f", type: "boolean", dtype: "bool", required: true, shape: [1] }],
    outputs: [{ name: "sum", type: "float32" }],
  },
  predict: ({ inputs }) => ({ sum: Array.from(inputs["f"] ?? [], Number) }),
};

describe("Requests that are odd", () => {
  let service: RunningService;
  const own: unknown[] = [];
  before(async () => {
    service = await startServing({
      models: [],
      handlers: [columns, matrix, flags],
      port: 0,
      onError: (error) => own.push(error),
    });
  });
  afterEach(() => assert.deepEqual(own.splice(0), []));
  after(async () => await service.close());

  const infer = async (model: string, body: unknown): ReturnType<typeof post> =>
    await post(service, `/v2/models/${model}/infer`, body);

  const binary = async (
    model: string,
    tensors: readonly { name: string; datatype: string; shape: readonly number[]; bytes: Uint8Array }[],
    more: object = {},
  ): ReturnType<typeof ask> => {
    const inputs = tensors.map(({ bytes, ...tensor }) => ({
      ...tensor,
      parameters: { binary_data_size: bytes.length },
    }));
    const head = Buffer.from(JSON.stringify({ inputs, ...more }));
    return await ask(service, `/v2/models/${model}/infer`, {
      method: "POST",
      headers: { "inference-header-content-length": String(head.length) },
      body: Buffer.concat([head, ...tensors.map(({ bytes }) => bytes)]),
    });
  };

  it("have half-precision numbers as numbers and not as their bits", async () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x7c00, 0x0001, 0x8000, 0x7bff);
    const { status, json } = await binary("columns", [
      { name: "x", datatype: "FP16", shape: [bits.length], bytes: new Uint8Array(bits.buffer) },
    ]);
    assert.equal(status, 200);
    const expected = [1, -2, 0.333251953125, null, 2 ** -24, 0, 65504];
    assert.deepEqual((json as { outputs: [{ data: unknown }] }).outputs[0].data, expected);
  });

  it("have no whole numbers that become others", async () => {
    const x = { name: "x", shape: [1], datatype: "FP64", data: [1] };
    for (const value of ["9007199254740993", "1e300", "-9223372036854775808"]) {
      const whole = `{"name":"whole","shape":[1],"datatype":"INT64","data":[${value}]}`;
      const { status, text } = await infer("columns", `{"inputs":[${JSON.stringify(x)},${whole}]}`);
      assert.equal(status, 400);
      assert.match(text, /whole.*row 0/);
      const row = `{"dataframe_records":[{"x":1,"whole":${value}}]}`;
      assert.equal(
        (await post(service, "/v1/models/columns:predict", row.replace("dataframe_records", "instances")))
          .status,
        400,
      );
    }
    const bytes = new Uint8Array(BigInt64Array.of(9_007_199_254_740_993n).buffer);
    const { status } = await binary("columns", [
      { name: "x", datatype: "FP64", shape: [1], bytes: new Uint8Array(Float64Array.of(1).buffer) },
      { name: "whole", datatype: "INT64", shape: [1], bytes },
    ]);
    assert.equal(status, 400);
  });

  it("have lists of one length, or no rows are made of them", async () => {
    for (const instances of [
      [[1, 2], [3], [4, 5, 6]],
      [
        [1, 2],
        [[3], 4],
      ],
      [[1, 2], 3, 4],
    ]) {
      const { status, text } = await post(service, "/v1/models/matrix:predict", { instances });
      assert.equal(status, 400, text);
      assert.match(text, /instances\[1\]/);
    }
    const { json } = await post(service, "/v1/models/matrix:predict", {
      instances: [
        [1, 2],
        [3, 4],
      ],
    });
    assert.deepEqual(json, { predictions: [1, 3] });
  });

  it("have truth values that are 0 or 1", async () => {
    const one = { name: "f", datatype: "BOOL", shape: [1, 1] };
    assert.equal((await binary("flags", [{ ...one, bytes: Uint8Array.of(1) }])).status, 200);
    assert.equal((await binary("flags", [{ ...one, bytes: Uint8Array.of(2) }])).status, 400);
  });

  it("make no room for values that nobody sent", async () => {
    const rows = 2_000_000;
    const { status } = await binary("columns", [
      { name: "x", datatype: "UINT8", shape: [rows], bytes: new Uint8Array(rows) },
    ]);
    assert.equal(status, 413);
    const empty = `{"instances":[${"{},".repeat(rows - 2)}{}]}`;
    assert.equal((await post(service, "/v1/models/columns:predict", empty)).status, 413);
  });

  it("have no millions of lists and objects", async () => {
    for (const each of ["[],", "{},"]) {
      const body = `{"instances":[${each.repeat(2 ** 21)}0]}`;
      const { status, text } = await post(service, "/v1/models/columns:predict", body);
      assert.equal(status, 413);
      assert.match(text, /lists and objects/);
    }
  });

  it("get each output once", async () => {
    const inputs = [{ name: "x", shape: [2], datatype: "FP64", data: [1, 2] }];
    const outputs = Array.from({ length: 1000 }, () => ({ name: "y" }));
    for (const more of [{}, { parameters: { binary_data_output: true } }]) {
      const { status, text } = await infer("columns", { inputs, outputs, ...more });
      assert.equal(status, 400);
      assert.match(text, /twice/);
    }
  });

  it("take no time that grows with the square of their columns", async () => {
    const names = Array.from({ length: 300_000 }, (_, at) => `no such column ${at}`);
    const start = performance.now();
    const body = { dataframe_split: { columns: ["x", ...names], data: [] } };
    const csv = ["x", ...names].join(",");
    const only = await startServing({ models: [], handlers: [columns], port: 0 });
    try {
      assert.equal((await post(only, "/invocations", body)).status, 200);
      const answer = await post(only, "/invocations", csv, { "content-type": "text/csv" });
      assert.equal(answer.status, 200);
    } finally {
      await only.close();
    }
    assert.ok(performance.now() - start < 10_000);
  });

  it("are told what is wrong however deep it lies", async () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000);
    for (const body of [
      `{"instances":[{"x":${deep}}]}`,
      `{"instances":[[${deep}]]}`,
      `{"instances":${deep}}`,
      `{"inputs":{"x":${deep}}}`,
      deep,
    ])
      assert.equal((await post(service, "/v1/models/columns:predict", body)).status, 400);
    for (const body of [
      `{"inputs":[{"name":"x","shape":[1],"datatype":${deep},"data":[1]}]}`,
      `{"inputs":[{"name":"x","shape":${deep},"datatype":"FP64","data":[1]}]}`,
      `{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[${deep}]}]}`,
      `{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[{"a":${deep}}]}]}`,
      `{"inputs":${deep}}`,
      `{"id":${deep}}`,
    ])
      assert.equal((await infer("columns", body)).status, 400);
    const pixels = `{"inputs":[{"name":"m","shape":[1,2],"datatype":"FP32","data":[1,{"a":${deep}}]}]}`;
    assert.equal((await infer("matrix", pixels)).status, 400);
  });
});
