/** @file The dashboard of a service, as Grafana imports it. */

/** A query of a panel and how its series are named. */
interface Query {
  readonly expression: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  /** Grafana's name of a unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
}

const model = `model=~"$model"`;
const quantile = (q: number): Query => ({
  expression: `histogram_quantile(${q}, sum by (le) (rate(request_predict_seconds_bucket{model_name=~"$model"}[$__rate_interval])))`,
  legend: `p${q * 100}`,
});

const panels: readonly Panel[] = [
  {
    title: "Answered calls",
    unit: "reqps",
    queries: [
      {
        expression: `sum by (model, version) (rate(nv_inference_request_success{${model}}[$__rate_interval]))`,
        legend: "{{model}} {{version}}",
      },
    ],
  },
  {
    title: "Failed calls",
    unit: "reqps",
    queries: [
      {
        expression: `sum by (model, reason) (rate(nv_inference_request_failure{model=~"$model|"}[$__rate_interval]))`,
        legend: "{{model}} {{reason}}",
      },
    ],
  },
  { title: "Time of a call", unit: "s", queries: [quantile(0.5), quantile(0.95), quantile(0.99)] },
  {
    title: "99th percentile by version",
    unit: "s",
    queries: [
      {
        expression: `histogram_quantile(0.99, sum by (le, model_name, model_version) (rate(request_predict_seconds_bucket{model_name=~"$model"}[$__rate_interval])))`,
        legend: "{{model_name}} {{model_version}}",
      },
    ],
  },
  {
    title: "Where the time goes, a call",
    unit: "µs",
    queries: ["queue", "compute_infer", "request"].map((part) => ({
      expression: `sum(rate(nv_inference_${part}_duration_us{${model}}[$__rate_interval])) / sum(rate(nv_inference_request_success{${model}}[$__rate_interval]))`,
      legend: part,
    })),
  },
  {
    title: "Rows",
    unit: "rowsps",
    queries: [
      {
        expression: `sum by (model) (rate(nv_inference_count{${model}}[$__rate_interval]))`,
        legend: "{{model}}",
      },
    ],
  },
  {
    title: "Waiting and running calls",
    unit: "short",
    queries: [
      { expression: `sum by (model) (tenon_queue_length{${model}})`, legend: "{{model}} waiting" },
      { expression: `sum by (model) (tenon_running_requests{${model}})`, legend: "{{model}} running" },
    ],
  },
  {
    title: "Refused calls",
    unit: "reqps",
    queries: [
      { expression: "sum by (reason) (rate(tenon_refused_total[$__rate_interval]))", legend: "{{reason}}" },
      {
        expression: `sum by (model) (rate(tenon_queue_refused_total{${model}}[$__rate_interval]))`,
        legend: "{{model}} queue full",
      },
    ],
  },
  {
    title: "Share of traffic",
    unit: "percentunit",
    queries: [
      {
        expression: `max by (model, version) (tenon_traffic_share{${model}})`,
        legend: "{{model}} {{version}}",
      },
    ],
  },
  {
    title: "Answers from the cache",
    unit: "percentunit",
    queries: [
      {
        expression: `sum by (model) (rate(nv_cache_num_hits_per_model{${model}}[$__rate_interval])) / (sum by (model) (rate(nv_cache_num_hits_per_model{${model}}[$__rate_interval])) + sum by (model) (rate(nv_cache_num_misses_per_model{${model}}[$__rate_interval])))`,
        legend: "{{model}}",
      },
    ],
  },
  {
    title: "Answers of shadows that differ",
    unit: "percentunit",
    queries: [
      {
        expression: `sum by (model, version) (rate(tenon_shadow_different_total{${model}}[$__rate_interval])) / sum by (model, version) (rate(tenon_shadow_answers_total{${model}}[$__rate_interval]))`,
        legend: "{{model}} {{version}}",
      },
    ],
  },
  {
    title: "Memory",
    unit: "bytes",
    queries: [{ expression: "process_resident_memory_bytes", legend: "{{instance}}" }],
  },
  {
    title: "Processors",
    unit: "short",
    queries: [{ expression: "rate(process_cpu_seconds_total[$__rate_interval])", legend: "{{instance}}" }],
  },
  {
    title: "Delay of the event loop (p99)",
    unit: "s",
    queries: [{ expression: "nodejs_eventloop_lag_p99_seconds", legend: "{{instance}}" }],
  },
];

/** The dashboard as JSON. It asks for its Prometheus and offers a choice of models. */
export function grafanaDashboard(): string {
  const datasource = { type: "prometheus", uid: "${datasource}" };
  const dashboard = {
    title: "Model service",
    uid: "tenon-serving",
    tags: ["tenon"],
    schemaVersion: 39,
    editable: true,
    time: { from: "now-1h", to: "now" },
    refresh: "30s",
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" },
        {
          name: "model",
          type: "query",
          label: "Model",
          datasource,
          query: "label_values(nv_inference_request_success, model)",
          refresh: 2,
          includeAll: true,
          allValue: ".*",
          multi: true,
          current: { text: "All", value: "$__all" },
        },
      ],
    },
    panels: panels.map(({ title, unit, queries }, at) => ({
      id: at + 1,
      type: "timeseries",
      title,
      datasource,
      gridPos: { x: (at % 2) * 12, y: Math.floor(at / 2) * 8, w: 12, h: 8 },
      fieldConfig: { defaults: { unit, min: 0, custom: { fillOpacity: 10 } }, overrides: [] },
      options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi" } },
      targets: queries.map(({ expression, legend }, query) => ({
        refId: String.fromCharCode(65 + query),
        datasource,
        expr: expression,
        legendFormat: legend,
      })),
    })),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

/** The queries of all panels. */
export function dashboardQueries(): readonly string[] {
  return panels.flatMap(({ queries }) => queries.map(({ expression }) => expression));
}
