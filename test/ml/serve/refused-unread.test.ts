/** @file Callers who may not ask, or not now, are told so by the head of their request: nothing else of it is waited for. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServing, type RunningService } from "../../../ml/serve/index.ts";
import { openOperations, type Operations } from "../../../ml/serve/operations/operations.ts";
import { parseOperations } from "../../../ml/serve/operations/settings.ts";
import { apiKeysText, makeApiKey } from "../../../ml/serve/security/api-keys.ts";
import { inferenceClient } from "./grpc/grpc-client.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { ask } from "./served-loans.ts";

describe("Requests of which only the head has come", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-unread-"));
  const grants = (model: string) => [{ models: [model], verbs: ["infer" as const] }];
  const named = Object.fromEntries(
    ["http", "grpc", "stream", "continue", "large", "other"].map((name) => [
      name,
      makeApiKey({ name, grants: grants(name === "other" ? "others" : "risk") }),
    ]),
  );
  const key = (name: string): string => named[name]?.key ?? assert.fail(name);
  let service: RunningService;
  let operations: Operations;

  before(async () => {
    await writeMatrixModel(join(folder, "risk"));
    writeFileSync(join(folder, "keys.json"), apiKeysText(Object.values(named).map(({ record }) => record)));
    const settings = {
      security: { keys: join(folder, "keys.json") },
      limits: { rateLimit: { requestsPerSecond: 0.001, burst: 2 } },
    };
    operations = await openOperations(parseOperations(settings), {
      onError: (error) => assert.fail(String(error)),
    });
    service = await startServing({ models: join(folder, "risk"), port: 0, ...operations.serving });
  });
  after(async () => {
    await service?.close();
    await operations?.close();
    rmSync(folder, { recursive: true });
  });

  const paths = [
    "/v2/models/risk/infer",
    "/v2/models/risk/versions/1/generate",
    "/v1/models/risk:predict",
    "/invocations",
  ];
  const body = JSON.stringify({
    inputs: [{ name: "x", shape: [1, 32], datatype: "FP32", data: Array.from({ length: 32 }, () => 0.5) }],
  });

  /** What is answered to a head; then, where the answer asks for it, to the body. */
  const told = async (path: string, headers: string, content?: string): Promise<string> => {
    const socket = connect(service.port, "127.0.0.1");
    const length = content === undefined ? 1_000_000 : content.length;
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\n${headers}content-length: ${length}\r\n\r\n`);
    let [text] = (await once(socket, "data")).map(String);
    if (content !== undefined) {
      assert.match(text ?? "", /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
      socket.write(content);
      [text] = (await once(socket, "data")).map(String);
    } else await once(socket, "close");
    socket.destroy();
    return text ?? "";
  };

  it("are refused by their key and model over HTTP, also where the client asks before it sends a body", async () => {
    for (const path of paths)
      for (const expecting of ["", "expect: 100-continue\r\n"]) {
        assert.match(await told(path, expecting), /^HTTP\/1\.1 401 /, path);
        assert.match(
          await told(path, `x-api-key: tenon_wrong\r\n${expecting}`),
          /^HTTP\/1\.1 401 [^]*www-authenticate: Bearer/,
          path,
        );
        assert.match(
          await told(path, `authorization: Bearer ${key("other")}\r\n${expecting}`),
          /^HTTP\/1\.1 403 /,
          path,
        );
      }
    const asked = `x-api-key: ${key("continue")}\r\nexpect: 100-continue\r\n`;
    assert.match(await told(paths[0] ?? "", asked, body), /^HTTP\/1\.1 200 /);
  });

  it("are refused by their rate over HTTP, with the time to come back", async () => {
    const headers = { "x-api-key": key("http") };
    for (const path of paths.slice(0, 2))
      assert.notEqual((await ask(service, path, { method: "POST", headers, body })).status, 429);
    for (const path of paths)
      assert.match(
        await told(path, `x-api-key: ${key("http")}\r\nexpect: 100-continue\r\n`),
        /^HTTP\/1\.1 429 [^]*retry-after: \d{3,}\r\n/,
        path,
      );
  });

  it("are refused by the size that they say over gRPC", async () => {
    const session = connectHttp2(service.url);
    const stream = session.request({
      ":method": "POST",
      ":path": "/inference.GRPCInferenceService/ModelInfer",
      "content-type": "application/grpc",
      te: "trailers",
      "x-api-key": key("large"),
    });
    const size = Buffer.alloc(5);
    size.writeUInt32BE(2 ** 26 + 1, 1);
    stream.write(size);
    const [headers] = await once(stream, "response");
    const { "grpc-status": status, "grpc-message": message } = Object(headers);
    assert.equal(Number(status), 8);
    assert.match(decodeURIComponent(String(message)), /larger than max \(67108865 vs 67108864\)/);
    session.destroy();
  });

  it("are refused by key and rate over gRPC, and messages of a stream one by one", async () => {
    const session = connectHttp2(service.url);
    const statusOf = async (method: string, headers: Record<string, string>): Promise<number> => {
      const stream = session.request({
        ":method": "POST",
        ":path": `/inference.GRPCInferenceService/${method}`,
        "content-type": "application/grpc",
        te: "trailers",
        ...headers,
      });
      const [found] = await once(stream, "response");
      stream.close();
      return Number(Object(found)["grpc-status"]);
    };
    const [unauthenticated, exhausted] = [16, 8];
    for (const method of [
      "ModelInfer",
      "ModelStreamInfer",
      "ModelMetadata",
      "ModelReady",
      "ServerMetadata",
    ]) {
      assert.equal(await statusOf(method, {}), unauthenticated, method);
      assert.equal(await statusOf(method, { "x-api-key": "tenon_wrong" }), unauthenticated, method);
    }
    const forbidden = 7;
    for (const method of ["ModelInfer", "ModelStreamInfer", "ModelMetadata", "ModelReady"])
      assert.equal(await statusOf(method, { "x-api-key": key("other") }), forbidden, method);
    const client = inferenceClient(`127.0.0.1:${service.port}`);
    assert.equal((await client.call("ServerLive", {}))["live"], true);
    const asking = { "x-api-key": key("grpc") };
    // Two that are admitted wait for their message, and end with the connection.
    for (let count = 0; count < 2; count++) {
      const waiting = session.request({
        ":method": "POST",
        ":path": "/inference.GRPCInferenceService/ModelInfer",
        "content-type": "application/grpc",
        ...asking,
      });
      waiting.on("error", () => {}).on("response", () => assert.fail("it has an answer"));
    }
    assert.equal(await statusOf("ModelInfer", asking), exhausted);
    const stream = session.request({
      ":method": "POST",
      ":path": "/inference.GRPCInferenceService/ModelStreamInfer",
      "content-type": "application/grpc",
      "x-api-key": key("stream"),
    });
    let answers = "";
    stream.setEncoding("latin1").on("data", (part: string) => (answers += part));
    // Three messages without a model in them, of which the client may send two.
    stream.end(Buffer.from("000000000000000000000000000000", "hex"));
    await once(stream, "end");
    assert.equal(answers.match(/too many requests from this client/g)?.length, 1);
    client.close();
    session.destroy();
    const { text } = await ask(service, "/metrics", { headers: { "x-api-key": key("http") } });
    assert.equal(text.includes("may not read"), true);
    const refusals = operations.metrics.snapshot().find(({ name }) => name === "tenon_refused_total");
    assert.deepEqual(
      refusals?.series.find(({ labels }) => labels["reason"] === "rate_limit"),
      {
        labels: { reason: "rate_limit" },
        value: 6,
      },
    );
  });
});
