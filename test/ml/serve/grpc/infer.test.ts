import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import {
  type Datatype,
  type InferenceTensor,
  type CallContext,
  ServingError,
  type TensorElements,
} from "../../../../ml/serve/inference.ts";
import type { KnownCaller } from "../../../../ml/serve/security/grants.ts";
import { inferenceClient, type Message, type ProtoClient } from "./grpc-client.ts";
import { echo, type OpenPort, openPort, serviceOf } from "./small-service.ts";

const cases: readonly (readonly [
  datatype: Datatype,
  field: string | undefined,
  values: readonly unknown[],
  elements: TensorElements,
])[] = [
  ["BOOL", "bool_contents", [true, false, true], Uint8Array.of(1, 0, 1)],
  ["INT8", "int_contents", [-128, 127, 0], Int8Array.of(-128, 127, 0)],
  ["INT16", "int_contents", [-32768, 32767, 0], Int16Array.of(-32768, 32767, 0)],
  ["INT32", "int_contents", [-(2 ** 31), 2 ** 31 - 1, -1], Int32Array.of(-(2 ** 31), 2 ** 31 - 1, -1)],
  [
    "INT64",
    "int64_contents",
    ["-9223372036854775808", "9223372036854775807", "-1"],
    BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, -1n),
  ],
  ["UINT8", "uint_contents", [255, 0, 1], Uint8Array.of(255, 0, 1)],
  ["UINT16", "uint_contents", [65535, 0, 1], Uint16Array.of(65535, 0, 1)],
  ["UINT32", "uint_contents", [2 ** 32 - 1, 0, 1], Uint32Array.of(2 ** 32 - 1, 0, 1)],
  [
    "UINT64",
    "uint64_contents",
    ["18446744073709551615", "0", "1"],
    BigUint64Array.of(2n ** 64n - 1n, 0n, 1n),
  ],
  ["FP16", undefined, [], Uint16Array.of(0x3c00, 0, 0xbc00)],
  ["FP32", "fp32_contents", [1.5, -Infinity, 0.25], Float32Array.of(1.5, -Infinity, 0.25)],
  ["FP64", "fp64_contents", [0.1, 1e300, -0.5], Float64Array.of(0.1, 1e300, -0.5)],
  ["BYTES", "bytes_contents", ["a", "", "é🥐"], ["a", "", "é🥐"]],
];

const rawOf = (elements: TensorElements): Buffer =>
  "buffer" in elements
    ? Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength)
    : Buffer.concat(
        elements.flatMap((text) => {
          const bytes = Buffer.from(text);
          const length = Buffer.alloc(4);
          length.writeUInt32LE(bytes.length);
          return [length, bytes];
        }),
      );

