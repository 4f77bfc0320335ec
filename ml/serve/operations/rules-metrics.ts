/** @file The metrics of what stands between protocols and models, read when somebody asks for them. */
import type { PredictionCache } from "../cache/cached-infer.ts";
import type { Capture } from "../capture/capture.ts";
import type { Admission } from "../limits/admission.ts";
import type { CircuitBreaker } from "../limits/circuit-breaker.ts";
import type { ConnectionLimit } from "../limits/connection-limit.ts";
import type { LoopDelay } from "../limits/loop-delay.ts";
import type { RateLimiter } from "../limits/rate-limiter.ts";
import type { Gauge, MetricLabels, Metrics } from "../observe/metrics.ts";
import type { OtlpExporter } from "../observe/otlp-exporter.ts";
import { ruleVersions } from "../traffic/rules.ts";
import type { Traffic } from "../traffic/traffic.ts";

/** What is measured; what is absent is not in use. */
export interface MeasuredRules {
  readonly admissions: ReadonlyMap<string, Admission>;
  readonly circuits: ReadonlyMap<string, ReadonlyMap<string, { readonly breaker: CircuitBreaker }>>;
  readonly traffic: Traffic;
  readonly loop: LoopDelay;
  readonly rateLimiter: RateLimiter | undefined;
  readonly cache: PredictionCache | undefined;
  readonly capture: Capture | undefined;
  readonly exporter: OtlpExporter | undefined;
}

/** Adds the metrics of rules. */
export function addRulesMetrics(metrics: Metrics, measured: MeasuredRules): void {
  const { traffic, loop, rateLimiter, cache, capture, exporter } = measured;
  counted(
    metrics,
    "tenon_traffic_rollbacks_total",
    "Versions that gates took back.",
    () => traffic.rollbacks,
  );
  refused(metrics, "event_loop", () => loop.refused);
  if (rateLimiter) refused(metrics, "rate_limit", () => rateLimiter.refused);
  if (capture) {
    counted(metrics, "tenon_capture_rows_total", "Rows that were captured.", () => capture.written);
    counted(
      metrics,
      "tenon_capture_dropped_rows_total",
      "Rows that capture left out.",
      () => capture.dropped,
    );
  }
  if (exporter) {
    counted(metrics, "tenon_otlp_sent_total", "Spans and log records that were sent.", () => exporter.sent);
    counted(
      metrics,
      "tenon_otlp_dropped_total",
      "Spans and log records that were left out.",
      () => exporter.dropped,
    );
  }
  if (cache) {
    metrics.computed(
      { name: "tenon_cache_bytes", help: "Memory of cached answers.", kind: "gauge", merge: "sum" },
      () => cache.bytes,
    );
    counted(
      metrics,
      "tenon_cache_evictions_total",
      "Answers that went for want of memory.",
      () => cache.evictions,
    );
    counted(
      metrics,
      "tenon_cache_shared_failures_total",
      "Times the shared cache failed.",
      () => cache.sharedFailures,
    );
  }
  const shares = new Set<Gauge>();
  metrics.beforeSnapshot(() => {
    // Versions and rules that were there before have no share any more.
    for (const gauge of shares) gauge.value = 0;
    setModelMetrics(metrics, measured, shares);
  });
}

/** Adds the metrics of connections. */
export function addConnectionMetrics(metrics: Metrics, connections: ConnectionLimit): void {
  metrics.computed(
    { name: "tenon_connections", help: "Connections that are open.", kind: "gauge", merge: "sum" },
    () => connections.open,
  );
  for (const reason of ["total", "address"] as const)
    metrics.computed(
      {
        name: "tenon_connections_refused_total",
        help: "Connections that were closed because there were too many, or too many of their address.",
        kind: "counter",
        merge: "sum",
      },
      () => connections.refused[reason],
      { reason },
    );
}

function setModelMetrics(
  metrics: Metrics,
  { admissions, circuits, traffic, cache }: MeasuredRules,
  shares: Set<Gauge>,
): void {
  for (const [model, admission] of admissions) {
    metrics.gauge("tenon_queue_length", "Calls that wait.", { model }).value = admission.queued;
    metrics.gauge("tenon_running_requests", "Calls that run.", { model }).value = admission.running;
    metrics.counter("tenon_queue_refused_total", "Calls that found the queue full.", { model }).value =
      admission.refused;
    metrics.counter("tenon_deadline_exceeded_total", "Calls whose deadline passed.", { model }).value =
      admission.expired;
  }
  for (const [model, versions] of circuits)
    for (const [version, { breaker }] of versions) {
      const labels = { model, version };
      metrics.gauge("tenon_circuit_open", "1 while a model is left alone.", labels, "max").value =
        breaker.state === "closed" ? 0 : 1;
    }
  for (const [model, counts] of cache?.counts ?? []) {
    const labels = { model };
    metrics.counter("nv_cache_num_hits_per_model", "Answers from the cache.", labels).value = counts.hits;
    metrics.counter("nv_cache_num_misses_per_model", "Calls that were not cached.", labels).value =
      counts.misses;
  }
  for (const [model, rule] of Object.entries(traffic.rules.models)) {
    const set = (name: string, help: string, labels: MetricLabels, value: number): void => {
      const gauge = metrics.gauge(name, help, labels, "max");
      gauge.value = value;
      shares.add(gauge);
    };
    for (const [version, share] of Object.entries(traffic.sharesOf(model)))
      set("tenon_traffic_share", "The share of a version.", { model, version }, share);
    const missing = traffic.missingOf(model);
    for (const version of ruleVersions(rule))
      set(
        "tenon_traffic_version_missing",
        "1 while a rule names a version that is not there.",
        { model, version },
        missing.includes(version) ? 1 : 0,
      );
    for (const [version, report] of traffic.shadowsOf(model)) {
      const labels = { model, version };
      metrics.counter("tenon_shadow_answers_total", "Answers of shadows.", labels).value = report.answered;
      metrics.counter("tenon_shadow_failures_total", "Failures of shadows.", labels).value = report.failed;
      metrics.counter("tenon_shadow_dropped_total", "Calls that shadows did not see.", labels).value =
        report.dropped;
      metrics.counter("tenon_shadow_different_total", "Answers of shadows that differ.", labels).value =
        report.differentAnswers;
    }
  }
}

function counted(metrics: Metrics, name: string, help: string, read: () => number): void {
  metrics.computed({ name, help, kind: "counter", merge: "sum" }, read);
}

function refused(metrics: Metrics, reason: string, read: () => number): void {
  metrics.computed(
    {
      name: "tenon_refused_total",
      help: "Calls that were refused, by reason.",
      kind: "counter",
      merge: "sum",
    },
    read,
    { reason },
  );
}
