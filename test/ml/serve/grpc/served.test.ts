/** @file Packaged models by gRPC, on the port of HTTP, with and without TLS. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { credentials, status } from "@grpc/grpc-js";
import { readModel, type ModelRow } from "../../../../ml/package/index.ts";
import { ServingError, type Wrapper } from "../../../../ml/serve/index.ts";
import { ask, loanPackages, serveModels } from "../served-loans.ts";
import { inferenceClient, type Message } from "./grpc-client.ts";

const certificates = join(import.meta.dirname, "../tls");
const pem = (name: string): Buffer => readFileSync(join(certificates, name));

describe("packaged models by gRPC", () => {
  let packages: Awaited<ReturnType<typeof loanPackages>>;
  let rows: readonly ModelRow[];
  let expected: ReadonlyMap<string, readonly (string | number | boolean)[]>;
  before(async () => {
    packages = await loanPackages();
    await using model = await readModel(join(packages.folder, "status"));
    rows = model.recorded?.rows ?? [];
    expected = await model.outputs(rows);
  });
  after(async () => await packages?.remove());

  const columnsOf = (asked: readonly ModelRow[]): Message[] =>
    Object.keys(rows[0] ?? {}).map((name) => {
      const values = asked.map((row) => row[name] ?? null);
      const isText = values.some((value) => typeof value === "string");
      const contents = isText
        ? { bytes_contents: values.map((value) => Buffer.from(String(value ?? ""))) }
        : { fp64_contents: values.map((value) => (value === null ? Number.NaN : Number(value))) };
      return { name, shape: [asked.length], datatype: isText ? "BYTES" : "FP64", contents };
    });

  it("answer as the packages do, beside HTTP", async () => {
    const service = await serveModels(packages.folder);
    const client = inferenceClient(`127.0.0.1:${service.port}`);
    const asked = rows.filter((row) => Object.values(row).every((value) => value !== null)).slice(0, 5);
    const answer = await client.call("ModelInfer", {
      model_name: "status",
      id: "7",
      inputs: columnsOf(asked),
    });
    const [label, probabilities] = answer["outputs"] as readonly (Message & { readonly contents: Message })[];
    assert.ok(label && probabilities);
    const places = asked.map((row) => rows.indexOf(row));
    assert.deepEqual(
      (label.contents["bytes_contents"] as readonly Buffer[]).map(String),
      places.map((at) => expected.get("label")?.[at]),
    );
    assert.deepEqual(probabilities["shape"], [String(asked.length), "2"]);
    for (const [at, value] of (probabilities.contents["fp32_contents"] as readonly number[]).entries()) {
      const place = (places[at >> 1] ?? 0) * 2 + (at & 1);
      assert.ok(Math.abs(value - Number(expected.get("probabilities")?.[place])) < 1e-5);
    }
    assert.equal((await ask(service, "/v2/health/ready")).status, 200);
    await assert.rejects(client.call("ModelInfer", { model_name: "status" }), {
      code: status.INVALID_ARGUMENT,
    });
    await assert.rejects(client.call("ModelMetadata", { name: "no" }), { code: status.NOT_FOUND });
    assert.deepEqual(await client.call("ModelReady", { name: "status", version: "1" }), { ready: true });
    client.close();
    await service.close();
  });

  it("pass the service's rules, and have their answer when it ends", async () => {
    const slowly: Wrapper = (next) => async (request, context) => {
      if (request.id === "refused") throw new ServingError("overloaded", "too much", { retryAfter: 1 });
      await setTimeout(300);
      return await next(request, context);
    };
    const service = await serveModels(packages.folder, { wrappers: [slowly] });
    const client = inferenceClient(`127.0.0.1:${service.port}`);
    const inputs = columnsOf(rows.slice(0, 1));
    await assert.rejects(client.call("ModelInfer", { model_name: "status", id: "refused", inputs }), {
      code: status.UNAVAILABLE,
    });
    const answer = client.call("ModelInfer", { model_name: "status", id: "last", inputs });
    await setTimeout(100);
    const closed = service.close();
    assert.equal((await answer)["id"], "last");
    await closed;
    await assert.rejects(client.call("ServerLive", {}), { code: status.UNAVAILABLE });
    client.close();
  });

  it("speak TLS by ALPN, and know who has which certificate", async () => {
    const names: (string | undefined)[] = [];
    const service = await serveModels(packages.folder, {
      tls: {
        cert: pem("server.pem"),
        key: pem("server.key"),
        ca: pem("authority.pem"),
        requestCert: true,
        rejectUnauthorized: true,
      },
      authenticateGrpc: ({ certificate, address }) => {
        names.push(certificate);
        return { name: certificate, address };
      },
    });
    assert.match(service.url, /^https:/);
    const address = `localhost:${service.port}`;
    const ca = pem("authority.pem");
    const client = inferenceClient(address, credentials.createSsl(ca, pem("client.key"), pem("client.pem")));
    assert.deepEqual(await client.call("ModelReady", { name: "late" }), { ready: true });
    assert.deepEqual(names, ["client"]);
    const body = await new Promise<string>((resolve, reject) => {
      const options = { ca, key: pem("client.key"), cert: pem("client.pem") };
      request(`https://${address}/v2/health/ready`, options, (response) => {
        response.resume().on("end", () => resolve(String(response.statusCode)));
      })
        .on("error", reject)
        .end();
    });
    assert.equal(body, "200");
    const stranger = inferenceClient(address, credentials.createSsl(ca));
    await assert.rejects(stranger.call("ServerLive", {}), { code: status.UNAVAILABLE });
    stranger.close();
    client.close();
    await service.close();
  });
});