describe("ModelInfer over gRPC", () => {
  let port: OpenPort;
  let client: ProtoClient;
  let seen: { inputs: readonly InferenceTensor[]; context: CallContext } | undefined;
  const service = serviceOf((request, context) => {
    seen = { inputs: request.inputs, context };
    return echo(request, context);
  });
  before(async () => {
    port = await openPort(service);
    client = inferenceClient(port.address);
  });
  after(async () => {
    client.close();
    await port.close();
  });

  for (const [datatype, field, values, elements] of cases) {
    it(`takes and gives ${datatype} as raw contents`, async () => {
      const raw = rawOf(elements);
      // Texts of several lengths before it: contents begin at each place within eight bytes.
      for (let length = 0; length < 8; length++) {
        const id = "i".repeat(length);
        const answer = await client.call("ModelInfer", {
          model_name: "echo",
          id,
          inputs: [{ name: "x", datatype, shape: [3, 1] }],
          raw_input_contents: [raw],
        });
        assert.deepEqual(seen?.inputs, [{ name: "x", datatype, shape: [3, 1], data: elements }]);
        assert.equal(answer["id"], id);
        assert.deepEqual(answer["raw_output_contents"], [raw]);
        assert.deepEqual(answer["outputs"], [
          { name: "x", datatype, shape: ["3", "1"], parameters: {}, contents: null },
        ]);
      }
    });
    if (field === undefined) continue;
    it(`takes and gives ${datatype} as typed contents`, async () => {
      const sent = datatype === "BYTES" ? values.map((text) => Buffer.from(String(text))) : values;
      const answer = await client.call("ModelInfer", {
        model_name: "echo",
        model_version: "1",
        inputs: [{ name: "x", datatype, shape: [3], contents: { [field]: sent } }],
      });
      assert.deepEqual(seen?.inputs[0]?.data, elements);
      assert.equal(answer["model_version"], "1");
      assert.deepEqual(answer["raw_output_contents"], []);
      const [output] = answer["outputs"] as readonly [{ readonly contents: Message }];
      assert.deepEqual(output.contents[field], sent);
    });
  }

  it("takes typed contents that are not packed, or in pieces", async () => {
    const tensor = (contents: Buffer): Buffer => {
      const input = Buffer.concat([
        Buffer.from([0x0a, 1, 120, 0x12, 4]),
        Buffer.from("FP32"),
        Buffer.from([0x18, 3, 0x2a, contents.length]),
        contents,
      ]);
      return Buffer.concat([
        Buffer.from([0x0a, 4]),
        Buffer.from("echo"),
        Buffer.from([0x2a, input.length]),
        input,
      ]);
    };
    const float = (value: number): Buffer => Buffer.from(Float32Array.of(value).buffer);
    const single = (value: number): Buffer => Buffer.concat([Buffer.from([0x35]), float(value)]);
    const packed = (...values: number[]): Buffer =>
      Buffer.concat([Buffer.from([0x32, 4 * values.length]), ...values.map(float)]);
    for (const parts of [
      [single(1), single(2), single(3)],
      [packed(1, 2), packed(3)],
      [packed(1), single(2), packed(3)],
      [single(1), packed(2, 3)],
    ]) {
      await client.call("ModelInfer", tensor(Buffer.concat(parts)));
      assert.deepEqual(seen?.inputs[0]?.data, Float32Array.of(1, 2, 3));
    }
  });

  it("tells the service of parameters, deadline and trace, and gives the outputs that are asked for", async () => {
    const metadata = new Metadata();
    metadata.set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    metadata.set("sticky-key", "k");
    const before = performance.now();
    const answer = await client.call(
      "ModelInfer",
      {
        model_name: "echo",
        parameters: { priority: { int64_param: 3 } },
        inputs: ["x", "y"].map((name) => ({ name, datatype: "FP32", shape: [0] })),
        outputs: [{ name: "y" }],
      },
      { metadata, deadline: Date.now() + 5000 },
    );
    assert.deepEqual(
      (answer["outputs"] as readonly Message[]).map(({ name }) => name),
      ["y"],
    );
    const { context } = seen ?? assert.fail();
    assert.equal(context.priority, 3);
    assert.equal(context.stickyKey, "k");
    assert.match(context.traceparent ?? "", /^00-0af7/);
    assert.equal(context.caller.address, "127.0.0.1");
    assert.ok(context.deadline > before + 3000 && context.deadline < performance.now() + 5100);
  });

  const input = { name: "x", datatype: "FP32", shape: [2], contents: { fp32_contents: [1, 2] } };
  const wrong: readonly (readonly [what: string, message: Message | Buffer, details: RegExp])[] = [
    ["an unknown datatype", { inputs: [{ ...input, datatype: "BF16" }] }, /input "x": .*"BF16"/],
    [
      "too few elements",
      { inputs: [{ ...input, shape: [3] }] },
      /input "x" has 8 bytes|input "x": 2 elements/,
    ],
    ["a negative size", { inputs: [{ ...input, shape: [-1] }] }, /input "x": the shape has the size -1/],
    ["a huge shape", { inputs: [{ ...input, shape: ["4294967296", "4294967296"] }] }, /too large/],
    [
      "contents of another type",
      { inputs: [{ ...input, datatype: "INT32" }] },
      /int_contents.*fp32_contents/,
    ],
    ["both forms", { inputs: [input], raw_input_contents: [Buffer.alloc(8)] }, /beside raw_input_contents/],
    ["raw contents for no input", { raw_input_contents: [Buffer.alloc(8)] }, /1 raw_input_contents, but 0/],
    [
      "a number beyond its type",
      { inputs: [{ name: "x", datatype: "UINT8", shape: [1], contents: { uint_contents: [256] } }] },
      /element 0, 256, is no UINT8/,
    ],
    [
      "a text that is not UTF-8",
      {
        inputs: [
          { name: "x", datatype: "BYTES", shape: [1], contents: { bytes_contents: [Buffer.of(255)] } },
        ],
      },
      /input "x": text 0 is no UTF-8/,
    ],
    [
      "a raw text that is cut off",
      {
        inputs: [{ name: "x", datatype: "BYTES", shape: [1] }],
        raw_input_contents: [Buffer.of(9, 0, 0, 0, 65)],
      },
      /input "x": text 0 ends beyond/,
    ],
    [
      "shared memory",
      { outputs: [{ name: "x", parameters: { shared_memory_region: { string_param: "r" } } }] },
      /shared memory|shared_memory/,
    ],
    ["no message", Buffer.from("0a", "hex"), /no ModelInferRequest/],
    ["a message that is cut off", Buffer.from("0aff01", "hex"), /no ModelInferRequest/],
  ];
  for (const [what, message, details] of wrong)
    it(`says what is wrong: ${what}`, async () => {
      const request = Buffer.isBuffer(message) ? message : Object.assign({ model_name: "echo" }, message);
      await assert.rejects(client.call("ModelInfer", request), { code: status.INVALID_ARGUMENT, details });
    });

  it("answers whatever bytes come, and goes on", async () => {
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const message = Buffer.from(
      "0a046563686f2a170a01781204465033321a010332" + "0c0000803f0000004000004040".slice(0, 26),
      "hex",
    );
    for (let round = 0; round < 300; round++) {
      const bytes = round % 3 === 0 ? Buffer.alloc(random(40)) : Buffer.from(message);
      for (let at = 0; at < bytes.length; at++)
        if (round % 3 === 0 || random(8) === 0) bytes[at] = random(256);
      const cut = bytes.subarray(0, random(bytes.length + 1));
      await client.call("ModelInfer", cut).catch(({ code, details }: ServiceError) => {
        assert.ok([status.INVALID_ARGUMENT, status.NOT_FOUND].includes(code), details);
      });
    }
    assert.deepEqual(port.errors, []);
  });

  it("refuses messages beyond the limit", async () => {
    const shape = [2 ** 19];
    const request = {
      model_name: "echo",
      inputs: [{ name: "x", datatype: "FP32", shape }],
      raw_input_contents: [Buffer.alloc(2 ** 21)],
    };
    await assert.rejects(client.call("ModelInfer", request), { code: status.RESOURCE_EXHAUSTED });
  });
});

