/** @file The client against the service itself, over real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callBody, headLength, parseAnswerBody } from "../../../ml/client/binary-call.ts";
import {
  InferenceClient,
  InferenceError,
  numbers,
  texts,
  type ServerEvent,
} from "../../../ml/client/index.ts";
import { type RunningService, startServing } from "../../../ml/serve/index.ts";
import { refused } from "../refused.ts";
import { matrixAnswer, writeMatrixModel } from "../serve/matrix-model.ts";

describe("The client", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-client-"));
  let service: RunningService;
  let client: InferenceClient;

  before(async () => {
    for (const version of ["1", "2"]) await writeMatrixModel(join(folder, "risk", version));
    service = await startServing({ models: folder, port: 0 });
    client = new InferenceClient({ url: service.url });
  });
  after(async () => {
    await service?.close();
    rmSync(folder, { recursive: true });
  });

  it("asks a model with tensors as bytes", async () => {
    const row = Array.from({ length: 32 }, (_, at) => Math.fround(Math.sin(at)));
    const answer = await client.infer("risk", {
      id: "7",
      inputs: [numbers("x", [1, 32], Float32Array.from(row))],
    });
    assert.deepEqual([answer.model, answer.version, answer.id], ["risk", "2", "7"]);
    const y = answer.outputs.get("y");
    assert.deepEqual(y?.shape, [1, 3]);
    const expected = matrixAnswer(row);
    for (const [at, value] of expected.entries()) assert.ok(Math.abs(Number(y?.data[at]) - value) < 1e-5);
    const old = await client.infer(
      "risk",
      { inputs: [numbers("x", [1, 32], new Float32Array(32))] },
      { version: "1" },
    );
    assert.equal(old.version, "1");
  });

  it("tells what a model takes, and whether the server is ready", async () => {
    assert.equal(await client.isReady(), true);
    const { versions, inputs } = await client.metadata("risk");
    assert.deepEqual(versions, ["1", "2"]);
    assert.deepEqual(inputs, [{ name: "x", datatype: "FP32", shape: [-1, 32] }]);
  });

  it("tells what is wrong in the server's words", async () => {
    const bad = (status: number, message: RegExp) => (error: unknown) =>
      error instanceof InferenceError && error.status === status && message.test(error.message);
    await assert.rejects(() => client.metadata("nothing"), bad(404, /no model "nothing"/));
    await assert.rejects(
      () => client.infer("risk", { inputs: [numbers("z", [1, 32], new Float32Array(32))] }),
      bad(400, /"z"/),
    );
    await refused(
      () => callBody({ inputs: [numbers("x", [2, 2], Float32Array.of(1))] }),
      /"x" of shape \[2, 2\] has 1/,
    );
  });

  it("sends its key, the trace and the sticky key", async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      const { authorization, traceparent, "sticky-key": sticky } = request.headers;
      seen.push([authorization, traceparent, sticky]);
      request.resume();
      response.writeHead(500).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const other = new InferenceClient({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        key: "k",
        traceparent: () => "00-a-b-01",
      });
      await assert.rejects(
        () => other.infer("m", { inputs: [] }, { stickyKey: "user" }),
        /the server answered with status 500/,
      );
      assert.deepEqual(seen, [["Bearer k", "00-a-b-01", "user"]]);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("reads streams of events", async () => {
    const server = createServer((request, response) => {
      request.resume();
      if (request.url === "/plain") {
        response.end("no stream");
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
      response.write("data: 1\n\n");
      setTimeout(() => response.end("event: end\ndata: 2\n\n"), 10);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const other = new InferenceClient({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      });
      const events: ServerEvent[] = [];
      for await (const event of other.stream("/generate", { prompt: "x" })) events.push(event);
      assert.deepEqual(
        events.map(({ event, data }) => [event, data]),
        [
          ["message", "1"],
          ["end", "2"],
        ],
      );
      await assert.rejects(async () => {
        for await (const event of other.stream("plain", {})) assert.fail(event.data);
      }, /no stream of events/);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe("Answers as bytes", () => {
  const bodyOf = (head: unknown, ...parts: Uint8Array[]): [Uint8Array, string] => {
    const json = Buffer.from(JSON.stringify(head));
    return [Buffer.concat([json, ...parts]), String(json.length)];
  };

  it("may be JSON too, of every type", () => {
    const output = (datatype: string, data: unknown[]): object => ({
      name: datatype,
      datatype,
      shape: [data.length],
      data,
    });
    const [body] = bodyOf({
      model_name: "m",
      outputs: [
        output("FP32", [1.5, null]),
        output("INT64", [7]),
        output("BOOL", [true, 0]),
        output("BYTES", ["a"]),
      ],
    });
    const { outputs } = parseAnswerBody(body, null);
    assert.deepEqual(
      ["FP32", "INT64", "BOOL", "BYTES"].map((name) => outputs.get(name)?.data),
      [Float32Array.of(1.5, Number.NaN), BigInt64Array.of(7n), Uint8Array.of(1, 0), ["a"]],
    );
  });

  it("are refused where they are none", () => {
    const binary = { name: "y", datatype: "FP32", shape: [1], parameters: { binary_data_size: 4 } };
    for (const [head, parts, message] of [
      [{}, [], /model_name/],
      [{ model_name: "m", outputs: [binary] }, [], /ends beyond/],
      [
        { model_name: "m", outputs: [{ ...binary, shape: [2] }] },
        [Buffer.alloc(4)],
        /y has 4 bytes, but 2 elements of FP32 are 8/,
      ],
      [
        { model_name: "m", outputs: [{ ...binary, parameters: { binary_data_size: 3 } }] },
        [Buffer.alloc(3)],
        /has 3 bytes/,
      ],
      [{ model_name: "m", outputs: [{ ...binary, parameters: undefined, data: ["x"] }] }, [], /no numbers/],
      [
        { model_name: "m", outputs: [{ ...binary, parameters: undefined, data: [[1, 2]] }] },
        [],
        /has 2 elements/,
      ],
    ] as const)
      assert.throws(() => parseAnswerBody(...bodyOf(head, ...parts)), message);
    assert.throws(() => parseAnswerBody(Buffer.from("{}"), "3"), /no valid length/);
    assert.throws(() => parseAnswerBody(Buffer.from("{"), null), InferenceError);
  });

  it("go out with their length, texts too", () => {
    const { body, headers } = callBody({ inputs: [texts("t", [2], ["a", "é"])], outputs: ["y"] });
    const head = Number(headers[headLength]);
    const json = JSON.parse(Buffer.from(body.subarray(0, head)).toString()) as { inputs: unknown[] };
    assert.deepEqual(json.inputs, [
      { name: "t", datatype: "BYTES", shape: [2], parameters: { binary_data_size: 11 } },
    ]);
    assert.deepEqual([...body.subarray(head)], [1, 0, 0, 0, 97, 2, 0, 0, 0, 0xc3, 0xa9]);
  });
});
