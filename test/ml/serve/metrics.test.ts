import assert from "node:assert/strict";
import { KeptReports } from "../../../ml/serve/cluster/kept-reports.ts";
import { ServingError } from "../../../ml/serve/inference.ts";
import { InferenceMetrics } from "../../../ml/serve/observe/inference-metrics.ts";
import { mergeMetrics } from "../../../ml/serve/observe/merge-metrics.ts";
import { metricsText } from "../../../ml/serve/observe/metrics-text.ts";
import { Histogram, type MetricSnapshot, Metrics } from "../../../ml/serve/observe/metrics.ts";
import { observedInfer } from "../../../ml/serve/observe/observed-infer.ts";
import { addProcessMetrics } from "../../../ml/serve/observe/process-metrics.ts";
import { refused } from "../refused.ts";
import { answer, call, context, tensor } from "./calls.ts";
import { hasPromtool, promtool } from "./promtool.ts";

describe("What several processes count", () => {
  it("never goes down when one of them ends", () => {
    const kept = new KeptReports();
    const of = (calls: number): MetricSnapshot[] => {
      const metrics = new Metrics();
      metrics.counter("calls_total", "Calls.").value = calls;
      metrics.gauge("open", "Open.").value = calls;
      return metrics.snapshot();
    };
    kept.keep(1, of(5));
    kept.keep(2, of(7));
    kept.keep(2, of(8));
    assert.match(metricsText(kept.lastOf(2)), /calls_total 8/);
    for (const worker of [2, 1, 3]) kept.end(worker);
    assert.match(metricsText(kept.departed), /^# HELP .*\n# TYPE .*\ncalls_total 13\n$/);
    assert.deepEqual(kept.lastOf(2), []);
  });
});

describe("Metrics", () => {
  it("are written as Prometheus reads them", () => {
    const metrics = new Metrics();
    metrics.counter("calls_total", "Calls.\nAll of them.", { path: 'a "b" \\ c\n' }).value = 3;
    metrics.gauge("open", "Open.").value = Infinity;
    const histogram = metrics.histogram("seconds", "Times.", [0.1, 1], { model: "m" });
    for (const value of [0.1, 0.05, 0.5, 7]) histogram.observe(value);
    assert.equal(
      metricsText(metrics.snapshot()),
      String.raw`# HELP calls_total Calls.\nAll of them.
# TYPE calls_total counter
calls_total{path="a \"b\" \\ c\n"} 3
# HELP open Open.
# TYPE open gauge
open +Inf
# HELP seconds Times.
# TYPE seconds histogram
seconds_bucket{model="m",le="0.1"} 2
seconds_bucket{model="m",le="1"} 3
seconds_bucket{model="m",le="+Inf"} 4
seconds_sum{model="m"} 7.65
seconds_count{model="m"} 4
`,
    );
  });

  it("are one cell for the same labels in any order", async () => {
    const metrics = new Metrics();
    metrics.counter("calls", "", { a: "1", b: "2" }).value = 1;
    assert.equal(metrics.counter("calls", "", { b: "2", a: "1" }).value, 1);
    assert.equal(metrics.counter("calls", "", { b: "1", a: "2" }).value, 0);
    await refused(() => metrics.gauge("calls", ""), /calls is a counter/);
    await refused(() => new Histogram([1, 1]), /finite and rise/);
    await refused(() => new Histogram([Number.NaN]), /finite and rise/);
  });

  it("of several processes are summed, or their greatest taken", () => {
    const parts = [1, 2].map((factor) => {
      const metrics = new Metrics();
      metrics.counter("calls", "", { model: "a" }).value = 10 * factor;
      metrics.counter("calls", "", { model: String(factor) }).value = 1;
      metrics.gauge("started", "", {}, "max").value = factor;
      metrics.gauge("pending", "").value = factor;
      metrics.histogram("seconds", "", [1]).observe(factor);
      return metrics.snapshot();
    });
    // As they come from another process.
    const merged = mergeMetrics(JSON.parse(JSON.stringify(parts)) as typeof parts);
    assert.deepEqual(
      metricsText(merged)
        .split("\n")
        .filter((line) => !line.startsWith("#")),
      [
        'calls{model="a"} 30',
        'calls{model="1"} 1',
        'calls{model="2"} 1',
        "started 2",
        "pending 3",
        'seconds_bucket{le="1"} 1',
        'seconds_bucket{le="+Inf"} 2',
        "seconds_sum 3",
        "seconds_count 2",
        "",
      ],
    );
  });
});

describe("The metrics of calls", () => {
  it("have Triton's and KServe's names, by model and version", async () => {
    const metrics = new Metrics();
    const counted = new InferenceMetrics(metrics);
    const infer = observedInfer(
      (request) => {
        if (request.model !== "risk") throw new ServingError("not-found", "no such model");
        if (request.id === "bad") throw new ServingError("invalid", "bad");
        return request.id === "later" ? Promise.resolve(answer(request, 1, "2")) : answer(request, 1);
      },
      [counted],
    );
    assert.ok(!(infer(call(), context()) instanceof Promise));
    await infer(call({ id: "later", inputs: [tensor("x", [[1], [2], [3]])] }), context());
    assert.throws(() => infer(call({ id: "bad" }), context()));
    for (const model of ["made up", "also made up"]) assert.throws(() => infer(call({ model }), context()));
    counted.executed("risk", "1", { executions: 1, rows: 5, queued: 2, computed: 0.5 });
    const text = metricsText(metrics.snapshot());
    for (const line of [
      'nv_inference_request_success{model="risk",version="1"} 1',
      'nv_inference_request_success{model="risk",version="2"} 1',
      'nv_inference_count{model="risk",version="2"} 3',
      'nv_inference_request_failure{model="risk",reason="invalid"} 1',
      'nv_inference_request_failure{model="",reason="not-found"} 2',
      'nv_inference_exec_count{model="risk",version="1"} 1',
      'nv_inference_queue_duration_us{model="risk",version="1"} 2000',
      'request_predict_seconds_count{model_name="risk",model_version="1"} 1',
      "nv_inference_pending_request_count 0",
    ])
      assert.ok(text.split("\n").includes(line), `${line}\n${text}`);
    assert.ok(!text.includes("made up"));
  });

  it("satisfy promtool", function () {
    if (!hasPromtool) this.skip();
    const metrics = new Metrics();
    const end = addProcessMetrics(metrics);
    const counted = new InferenceMetrics(metrics);
    void observedInfer((request) => answer(request, 1), [counted])(call(), context());
    const text = metricsText(metrics.snapshot());
    end();
    assert.match(text, /process_resident_memory_bytes [1-9]/);
    // Triton's names break two of the checker's rules of style; nothing else may.
    const told = promtoolStyle(text);
    assert.deepEqual(
      told.filter((line) => !line.startsWith("nv_inference_")),
      [],
    );
  });
});

function promtoolStyle(text: string): string[] {
  try {
    return promtool(["check", "metrics"], text).split("\n").filter(Boolean);
  } catch (error) {
    return String(error)
      .replace(/^Error: promtool check metrics: /, "")
      .split("\n")
      .filter(Boolean);
  }
}
