/** @file Runs read back: one by its id, many by MLflow's filter language, the history of a metric. */
import * as v from "valibot";
import { connect } from "./connection.ts";
import { experimentOf, findExperiment } from "./experiments.ts";
import { type MetricPoint, metricSchema, type RunRecord, runSchema } from "./run-records.ts";
import { askFor } from "./tracking-api.ts";

/** Runs in a page of a search, at most; pages of a history are as large as the store makes them. */
const pageSize = 1000;
const nextPage = v.optional(v.string(), "");

/** Which store is asked. */
export interface StoreOptions {
  /** A folder, or the URL of an MLflow server; the one that is logged to where not given. */
  readonly trackingUri?: string;
}

/** The run with an id. */
export async function getRun(runId: string, { trackingUri }: StoreOptions = {}): Promise<RunRecord> {
  const { api } = connect(trackingUri);
  const { run } = await askFor(api, v.object({ run: runSchema }), "GET", "runs/get", { run_id: runId });
  return run;
}

/** Which runs are found, as MLflow's `search_runs` has it. */
export interface SearchRunsOptions extends StoreOptions {
  /** Where neither these nor names are given: the experiment that is logged to. */
  readonly experimentIds?: readonly string[];
  readonly experimentNames?: readonly string[];
  /** Such as `metrics.loss < 0.3 AND params.depth = '3'`. */
  readonly filterString?: string;
  readonly runViewType?: "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
  readonly maxResults?: number;
  /** Such as `metrics.loss ASC`; the latest start first where not given. */
  readonly orderBy?: readonly string[];
}

/** The runs that a filter takes, at most `maxResults` (100,000 where not given). */
export async function searchRuns(options: SearchRunsOptions = {}): Promise<readonly RunRecord[]> {
  const { api } = connect(options.trackingUri);
  const ids = [...(options.experimentIds ?? [])];
  for (const name of options.experimentNames ?? []) {
    const id = await findExperiment(api, name);
    if (id !== undefined) ids.push(id);
  }
  if (!options.experimentIds && !options.experimentNames) ids.push(await experimentOf(api, {}));
  if (ids.length === 0) return [];
  const schema = v.object({ runs: v.optional(v.array(runSchema), []), next_page_token: nextPage });
  const found: RunRecord[] = [];
  const wanted = options.maxResults ?? 100_000;
  for (let token = ""; found.length < wanted;) {
    const page = await askFor(api, schema, "POST", "runs/search", {
      experiment_ids: ids,
      filter: options.filterString ?? "",
      run_view_type: options.runViewType ?? "ACTIVE_ONLY",
      max_results: Math.min(pageSize, wanted - found.length),
      order_by: options.orderBy ?? [],
      ...(token !== "" && { page_token: token }),
    });
    found.push(...page.runs);
    token = page.next_page_token;
    if (token === "") break;
  }
  return found;
}

/** All points of a metric of a run, in the store's order. */
export async function getMetricHistory(
  runId: string,
  key: string,
  { trackingUri }: StoreOptions = {},
): Promise<readonly MetricPoint[]> {
  const { api } = connect(trackingUri);
  const schema = v.object({ metrics: v.optional(v.array(metricSchema), []), next_page_token: nextPage });
  const points: MetricPoint[] = [];
  for (let token = "", first = true; first || token !== ""; first = false) {
    const page = await askFor(api, schema, "GET", "metrics/get-history", {
      run_id: runId,
      metric_key: key,
      max_results: 25_000,
      ...(token !== "" && { page_token: token }),
    });
    points.push(...page.metrics);
    token = page.next_page_token;
  }
  return points;
}
