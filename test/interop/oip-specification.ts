/** @file The specification of the Open Inference Protocol: its OpenAPI document and `.proto` hold for our answers. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import protobuf from "protobufjs";
import { parse } from "yaml";
import { ProtoClient, readProto } from "../ml/serve/grpc/grpc-client.ts";
import { runCommand } from "../support/run-command.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { type OurService, whileServing } from "./serving/our-service.ts";

const folder = join(import.meta.dirname, "serving/oip-specification");

export const oipSpecification: InteropSuite = {
  name: "oip-specification",
  about:
    "the Open Inference Protocol's examples by curl on `tenon serve`; its OpenAPI document and `.proto` hold for the answers",
  peer: "open-inference-protocol d49cc23",
  run: async () => {
    const checks = new Checks();
    await whileServing(async (service) => {
      await checkRest(checks, service);
      await checkGrpc(checks, service);
    });
    return checks.result;
  },
};

async function checkRest(checks: Checks, { url, facts }: OurService): Promise<void> {
  const document: unknown = parse(readFileSync(join(folder, "open_inference_rest.yaml"), "utf8"));
  const ajv = new Ajv({ strict: false });
  ajv.addSchema(Object(document), "oip");
  const holds = (schema: string, value: unknown): void => {
    const validate = ajv.getSchema(`oip#/components/schemas/${schema}`);
    assert.ok(validate, `the document has no ${schema}`);
    assert.ok(validate(value), `${ajv.errorsText(validate.errors)}: ${JSON.stringify(value)}`);
  };
  const curl = async (...args: readonly string[]): Promise<readonly [status: number, body: unknown]> => {
    const { stdout } = await runCommand("curl", ["-s", "-w", "\n%{http_code}", ...args]);
    const end = stdout.lastIndexOf("\n");
    const body = stdout.slice(0, end);
    return [Number(stdout.slice(end + 1)), body === "" ? undefined : JSON.parse(body)];
  };
  const get = async (path: string, schema?: string): Promise<void> =>
    checks.check(`GET ${path}`, async () => {
      const [status, body] = await curl(url + path);
      assert.equal(status, 200);
      if (schema !== undefined) holds(schema, body);
    });
  await get("/v2/health/live");
  await get("/v2/health/ready");
  await get("/v2", "metadata_server_response");
  await get("/v2/", "metadata_server_response");
  for (const place of ["/v2/models/matrix", "/v2/models/matrix/versions/1", "/v2/models/status"]) {
    await get(place, "metadata_model_response");
    await get(`${place}/ready`);
  }
  const infer = async (body: object, place = "/v2/models/matrix"): ReturnType<typeof curl> => {
    holds("inference_request", body);
    const type = "content-type: application/json";
    return curl("-X", "POST", "-H", type, "-d", JSON.stringify(body), `${url}${place}/infer`);
  };
  const { rows, y } = facts.matrix;
  for (const [what, data] of [
    ["flat", rows.flat()],
    ["in lists", rows],
  ] as const)
    await checks.check(`an inference with its data ${what}`, async () => {
      const [status, body] = await infer({
        id: "42",
        inputs: [{ name: "x", shape: [rows.length, 32], datatype: "FP32", data }],
        outputs: [{ name: "y" }],
      });
      assert.equal(status, 200, JSON.stringify(body));
      holds("inference_response", body);
      const { id, outputs } = Object(body);
      assert.equal(id, "42");
      const expected = y.flat();
      assert.equal(outputs[0].data.length, expected.length);
      for (const [at, value] of expected.entries()) assert.ok(Math.abs(outputs[0].data[at] - value) < 1e-5);
    });
  const input = { name: "x", shape: [1, 32], datatype: "FP32", data: [1] };
  for (const [what, status, body, place] of [
    ["too few elements", 400, { inputs: [input] }, "/v2/models/matrix"],
    ["an unknown input", 400, { inputs: [{ ...input, name: "z" }] }, "/v2/models/matrix"],
    ["an unknown model", 404, { inputs: [input] }, "/v2/models/nothing"],
  ] as const)
    await checks.check(`an error: ${what}`, async () => {
      const [found, answer] = await infer(body, place);
      assert.equal(found, status);
      holds("inference_error_response", answer);
      assert.equal(typeof Object(answer).error, "string");
    });
}

async function checkGrpc(checks: Checks, { port, facts }: OurService): Promise<void> {
  const path = join(folder, "open_inference_grpc.proto");
  const theirs = new protobuf.Root().loadSync(path, { keepCase: true });
  const ours = readProto("open_inference.proto");
  await checks.check("all messages, fields and calls of the .proto are ours", () => {
    const compare = (namespace: protobuf.NamespaceBase): void => {
      for (const each of namespace.nestedArray) {
        const same = ours.lookup(each.fullName);
        assert.ok(same, `there is no ${each.fullName}`);
        if (each instanceof protobuf.Type && same instanceof protobuf.Type)
          for (const { name, id, type, repeated } of each.fieldsArray) {
            const field: protobuf.Field | undefined = same.fields[name];
            assert.ok(field, `there is no ${name} in ${each.fullName}`);
            assert.deepEqual([field.id, field.type, field.repeated], [id, type, repeated], name);
          }
        if (each instanceof protobuf.Service && same instanceof protobuf.Service)
          for (const method of each.methodsArray)
            assert.equal(same.methods[method.name]?.requestType, method.requestType);
        if (each instanceof protobuf.Namespace) compare(each);
      }
    };
    compare(theirs);
  });
  const client = new ProtoClient(`127.0.0.1:${port}`, path, "inference.GRPCInferenceService");
  try {
    for (const [method, message] of [
      ["ServerLive", {}],
      ["ServerReady", {}],
      ["ServerMetadata", {}],
      ["ModelReady", { name: "matrix", version: "1" }],
      ["ModelMetadata", { name: "matrix" }],
    ] as const)
      await checks.check(`${method} by the specification's messages`, async () => {
        const answer = await client.call(method, message);
        assert.ok(Object.keys(answer).length > 0);
      });
    await checks.check("ModelInfer by the specification's messages", async () => {
      const { rows, y } = facts.matrix;
      const contents = { fp32_contents: rows.flat() };
      const inputs = [{ name: "x", datatype: "FP32", shape: [rows.length, 32], contents }];
      const answer = await client.call("ModelInfer", { model_name: "matrix", inputs });
      const found = Object(answer["outputs"])[0].contents.fp32_contents;
      const expected = y.flat();
      assert.equal(found.length, expected.length);
      for (const [at, value] of expected.entries()) assert.ok(Math.abs(found[at] - value) < 1e-5);
    });
  } finally {
    client.close();
  }
}
