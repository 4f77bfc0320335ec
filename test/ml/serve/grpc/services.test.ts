import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { connect } from "node:http2";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { status } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import { protoFiles } from "../../../../ml/serve/grpc/descriptors.ts";
import { ServingError } from "../../../../ml/serve/inference.ts";
import { repositoryRoot } from "../../../support/repository.ts";
import { inferenceClient, type Message, ProtoClient, readProto } from "./grpc-client.ts";
import { echo, type OpenPort, openPort, serviceOf } from "./small-service.ts";

const request = (id: string): Message => ({
  model_name: "echo",
  id,
  inputs: [{ name: "x", datatype: "INT32", shape: [1], contents: { int_contents: [Number(id)] } }],
});

describe("services over gRPC", () => {
  let port: OpenPort;
  const clients: ProtoClient[] = [];
  const service = serviceOf(async (request, context) => {
    const number = Number(request.id);
    if (number === 13) throw new ServingError("overloaded", "too much");
    // Later ones are done sooner.
    await setTimeout(Math.max(0, 30 - number));
    return echo(request, context);
  });
  const clientOf = (file: string, name: string): ProtoClient => {
    const client = new ProtoClient(port.address, file, name);
    clients.push(client);
    return client;
  };
  before(async () => {
    port = await openPort(service);
  });
  after(async () => {
    for (const client of clients) client.close();
    await port.close();
  });

  it("tell what the server and its models are", async () => {
    const client = clientOf("open_inference.proto", "inference.GRPCInferenceService");
    assert.deepEqual(await client.call("ServerLive", {}), { live: true });
    assert.deepEqual(await client.call("ServerReady", {}), { ready: true });
    assert.deepEqual(await client.call("ModelReady", { name: "echo" }), { ready: true });
    assert.deepEqual(await client.call("ModelReady", { name: "other" }), { ready: false });
    assert.deepEqual(await client.call("ServerMetadata", {}), {
      name: "tenon",
      version: "0.1.0",
      extensions: ["a"],
    });
    const tensor = { name: "x", datatype: "FP32", shape: ["-1", "3"] };
    assert.deepEqual(await client.call("ModelMetadata", { name: "echo" }), {
      name: "echo",
      versions: ["1", "2"],
      platform: "tenon",
      inputs: [tensor],
      outputs: [tensor],
      properties: {},
    });
    await assert.rejects(client.call("ModelMetadata", { name: "other" }), {
      code: status.NOT_FOUND,
      details: 'there is no model "other"',
    });
    await assert.rejects(client.call("ModelReady", Buffer.from("0aff", "hex")), {
      code: status.INVALID_ARGUMENT,
    });
  });

  it("answer streams in their order, and a failed request doesn't end them", async () => {
    const client = clientOf("open_inference.proto", "inference.GRPCInferenceService");
    const ids = Array.from({ length: 100 }, (_, at) => String(at));
    const found: unknown[] = [];
    for await (const answer of client.stream("ModelStreamInfer", ids.map(request))) {
      const response = answer["infer_response"] as Message;
      found.push([response["id"], answer["error_message"]]);
    }
    assert.deepEqual(
      found,
      ids.map((id) => [id, id === "13" ? "too much" : ""]),
    );
  });

  it("tell health to those who ask and those who watch", async () => {
    const client = clientOf("health.proto", "grpc.health.v1.Health");
    for (const name of ["", "inference.GRPCInferenceService"])
      assert.deepEqual(await client.call("Check", { service: name }), { status: "SERVING" });
    await assert.rejects(client.call("Check", { service: "other" }), { code: status.NOT_FOUND });
    const unknown = client.watch("Watch", { service: "other" });
    const known = client.watch("Watch", { service: "" })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => (await known.next()).value;
    assert.deepEqual(await next(), { status: "SERVING" });
    service.ready = false;
    assert.deepEqual(await next(), { status: "NOT_SERVING" });
    service.ready = true;
    assert.deepEqual(await next(), { status: "SERVING" });
    for await (const answer of unknown) {
      assert.deepEqual(answer, { status: "SERVICE_UNKNOWN" });
      break;
    }
  });

  for (const version of ["v1", "v1alpha"])
    it(`reflect themselves by ${version}`, async () => {
      const file = version === "v1" ? "reflection.proto" : "reflection_v1alpha.proto";
      const client = clientOf(file, `grpc.reflection.${version}.ServerReflection`);
      const questions: Message[] = [
        { host: "h", list_services: "" },
        { file_containing_symbol: "inference.ModelInferRequest.InferInputTensor" },
        { file_by_filename: "health.proto" },
        { file_containing_symbol: "inference.Nothing" },
        { all_extension_numbers_of_type: "inference.ModelInferRequest" },
        { file_containing_extension: { containing_type: "a", extension_number: 1 } },
      ];
      const answers: Message[] = [];
      for await (const answer of client.stream("ServerReflectionInfo", questions)) answers.push(answer);
      assert.deepEqual(
        answers.map(({ message_response }) => message_response),
        [
          "list_services_response",
          "file_descriptor_response",
          "file_descriptor_response",
          "error_response",
          "all_extension_numbers_response",
          "error_response",
        ],
      );
      const [listed, described] = answers;
      assert.ok(listed && described);
      assert.equal(listed["valid_host"], "h");
      assert.deepEqual(listed["list_services_response"], {
        service: protoFiles.map(({ service }) => ({ name: service })),
      });
      const { file_descriptor_proto: files } = described["file_descriptor_response"] as {
        readonly file_descriptor_proto: readonly Buffer[];
      };
      const [bytes] = files;
      assert.ok(bytes);
      const told = descriptor.FileDescriptorProto.decode(bytes).toJSON();
      assert.equal(told["name"], "open_inference.proto");
    });
});

