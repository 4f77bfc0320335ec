/** @file The API of experiments. */
import * as v from "valibot";
import { removeExperiment } from "../governance/audited-changes.ts";
import { invalidParameter } from "../mlflow-error.ts";
import {
  createExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  renameExperiment,
  restoreExperiment,
  searchExperiments,
  setExperimentTag,
} from "../store/experiments.ts";
import type { ViewType } from "../store/search-options.ts";
import {
  integer,
  keyValues,
  optionalText,
  parseRequest,
  requiredText,
  text,
  texts,
} from "./request-schema.ts";
import { type ApiRequest, get, post, postSearch, type Route } from "./router.ts";

const experiment = v.object({ experiment_id: requiredText });
const viewTypes = ["", "ACTIVE_ONLY", "DELETED_ONLY", "ALL"] as const;
const largestPage = 50_000;

/** The view that a request asks for, by name or by protobuf's number. */
export const viewType = v.pipe(
  v.nullish(v.union([v.string(), v.number()]), "ACTIVE_ONLY"),
  v.transform((view): ViewType => {
    const named = typeof view === "number" || /^\d+$/.test(view) ? viewTypes[Number(view)] : view;
    return viewTypes.find((known) => known !== "" && known === named) || "ACTIVE_ONLY";
  }),
);

const search = v.object({
  filter: text,
  order_by: texts,
  max_results: integer,
  page_token: optionalText,
  view_type: viewType,
});

async function searchHandler({ store, input }: ApiRequest): Promise<object> {
  const asked = parseRequest(search, input);
  const maxResults = asked.max_results ?? 1000;
  requirePageSize(maxResults, largestPage);
  const { items, nextPageToken } = await searchExperiments(store, {
    filter: asked.filter,
    orderBy: asked.order_by,
    maxResults,
    pageToken: asked.page_token,
    viewType: asked.view_type,
  });
  return {
    ...(items.length > 0 && { experiments: items }),
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
  };
}

/** Throws MLflow's error for a page of no results, or of too many. */
export function requirePageSize(size: number, largest: number): void {
  if (size < 1 || size > largest)
    throw invalidParameter(
      `Invalid value ${size} for parameter 'max_results' supplied. It must be a positive integer, at most ${largest}.`,
    );
}

export const experimentRoutes: readonly Route[] = [
  post("experiments/create", async ({ store, input }) => {
    const schema = v.object({ name: requiredText, artifact_location: optionalText, tags: keyValues });
    const { name, artifact_location, tags } = parseRequest(schema, input);
    return { experiment_id: await createExperiment(store, name, artifact_location || undefined, tags) };
  }),
  get("experiments/get", async ({ store, input }) => ({
    experiment: await getExperiment(store, parseRequest(experiment, input).experiment_id),
  })),
  get("experiments/get-by-name", async ({ store, input }) => ({
    experiment: await getExperimentByName(
      store,
      parseRequest(v.object({ experiment_name: requiredText }), input).experiment_name,
    ),
  })),
  postSearch("experiments/search", searchHandler),
  get("experiments/search", searchHandler),
  post("experiments/delete", async ({ store, identity, input }) => {
    await removeExperiment(store, identity, parseRequest(experiment, input).experiment_id);
    return {};
  }),
  post("experiments/restore", async ({ store, input }) => {
    await restoreExperiment(store, parseRequest(experiment, input).experiment_id);
    return {};
  }),
  post("experiments/update", async ({ store, input }) => {
    const asked = parseRequest(v.object({ experiment_id: requiredText, new_name: requiredText }), input);
    await renameExperiment(store, asked.experiment_id, asked.new_name);
    return {};
  }),
  post("experiments/set-experiment-tag", async ({ store, input }) => {
    const schema = v.object({ experiment_id: requiredText, key: requiredText, value: text });
    const { experiment_id, key, value } = parseRequest(schema, input);
    await setExperimentTag(store, experiment_id, { key, value });
    return {};
  }),
  post("experiments/delete-experiment-tag", async ({ store, input }) => {
    const asked = parseRequest(v.object({ experiment_id: requiredText, key: requiredText }), input);
    await deleteExperimentTag(store, asked.experiment_id, asked.key);
    return {};
  }),
];
