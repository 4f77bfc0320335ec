/** @file The API of runs and of what is logged to them. */
import * as v from "valibot";
import { invalidParameter } from "../mlflow-error.ts";
import { logInputs, logOutputs } from "../store/inputs.ts";
import { logBatch, logMetric, logParam } from "../store/log.ts";
import { removeRun } from "../governance/audited-changes.ts";
import { recordLoggedModel } from "../store/record-model.ts";
import {
  createRun,
  deleteRunTag,
  getRun,
  restoreRun,
  runStatuses,
  setRunTag,
  updateRun,
} from "../store/runs.ts";
import { searchRuns } from "../store/search-runs.ts";
import { requirePageSize, viewType } from "./experiment-routes.ts";
import { parseMetric, parseMetrics } from "./parse-metrics.ts";
import {
  integer,
  keyValues,
  missingParameter,
  optionalText,
  parseRequest,
  requiredText,
  text,
  texts,
} from "./request-schema.ts";
import { get, post, postSearch, type Route } from "./router.ts";

/** The run that a request names; old clients say `run_uuid`. */
function runIdOf(input: unknown): string {
  const { run_id, run_uuid } = parseRequest(v.object({ run_id: text, run_uuid: text }), input);
  if (run_id === "" && run_uuid === "") throw missingParameter("run_id");
  return run_id || run_uuid;
}

/** By name or by protobuf's number. */
const status = v.nullish(
  v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((value) => (typeof value === "number" ? runStatuses[value - 1] : value)),
    v.picklist(runStatuses),
  ),
);
const dataset = v.object({
  tags: keyValues,
  dataset: v.object({
    name: requiredText,
    digest: requiredText,
    source_type: requiredText,
    source: requiredText,
    schema: optionalText,
    profile: optionalText,
  }),
});
const largestPage = 50_000;

export const runRoutes: readonly Route[] = [
  post("runs/create", async ({ store, identity, input }) => {
    const schema = v.object({
      experiment_id: text,
      user_id: text,
      start_time: integer,
      run_name: text,
      tags: keyValues,
    });
    const asked = parseRequest(schema, input);
    const made = await createRun(store, {
      experimentId: asked.experiment_id,
      userId: asked.user_id,
      creator: identity,
      startTime: asked.start_time ?? 0,
      runName: asked.run_name,
      tags: asked.tags,
    });
    return `{"run":${made}}`;
  }),
  get("runs/get", async ({ store, input }) => `{"run":${await getRun(store, runIdOf(input))}}`),
  post("runs/update", async ({ store, input }) => {
    const runId = runIdOf(input);
    const asked = parseRequest(v.object({ status, end_time: integer, run_name: optionalText }), input);
    const info = await updateRun(store, runId, {
      status: asked.status ?? undefined,
      endTime: asked.end_time,
      runName: asked.run_name,
    });
    return `{"run_info":${info}}`;
  }),
  post("runs/delete", async ({ store, identity, input }) => {
    await removeRun(store, identity, runIdOf(input));
    return {};
  }),
  post("runs/restore", async ({ store, input }) => {
    await restoreRun(store, runIdOf(input));
    return {};
  }),
  postSearch("runs/search", async ({ store, input }) => {
    const schema = v.object({
      experiment_ids: texts,
      filter: text,
      run_view_type: viewType,
      max_results: integer,
      order_by: texts,
      page_token: optionalText,
    });
    const asked = parseRequest(schema, input);
    const maxResults = asked.max_results ?? 1000;
    requirePageSize(maxResults, largestPage);
    const { items, nextPageToken } = await searchRuns(store, asked.experiment_ids, {
      filter: asked.filter,
      orderBy: asked.order_by,
      maxResults,
      pageToken: asked.page_token,
      viewType: asked.run_view_type,
    });
    const parts = items.length > 0 ? [`"runs":[${items.join(",")}]`] : [];
    if (nextPageToken !== undefined) parts.push(`"next_page_token":${JSON.stringify(nextPageToken)}`);
    return `{${parts.join(",")}}`;
  }),
  post("runs/log-metric", async ({ store, input }) => {
    const runId = runIdOf(input);
    await logMetric(store, runId, parseMetric(input, ""));
    return {};
  }),
  post("runs/log-parameter", async ({ store, input }) => {
    const runId = runIdOf(input);
    await logParam(store, runId, parseRequest(v.object({ key: requiredText, value: text }), input));
    return {};
  }),
  post("runs/set-tag", async ({ store, input }) => {
    const runId = runIdOf(input);
    await setRunTag(store, runId, parseRequest(v.object({ key: requiredText, value: text }), input));
    return {};
  }),
  post("runs/delete-tag", async ({ store, input }) => {
    const runId = runIdOf(input);
    await deleteRunTag(store, runId, parseRequest(v.object({ key: requiredText }), input).key);
    return {};
  }),
  post("runs/log-batch", async ({ store, input }) => {
    const schema = v.object({
      run_id: requiredText,
      params: keyValues,
      tags: keyValues,
      metrics: v.optional(v.unknown()),
    });
    const { run_id, params, tags, metrics } = parseRequest(schema, input);
    await logBatch(store, run_id, { metrics: parseMetrics(metrics), params, tags });
    return {};
  }),
  post("runs/log-inputs", async ({ store, input }) => {
    const schema = v.object({
      run_id: requiredText,
      datasets: v.nullish(v.array(dataset), []),
      models: v.nullish(v.array(v.object({ model_id: requiredText })), []),
    });
    const { run_id, datasets, models } = parseRequest(schema, input);
    const inputs = datasets.map(({ tags, dataset: { source_type: sourceType, ...rest } }) => ({
      tags,
      dataset: { ...rest, sourceType },
    }));
    await logInputs(
      store,
      run_id,
      inputs,
      models.map(({ model_id }) => model_id),
    );
    return {};
  }),
  post("runs/outputs", async ({ store, input }) => {
    const schema = v.object({
      run_id: requiredText,
      models: v.array(v.object({ model_id: requiredText, step: integer })),
    });
    const { run_id, models } = parseRequest(schema, input);
    const outputs = models.map(({ model_id, step }) => ({ modelId: model_id, step: step ?? 0 }));
    await logOutputs(store, run_id, outputs);
    return {};
  }),
  post("runs/log-model", async ({ store, input }) => {
    const schema = v.object({ run_id: requiredText, model_json: requiredText });
    const { run_id, model_json } = parseRequest(schema, input);
    let model: unknown;
    try {
      model = JSON.parse(model_json);
    } catch {
      throw invalidParameter(`Malformed model info. \n ${model_json} \n is not a valid JSON.`);
    }
    await recordLoggedModel(store, run_id, model);
    return {};
  }),
];