describe("reflection for those who read no answers", () => {
  it("takes no more of their questions", async () => {
    const port = await openPort(serviceOf(echo));
    const session = connect(`http://${port.address}`);
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("error", () => {});
    const text = Buffer.from("open_inference.proto");
    const question = Buffer.concat([Buffer.of(0, 0, 0, 0, 2 + text.length, 0x1a, text.length), text]);
    const many = Buffer.concat(Array.from({ length: 4000 }, () => question));
    const before = process.memoryUsage().external;
    for (let round = 0; round < 50; round++) stream.write(many);
    await setTimeout(2000);
    const held = process.memoryUsage().external - before;
    session.destroy();
    await port.close();
    assert.ok(held < 2 ** 25, `${held} bytes of answers wait`);
  });
});

describe("gRPC's definitions", () => {
  it("are told as the files have them", () => {
    const names = readdirSync(join(repositoryRoot, "ml/serve/grpc/protos")).sort();
    assert.deepEqual(
      names,
      protoFiles.map(({ name }) => name),
    );
    for (const file of protoFiles) {
      const set = { file: [descriptor.FileDescriptorProto.decode(Buffer.from(file.descriptor, "base64"))] };
      // What protobufjs makes of the descriptor, and of the text.
      const told = rootOf(descriptor.FileDescriptorSet.fromObject(set));
      const written = readProto(file.name);
      assert.ok(written.lookupService(file.service));
      for (const symbol of file.symbols.filter((symbol) => !symbol.startsWith(`${file.service}.`)))
        assert.deepEqual(fieldsOf(told.lookup(symbol)), fieldsOf(written.lookup(symbol)), symbol);
    }
  });
});

/** The definitions of a set of descriptors. */
function rootOf(set: object): protobuf.Root {
  // SAFETY: protobufjs's extension for descriptors, imported above, adds this method; its types don't say so.
  const Root = protobuf.Root as typeof protobuf.Root & { fromDescriptor(set: object): protobuf.Root };
  return Root.fromDescriptor(set);
}

/** Names, numbers and types of a message's fields, or the methods or values of what else it is. */
function fieldsOf(found: protobuf.ReflectionObject | null): unknown {
  assert.ok(found);
  if (found instanceof protobuf.Enum) return { ...found.values };
  if (found instanceof protobuf.Service)
    return found.methodsArray.map(({ name, requestStream, responseStream }) => [
      name,
      requestStream === true,
      responseStream === true,
    ]);
  assert.ok(found instanceof protobuf.Type);
  // A map is entries, repeated, in a descriptor.
  return found.fieldsArray.map(({ name, id, repeated, map }) => [name, id, repeated || map]);
}

describe("a server of gRPC that ends", () => {
  it("answers what is under way and tells watchers", async () => {
    const port = await openPort(
      serviceOf(async (request, context) => {
        await setTimeout(300);
        return echo(request, context);
      }),
    );
    const client = inferenceClient(port.address);
    const health = new ProtoClient(port.address, "health.proto", "grpc.health.v1.Health");
    const watching = health.watch("Watch", { service: "" })[Symbol.asyncIterator]();
    await watching.next();
    const answer = client.call("ModelInfer", request("1"));
    await setTimeout(100);
    const closed = port.close();
    assert.equal((await answer)["id"], "1");
    assert.deepEqual((await watching.next()).value, { status: "NOT_SERVING" });
    assert.equal((await watching.next()).done, true);
    await closed;
    client.close();
    health.close();
  });
});
