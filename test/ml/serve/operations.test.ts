/** @file A service with all its rules, over its real sockets. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { startServing, type RunningService } from "../../../ml/serve/index.ts";
import { openOperations, type Operations } from "../../../ml/serve/operations/operations.ts";
import {
  type OperationsInput,
  parseOperations,
  readOperations,
} from "../../../ml/serve/operations/settings.ts";
import { apiKeysText, makeApiKey } from "../../../ml/serve/security/api-keys.ts";
import { refused } from "../refused.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { ask, type Answer, post } from "./served-loans.ts";

const ops = makeApiKey({ name: "ops", grants: [{ models: ["*"], verbs: ["admin", "read", "infer"] }] });
const team = makeApiKey({ name: "team", grants: [{ models: ["risk"], verbs: ["infer"] }] });
const asOps = { "x-api-key": ops.key };
const asTeam = { authorization: `Bearer ${team.key}` };

describe("A service in operation", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-operations-"));
  const rows = (count: number): object => ({
    inputs: [
      {
        name: "x",
        shape: [count, 32],
        datatype: "FP32",
        data: Array.from({ length: 32 * count }, () => 0.5),
      },
    ],
  });
  let service: RunningService | undefined;
  let operations: Operations | undefined;

  before(async () => {
    for (const version of ["1", "2"]) await writeMatrixModel(join(folder, "models", "risk", version));
    writeFileSync(join(folder, "keys.json"), apiKeysText([ops.record, team.record]));
  });
  afterEach(async () => {
    await service?.close();
    await operations?.close();
    [service, operations] = [undefined, undefined];
  });
  after(() => rmSync(folder, { recursive: true }));

  const start = async (settings: OperationsInput): Promise<RunningService> => {
    operations = await openOperations(parseOperations(settings), {
      onError: (error) => assert.fail(String(error)),
    });
    service = await startServing({ models: join(folder, "models"), port: 0, ...operations.serving });
    return service;
  };

  const infer = (headers: Record<string, string> = {}): Promise<Answer> => {
    assert.ok(service);
    return post(service, "/v2/models/risk/infer", rows(1), headers);
  };

  it("counts calls and tells Prometheus, with nothing set", async () => {
    const served = await start({});
    assert.equal((await infer()).status, 200);
    assert.equal((await post(served, "/v2/models/nothing/infer", rows(1))).status, 404);
    const { text, status, headers } = await ask(served, "/metrics");
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /version=0\.0\.4/);
    assert.match(text, /nv_inference_request_success\{model="risk",version="2"\} 1\n/);
    assert.match(text, /nv_inference_request_success\{model="risk",version="1"\} 0\n/);
    assert.match(text, /tenon_queue_length\{model="risk"\} 0\n/);
    // Without keys nothing can be administered, and nothing can be looked into.
    assert.equal((await ask(served, "/admin/v1/traffic")).status, 403);
    assert.equal((await ask(served, "/debug/state")).status, 404);
  });

  it("lets callers do what their keys allow", async () => {
    const served = await start({ security: { keys: join(folder, "keys.json") }, debug: true });
    assert.equal((await infer()).status, 401);
    assert.equal((await infer({ "x-api-key": "tenon_wrong" })).status, 401);
    assert.equal((await infer(asTeam)).status, 200);
    assert.equal((await ask(served, "/v2/health/ready")).status, 200);
    for (const [path, headers, status] of [
      ["/v2/models/risk", {}, 401],
      ["/v2/models/risk", asTeam, 200],
      ["/v2/models/other", asTeam, 403],
      ["/metrics", {}, 401],
      ["/metrics", asTeam, 403],
      ["/metrics", asOps, 200],
      ["/debug/state", asTeam, 403],
      ["/debug/state", asOps, 200],
      ["/admin/v1/traffic/risk", asTeam, 403],
      ["/admin/v1/traffic", {}, 401],
    ] as const)
      assert.equal((await ask(served, path, { headers })).status, status, path);
  });

  it("tells nobody what a model takes who may not ask it, whatever the request", async () => {
    const stranger = makeApiKey({
      name: "stranger",
      grants: [{ models: ["ris"], verbs: ["infer", "read"] }],
    });
    writeFileSync(join(folder, "strangers.json"), apiKeysText([stranger.record]));
    const served = await start({ security: { keys: join(folder, "strangers.json") } });
    const headers = { "x-api-key": stranger.key };
    for (const path of [
      "/v2/models/risk/infer",
      "//v2//models/risk/infer",
      "/v2/models/r%69sk/versions/1/infer",
      "/v2/models/risk/generate",
      "/v1/models/risk:predict",
      "/v1/models/risk/versions/1:predict",
      "/invocations",
    ])
      for (const body of ["{}", '{"inputs":[{"name":"y","shape":[1],"datatype":"FP32","data":[1]}]}'])
        assert.equal((await post(served, path, body, headers)).status, 403, path);
    // A colon is part of a model's name, and not its end.
    for (const path of ["/v2/models/ris:k", "/v1/models/ris:k/metadata", "/v2/models/ris:k/ready"])
      assert.equal((await ask(served, path, { headers })).status, 403, path);
  });

  it("takes no bodies of those who prove nothing", async () => {
    const served = await start({ security: { keys: join(folder, "keys.json") } });
    const socket = connect(served.port, "127.0.0.1");
    socket.write("POST /v2/models/risk/infer HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n");
    const [head] = await once(socket, "data");
    assert.match(String(head), /^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it("changes traffic at run time, and has every change in the audit", async () => {
    const audit = join(folder, "audit.jsonl");
    const trafficRules = join(folder, "traffic.json");
    const served = await start({ security: { keys: join(folder, "keys.json"), audit }, trafficRules });
    const admin = (method: string, path: string, rule?: unknown): Promise<Answer> =>
      ask(served, `/admin/v1/${path}`, {
        method,
        headers: { ...asOps, "content-type": "application/json" },
        ...(rule !== undefined && { body: JSON.stringify(rule) }),
      });
    const versions = async (): Promise<string[]> => {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, at) => infer({ ...asTeam, "sticky-key": String(at) })),
      );
      return answers.map(({ json }) => String(Object(json).model_version));
    };
    assert.deepEqual(new Set(await versions()), new Set(["2"]));
    const weights = [
      { version: "1", weight: 50 },
      { version: "2", weight: 50 },
    ];
    assert.equal((await admin("PUT", "traffic/risk", { weights })).status, 200);
    const split = await versions();
    assert.deepEqual([...new Set(split)].sort(), ["1", "2"]);
    assert.deepEqual(await versions(), split);
    for (const [rule, message] of [
      [{ weights: [{ version: "9", weight: 1 }] }, /no version "9"/],
      [{ weights: [] }, /weights/],
      ["{", /the rule/],
    ] as const) {
      const { status, json } = await admin("PUT", "traffic/risk", rule);
      assert.equal(status, 400);
      assert.match(String(Object(json).error), message);
    }
    assert.equal((await admin("POST", "traffic/risk/switch")).status, 400);
    await admin("PUT", "traffic/risk", { blueGreen: { blue: "1", green: "2", active: "blue" } });
    assert.deepEqual(new Set(await versions()), new Set(["1"]));
    await admin("POST", "traffic/risk/switch");
    assert.deepEqual(new Set(await versions()), new Set(["2"]));
    await admin("POST", "traffic/risk/rollback", { to: "1", reason: "complaints" });
    assert.deepEqual(new Set(await versions()), new Set(["1"]));
    const { json } = await admin("GET", "traffic");
    assert.equal(Object(json).risk.rule.rolledBack.reason, "complaints");
    for (const [method, path] of [
      ["GET", "nothing"],
      ["PATCH", "traffic/risk"],
      ["POST", "traffic/risk/other"],
      ["DELETE", "cache/risk"],
      ["GET", "traffic/none"],
    ] as const)
      assert.equal((await admin(method, path)).status, 404, path);
    await sleep(20);
    assert.match(readFileSync(trafficRules, "utf8"), /complaints/);
    const lines = readFileSync(audit, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const [first] = lines;
    assert.deepEqual(
      [first?.["caller"], first?.["action"], first?.["status"]],
      ["ops", "PUT /admin/v1/traffic/risk", 200],
    );
    assert.deepEqual(first?.["detail"], { weights });
    assert.equal(lines.filter(({ status }) => status === 400).length, 4);
    // What was set before is there when the service comes back.
    await served.close();
    await operations?.close();
    await start({ security: { keys: join(folder, "keys.json") }, trafficRules });
    assert.deepEqual(new Set(await versions()), new Set(["1"]));
  });

  it("refuses what is too often or too large, and says when to come back", async () => {
    await start({ limits: { rateLimit: { requestsPerSecond: 0.01, burst: 2 }, maxElements: 100 } });
    assert.deepEqual([(await infer()).status, (await infer()).status], [200, 200]);
    const { status, headers } = await infer();
    assert.equal(status, 429);
    assert.ok(Number(headers.get("retry-after")) > 50);
    await service?.close();
    await operations?.close();
    await start({ limits: { maxRows: 2 } });
    assert.equal((await infer()).status, 200);
    assert.ok(service);
    assert.equal((await post(service, "/v2/models/risk/infer", rows(3))).status, 413);
  });

  it("gives answers from the cache until an administrator says otherwise, and captures calls", async () => {
    const capture = { folder: join(folder, "captured"), share: 1 };
    const served = await start({
      security: { keys: join(folder, "keys.json") },
      cache: { models: { risk: { ttlSeconds: 60 } } },
      capture,
    });
    for (let count = 0; count < 3; count++) assert.equal((await infer(asTeam)).status, 200);
    const { text } = await ask(served, "/metrics", { headers: asOps });
    assert.match(text, /nv_cache_num_hits_per_model\{model="risk"\} 2\n/);
    const gone = await ask(served, "/admin/v1/cache/risk", { method: "DELETE", headers: asOps });
    assert.deepEqual([gone.status, gone.json], [200, { removed: 1 }]);
    await served.close();
    await operations?.close();
    const { read } = await import("../../../ml/data/index.ts");
    assert.equal(await (await read(join(capture.folder, "**", "*.parquet"))).count(), 3);
  });

  it("speaks TLS, and knows clients by their certificates", async () => {
    const at = (name: string): string => new URL(`tls/${name}`, import.meta.url).pathname;
    operations = await openOperations(
      parseOperations({
        security: {
          tls: { cert: at("server.pem"), key: at("server.key"), clientCa: at("authority.pem") },
          certificates: [{ commonName: "client", grants: [{ models: ["risk"], verbs: ["read"] }] }],
        },
      }),
      { onError: (error) => assert.fail(String(error)) },
    );
    service = await startServing({ models: join(folder, "models"), port: 0, ...operations.serving });
    const { port } = service;
    const get = (path: string): Promise<[number | undefined, unknown]> =>
      new Promise((resolve, reject) => {
        request(
          {
            port,
            path,
            host: "127.0.0.1",
            agent: false,
            ca: readFileSync(at("authority.pem")),
            cert: readFileSync(at("client.pem")),
            key: readFileSync(at("client.key")),
          },
          (response) => void json(response).then((value) => resolve([response.statusCode, value]), reject),
        )
          .on("error", reject)
          .end();
      });
    const [status, metadata] = await get("/v2/models/risk");
    assert.equal(status, 200);
    assert.equal(Object(metadata).name, "risk");
    assert.equal((await get("/v2/models/other"))[0], 403);
  });

  it("refuses settings that are none, by the field's name", async () => {
    for (const [settings, message] of [
      [{ limits: { maxConcurrency: 0 } }, /limits\.maxConcurrency/],
      [{ limit: {} }, /limit/],
      [{ capture: { folder: "x", share: 2 } }, /capture\.share/],
      [{ tracing: { endpoint: "nowhere" } }, /tracing\.endpoint/],
      [{ limits: { circuit: { fallback: { kind: "other" } } } }, /fallback/],
    ] as const)
      await refused(() => parseOperations(settings), message);
    const path = join(folder, "operations.json");
    writeFileSync(
      path,
      JSON.stringify({ security: { keys: "keys.json" }, capture: { folder: "c", share: 1 } }),
    );
    const found = await readOperations(path);
    assert.deepEqual(
      [found.security.keys, found.capture?.folder],
      [join(folder, "keys.json"), join(folder, "c")],
    );
    await refused(() => readOperations(join(folder, "none.json")), /cannot be read/);
    await refused(
      () => openOperations(parseOperations({ security: { keys: path } }), { onError: () => {} }),
      /the file of API keys/,
    );
  });
});