describe("calls over gRPC that get no answer", () => {
  const request = { model_name: "echo" };
  const withService = async (
    infer: Parameters<typeof serviceOf>[0],
    check: (client: ProtoClient, port: OpenPort) => Promise<void>,
    more: Parameters<typeof openPort>[1] = {},
  ): Promise<void> => {
    const port = await openPort(serviceOf(infer), more);
    const client = inferenceClient(port.address);
    try {
      await check(client, port);
    } finally {
      client.close();
      await port.close();
    }
  };

  const kinds = [
    ["invalid", status.INVALID_ARGUMENT],
    ["unauthenticated", status.UNAUTHENTICATED],
    ["forbidden", status.PERMISSION_DENIED],
    ["not-found", status.NOT_FOUND],
    ["too-large", status.RESOURCE_EXHAUSTED],
    ["rate-limited", status.RESOURCE_EXHAUSTED],
    ["overloaded", status.UNAVAILABLE],
    ["unavailable", status.UNAVAILABLE],
    ["deadline", status.DEADLINE_EXCEEDED],
    ["cancelled", status.CANCELLED],
    ["internal", status.INTERNAL],
  ] as const;
  it("have the status of their kind", async () => {
    let at = 0;
    const infer = (): never => {
      throw new ServingError(kinds[at]?.[0] ?? "internal", "wäs", { retryAfter: 1.5 });
    };
    await withService(infer, async (client) => {
      for (; at < kinds.length; at++) {
        const error = await client.call("ModelInfer", request).catch((error: unknown) => error);
        const { code, details, metadata } = error as {
          readonly code: status;
          readonly details: string;
          readonly metadata: Metadata;
        };
        assert.deepEqual([code, details], [kinds[at]?.[1], "wäs"]);
        assert.deepEqual(metadata.get("grpc-retry-pushback-ms"), ["1500"]);
      }
    });
  });

  it("tell nothing of what failed inside", async () => {
    const infer = async (): Promise<never> => Promise.reject(new Error("secret"));
    await withService(infer, async (client, port) => {
      await assert.rejects(client.call("ModelInfer", request), {
        code: status.INTERNAL,
        details: "the service failed",
      });
      assert.deepEqual(port.errors.map(String), ["Error: secret"]);
    });
  });

  it("end at their deadline, and the service is told; as when the client cancels", async () => {
    const reasons: string[] = [];
    const infer = async (_: unknown, { signal }: CallContext): Promise<never> =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          reasons.push("aborted");
          reject(new ServingError("cancelled", "gone"));
        });
      });
    await withService(infer, async (client, port) => {
      await assert.rejects(client.call("ModelInfer", request, { deadline: Date.now() + 200 }), {
        code: status.DEADLINE_EXCEEDED,
      });
      const call = client.call("ModelInfer", request);
      void setTimeout(200).then(() => call.cancel());
      await assert.rejects(call, { code: status.CANCELLED });
      for (let wait = 0; reasons.length < 2 && wait < 100; wait++) await setTimeout(20);
      assert.deepEqual(reasons, ["aborted", "aborted"]);
      assert.deepEqual(port.errors, []);
    });
  });

  it("are those of callers that may not ask the model what it is", async () => {
    const granted = (verb: "infer" | "read", model: string): KnownCaller => ({
      name: "me",
      address: "",
      grants: [{ verbs: [verb], models: [model] }],
    });
    const callers: Readonly<Record<string, KnownCaller>> = {
      reader: granted("read", "echo"),
      asker: granted("infer", "ec*"),
      stranger: granted("infer", "other"),
    };
    await withService(
      echo,
      async (client) => {
        for (const word of Object.keys(callers))
          for (const method of ["ModelMetadata", "ModelReady"]) {
            const metadata = new Metadata();
            metadata.set("x-api-key", word);
            const answer = client.call(method, { name: "echo" }, { metadata });
            if (word === "stranger") await assert.rejects(answer, { code: status.PERMISSION_DENIED });
            else await answer;
          }
      },
      {
        authenticate: ({ apiKey = "" }) => callers[apiKey] ?? assert.fail(),
      },
    );
  });

  it("are those of callers that prove nothing", async () => {
    const authenticate = ({ authorization }: { readonly authorization: string | undefined }) => {
      if (authorization === "Bearer good") return { name: "me", address: "" };
      if (authorization === "Bearer late") return Promise.resolve({ name: "late", address: "" });
      throw new ServingError("unauthenticated", "who?");
    };
    const names: (string | undefined)[] = [];
    const service = serviceOf((request, context) => {
      names.push(context.caller.name);
      return echo(request, context);
    });
    await withService(
      service.infer,
      async (client) => {
        for (const method of ["ModelInfer", "ModelMetadata", "ModelReady", "ServerMetadata"])
          await assert.rejects(client.call(method, {}), { code: status.UNAUTHENTICATED, details: "who?" });
        const stream = client.stream("ModelStreamInfer", [request]);
        await assert.rejects(
          async () => {
            for await (const _ of stream);
          },
          { code: status.UNAUTHENTICATED },
        );
        await client.call("ServerLive", {});
        for (const word of ["good", "late"]) {
          const metadata = new Metadata();
          metadata.set("authorization", `Bearer ${word}`);
          await client.call("ModelInfer", request, { metadata });
        }
        assert.deepEqual(names, ["me", "late"]);
      },
      { authenticate },
    );
  });
});
