/** @file What operators have beside the service: Redis, Prometheus, OpenTelemetry. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { PredictionCache } from "../../ml/serve/cache/cached-infer.ts";
import { openRedisCache } from "../../ml/serve/cache/redis-cache.ts";
import { alertRules, servingAlerts } from "../../ml/serve/dashboards/index.ts";
import { openOperations, parseOperations, startServing } from "../../ml/serve/index.ts";
import { answer, call, context } from "../ml/serve/calls.ts";
import { writeMatrixModel } from "../ml/serve/matrix-model.ts";
import { nodePackages } from "../support/node-packages.ts";
import { pythonEnvironment } from "../support/python-environment.ts";
import { runCommand } from "../support/run-command.ts";
import { requirePrograms } from "./images/debian-programs.ts";
import { Checks, type InteropSuite } from "./interop-suite.ts";
import { withScratchFolder } from "./scratch-folder.ts";

const redisClients = { redis: "6.3.1", ioredis: "6.0.0" };

export const serviceOperations: InteropSuite = {
  name: "service-operations",
  about:
    "answers shared in Redis, which may go away; metrics and alerts in Prometheus; OTLP by its proto files",
  peer: "redis 6.3.1, ioredis 6.0.0, opentelemetry-proto 1.45.2",
  run: () =>
    withScratchFolder(async (folder) => {
      await requirePrograms(["redis-server", "prometheus"]);
      const checks = new Checks();
      for (const [name, version] of Object.entries(redisClients)) {
        const packages = await nodePackages(name, { [name]: version });
        await checks.check(`answers in Redis by ${name}`, () => checkRedis(packages, folder));
      }
      const models = join(folder, "models");
      await writeMatrixModel(join(models, "risk"));
      await checks.check("Prometheus scrapes a service and takes its alerts", () =>
        checkPrometheus(folder, models),
      );
      await checks.check("spans and records parse by the proto files", () => checkOtlp(models));
      return checks.result;
    }),
};

async function startRedis(port: number): Promise<ChildProcess> {
  const server = spawn("redis-server", ["--port", String(port), "--save", "", "--bind", "127.0.0.1"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const chunk of server.stdout.setEncoding("utf8"))
    if (String(chunk).includes("Ready to accept connections")) break;
  server.stdout.resume();
  return server;
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill();
  await once(server, "exit");
}

async function checkRedis(packages: string, folder: string): Promise<void> {
  const port = 20_000 + (process.pid % 20_000);
  let server = await startRedis(port);
  const before = process.cwd();
  const errors: unknown[] = [];
  try {
    mkdirSync(folder, { recursive: true });
    process.chdir(packages);
    const open = () => openRedisCache(`redis://127.0.0.1:${port}`, (error) => errors.push(error));
    const [first, second] = [await open(), await open()];
    await assert.rejects(() => openRedisCache("redis://127.0.0.1:9", () => {}), /cannot be reached/);
    process.chdir(before);
    const loaded = new Map<string, object>();
    const loadedOf = (model: string): object => {
      const found = loaded.get(model) ?? {};
      loaded.set(model, found);
      return found;
    };
    let calls = 0;
    const cacheOf = (shared: typeof first, ttl = 60): PredictionCache =>
      new PredictionCache({
        ttlSeconds: () => ttl,
        shared,
        resolve: (model) => ({ version: "1", loaded: loadedOf(model) }),
      });
    const caches = [cacheOf(first), cacheOf(second)];
    const [one, other] = caches.map((cache) => cache.wrap((request) => answer(request, ++calls)));
    assert.ok(one && other);
    await one(call(), context());
    await sleep(50);
    assert.equal((await other(call(), context())).outputs[0]?.data[0], 1);
    assert.equal(calls, 1);
    // What is forgotten is gone for both; other models' answers stay.
    await one(call({ model: "risk*" }), context());
    await caches[0]?.invalidate("risk", "1");
    await caches[1]?.invalidate("risk", "1");
    await other(call(), context());
    assert.equal(calls, 3);
    const kept = cacheOf(second).wrap((request) => answer(request, ++calls));
    await kept(call({ model: "risk*" }), context());
    assert.equal(calls, 3);
    // An answer ends in Redis as it does here.
    const short = cacheOf(first, 0.1).wrap((request) => answer(request, ++calls));
    await short(call({ model: "short" }), context());
    await sleep(200);
    assert.equal(await second.get("none"), undefined);
    await short(call({ model: "short" }), context());
    assert.equal(calls, 5);
    await stop(server);
    const lone = cacheOf(first).wrap((request) => answer(request, ++calls));
    const begun = performance.now();
    for (let at = 0; at < 5; at++) await lone(call({ model: `away${at}` }), context());
    assert.ok(performance.now() - begun < 2000);
    assert.equal(calls, 10);
    server = await startRedis(port);
    await sleep(6000);
    await lone(call({ model: "back" }), context());
    await sleep(50);
    const again = cacheOf(second).wrap((request) => answer(request, ++calls));
    await again(call({ model: "back" }), context());
    assert.equal(calls, 11, "the clients did not come back");
    await first.close();
    await second.close();
  } finally {
    process.chdir(before);
    await stop(server);
  }
}

const querySchema = v.object({
  data: v.object({ result: v.array(v.object({ value: v.tuple([v.number(), v.string()]) })) }),
});
const rulesSchema = v.object({
  data: v.object({
    groups: v.array(v.object({ rules: v.array(v.object({ health: v.string() })) })),
  }),
});

async function checkPrometheus(folder: string, models: string): Promise<void> {
  const operations = await openOperations(parseOperations({}), { onError: assert.ifError });
  const service = await startServing({ models, port: 0, ...operations.serving });
  const port = 21_000 + (process.pid % 20_000);
  writeFileSync(join(folder, "alerts.yaml"), alertRules(servingAlerts(), "runbook.md"));
  writeFileSync(
    join(folder, "prometheus.yaml"),
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: ["alerts.yaml"],
      scrape_configs: [{ job_name: "tenon", static_configs: [{ targets: [`127.0.0.1:${service.port}`] }] }],
    }),
  );
  const server = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yaml")}`,
      `--storage.tsdb.path=${join(folder, "prometheus")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  try {
    const x = { name: "x", datatype: "FP32", shape: [1, 32], data: new Float32Array(32) } as const;
    for (let count = 0; count < 3; count++) await service.service.infer(call({ inputs: [x] }), context());
    const value = async (query: string): Promise<string | undefined> => {
      const found = v.parse(
        querySchema,
        await ask(`${port}/api/v1/query?query=${encodeURIComponent(query)}`),
      );
      return found.data.result[0]?.value[1];
    };
    for (const until = performance.now() + 30_000; (await value("up")) !== "1"; await sleep(300))
      assert.ok(performance.now() < until, "it was not scraped");
    assert.equal(await value('nv_inference_request_success{model="risk"}'), "3");
    assert.equal(await value('request_predict_seconds_bucket{model_name="risk",le="+Inf"}'), "3");
    await sleep(2500);
    const { data } = v.parse(rulesSchema, await ask(`${port}/api/v1/rules`));
    const health = data.groups.flatMap(({ rules }) => rules.map((rule) => rule.health));
    assert.deepEqual(
      health,
      servingAlerts().map(() => "ok"),
    );
  } finally {
    await stop(server);
    await service.close();
    await operations.close();
  }
}

/** What a server that is just starting answers. */
async function ask(place: string): Promise<unknown> {
  for (const until = performance.now() + 30_000; ; await sleep(200)) {
    const response = await fetch(`http://127.0.0.1:${place}`).catch(() => undefined);
    if (response?.ok) return await response.json();
    if (performance.now() > until) throw new Error(`${place} gives no answer`);
  }
}

