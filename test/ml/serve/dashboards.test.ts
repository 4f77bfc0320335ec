import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import {
  alertRules,
  dashboardQueries,
  grafanaDashboard,
  runbookText,
  servingAlerts,
} from "../../../ml/serve/dashboards/index.ts";
import { openOperations } from "../../../ml/serve/operations/operations.ts";
import { parseOperations } from "../../../ml/serve/operations/settings.ts";
import { compose, type InferenceService, type ModelMetadata } from "../../../ml/serve/index.ts";
import { refused } from "../refused.ts";
import { answer, call, context } from "./calls.ts";
import { hasPromtool, promtool } from "./promtool.ts";

const alerts = servingAlerts();

/** A model `risk` of two versions, of which version 2 keeps failing. */
const service: InferenceService = {
  infer: (request) => {
    if (request.version === "2") throw new Error("broken");
    return answer(request, 1);
  },
  isLive: () => true,
  isReady: () => true,
  isModelReady: () => true,
  modelNames: () => ["risk"],
  metadata: (name): ModelMetadata => ({
    name,
    versions: ["1", "2"],
    platform: "test",
    inputs: [],
    outputs: [],
  }),
};

describe("Dashboards and alerts", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-dashboards-"));
  after(() => rmSync(folder, { recursive: true }));

  it("ask only for metrics that a service has", async () => {
    const operations = await openOperations(
      parseOperations({
        limits: { circuit: { minimumRequests: 2 }, rateLimit: { requestsPerSecond: 1000, burst: 1000 } },
        cache: { models: { risk: { ttlSeconds: 1 } } },
        capture: { folder, share: 0 },
      }),
      { onError: assert.ifError },
    );
    const { infer } = compose(service, operations.serving.wrappers ?? []);
    operations.traffic?.set("risk", {
      weights: [{ version: "1", weight: 1 }],
      shadows: [{ version: "1", share: 1, tolerance: 0 }],
    });
    await infer(call(), context());
    await new Promise((resolve) => setImmediate(resolve));
    for (let count = 0; count < 3; count++)
      try {
        await infer(call({ version: "2" }), context());
      } catch {
        continue;
      }
    const names = new Set(operations.metrics.snapshot().map(({ name }) => name));
    await operations.close();
    // Of a supervisor, of Prometheus, and of a cache that only real models have.
    const others = new Set([
      "up",
      "tenon_worker_restarts_total",
      "tenon_worker_hangs_total",
      "nv_cache_num_hits_per_model",
      "nv_cache_num_misses_per_model",
    ]);
    const asked = [...alerts.map(({ expression }) => expression), ...dashboardQueries()].flatMap((query) =>
      Array.from(query.matchAll(/\b(?:nv|tenon|process|nodejs|request)_\w+|\bup\b/g), ([name]) => name),
    );
    assert.ok(asked.length > 40);
    for (const name of asked) {
      const family = name.replace(/_bucket$/, "");
      assert.ok(names.has(family) || others.has(family), name);
    }
  });

  it("have a section of the runbook for each alert", () => {
    const text = runbookText(alerts);
    const rules = parse(alertRules(alerts, "https://example.com/runbook")) as {
      groups: { rules: { alert: string; annotations: { runbook_url: string } }[] }[];
    };
    const found = rules.groups.flatMap((group) => group.rules);
    assert.equal(found.length, alerts.length);
    for (const { alert, annotations } of found) {
      assert.ok(text.includes(`\n## ${alert}\n`));
      assert.equal(annotations.runbook_url, `https://example.com/runbook#${alert.toLowerCase()}`);
    }
  });

  it("refuse thresholds that are none", async () => {
    await refused(() => servingAlerts({ errorRate: 0 }), /errorRate must be/);
    await refused(() => servingAlerts({ job: 'x"} or up{' }), /job must be/);
  });

  it("are one valid dashboard, its panels beside and below one another", () => {
    const { panels } = JSON.parse(grafanaDashboard()) as {
      panels: { id: number; gridPos: { x: number; y: number }; targets: { refId: string }[] }[];
    };
    assert.equal(new Set(panels.map(({ gridPos }) => `${gridPos.x}/${gridPos.y}`)).size, panels.length);
    for (const { targets } of panels)
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
  });

  it("satisfy promtool, and tell what they should of series that it is given", function () {
    if (!hasPromtool) this.skip();
    writeFileSync(join(folder, "alerts.yaml"), alertRules(alerts, "runbook.md"));
    assert.match(
      promtool(["check", "rules", join(folder, "alerts.yaml")]),
      new RegExp(`SUCCESS: ${alerts.length} rules`),
    );
    writeFileSync(join(folder, "queries.yaml"), queryRules());
    assert.match(promtool(["check", "rules", join(folder, "queries.yaml")]), /SUCCESS/);
    const series = (name: string, values: string) => ({ series: name, values });
    const quiet = {
      TenonDown: false,
      TenonErrors: false,
      TenonSlow: false,
      TenonCircuitOpen: false,
      TenonRolledBack: false,
      TenonVersionMissing: false,
      TenonHanging: false,
      TenonConnectionsRefused: false,
    };
    const tests = [
      {
        input: [
          series('up{job="tenon",instance="a"}', "1x60"),
          series('nv_inference_request_success{model="risk",version="1"}', "0+100x60"),
          series('nv_inference_request_failure{model="risk",reason="internal"}', "0+1x60"),
          series('nv_inference_request_failure{model="risk",reason="invalid"}', "0+500x60"),
          series('tenon_circuit_open{model="risk",version="1"}', "0x60"),
          series('tenon_traffic_rollbacks_total{instance="a"}', "0x60"),
          series('tenon_traffic_version_missing{instance="a",model="risk",version="3"}', "0x60"),
          series('tenon_engine_hangs_total{instance="a"}', "0x60"),
          series('tenon_connections_refused_total{instance="a",reason="total"}', "0x60"),
        ],
        expected: quiet,
      },
      {
        input: [
          series('up{job="tenon",instance="a"}', "0x60"),
          series('nv_inference_request_success{model="risk",version="1"}', "0+100x60"),
          series('nv_inference_request_failure{model="risk",reason="internal"}', "0+10x60"),
          series('request_predict_seconds_bucket{model_name="risk",le="0.5"}', "0+90x60"),
          series('request_predict_seconds_bucket{model_name="risk",le="1"}', "0+100x60"),
          series('request_predict_seconds_bucket{model_name="risk",le="+Inf"}', "0+100x60"),
          series('tenon_circuit_open{model="risk",version="1"}', "1x60"),
          series('tenon_traffic_rollbacks_total{instance="a"}', "0x20 1x10"),
          series('tenon_traffic_version_missing{instance="a",model="risk",version="3"}', "1x60"),
          series('tenon_worker_hangs_total{instance="a"}', "0x20 1x10"),
          series('tenon_connections_refused_total{instance="a",reason="total"}', "0+60x60"),
        ],
        expected: {
          TenonDown: true,
          TenonErrors: true,
          TenonSlow: true,
          TenonCircuitOpen: true,
          TenonRolledBack: true,
          TenonVersionMissing: true,
          TenonHanging: true,
          TenonConnectionsRefused: true,
        },
      },
    ];
    // Names only: promtool compares labels and texts too, which this file would repeat.
    writeFileSync(
      join(folder, "tests.yaml"),
      JSON.stringify({
        rule_files: ["alerts.yaml"],
        tests: tests.map(({ input, expected }) => ({
          interval: "1m",
          input_series: input,
          promql_expr_test: Object.entries(expected).map(([alert, isTold]) => ({
            expr: `count(ALERTS{alertname="${alert}",alertstate="firing"})`,
            eval_time: "30m",
            exp_samples: isTold ? [{ labels: "{}", value: 1 }] : [],
          })),
        })),
      }),
    );
    assert.match(promtool(["test", "rules", join(folder, "tests.yaml")]), /SUCCESS/);
  });
});

/** The dashboard's queries as rules, with Grafana's own variables filled in. */
function queryRules(): string {
  const rules = dashboardQueries().map((query, at) => ({
    record: `query:${at}`,
    expr: query.replaceAll("$__rate_interval", "5m").replaceAll("$model", ".*"),
  }));
  return JSON.stringify({ groups: [{ name: "dashboard", rules }] });
}