const parsedSchema = v.object({
  services: v.array(v.string()),
  spans: v.array(
    v.object({
      name: v.string(),
      traceId: v.string(),
      parentSpanId: v.string(),
      milliseconds: v.number(),
      kind: v.number(),
      status: v.number(),
    }),
  ),
  records: v.array(v.string()),
});

async function checkOtlp(models: string): Promise<void> {
  const bodies: { traces: unknown[]; logs: unknown[] } = { traces: [], logs: [] };
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      bodies[request.url === "/v1/traces" ? "traces" : "logs"].push(JSON.parse(body));
      response.end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
  try {
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const operations = await openOperations(
      parseOperations({ tracing: { endpoint, share: 1, serviceName: "loans" } }),
      {
        onError: assert.ifError,
      },
    );
    const service = await startServing({ models, port: 0, ...operations.serving });
    const x = { name: "x", datatype: "FP32", shape: [1, 32], data: new Float32Array(32) } as const;
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await service.service.infer(call({ inputs: [x] }), context({ traceparent }));
    await assert.rejects(async () => service.service.infer(call({ model: "none" }), context()));
    operations.traffic?.set("risk", undefined, "for a test");
    await service.close();
    await operations.close();
    const environment = await pythonEnvironment(
      "service-operations",
      join(import.meta.dirname, "service-operations/requirements.txt"),
    );
    const { stdout } = await runCommand(
      environment.python,
      [join(import.meta.dirname, "service-operations/parse_otlp.py")],
      { env: environment.env, input: JSON.stringify(bodies) },
    );
    const { services, spans, records } = v.parse(parsedSchema, JSON.parse(stdout));
    assert.ok(services.every((name) => name === "loans") && services.length > 0);
    const [first, second] = spans;
    assert.equal(first?.traceId, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert.equal(first.parentSpanId, "00f067aa0ba902b7");
    assert.ok(first.milliseconds > 0 && first.milliseconds < 10_000);
    assert.deepEqual([first.kind, first.status, second?.status, second?.name], [2, 0, 2, "infer none"]);
    assert.deepEqual(records, ["risk was rolled back: for a test"]);
  } finally {
    collector.close();
    collector.closeAllConnections();
  }
}
