/** @file The API of logged models. */
import * as v from "valibot";
import { removeLoggedModel } from "../governance/audited-changes.ts";
import {
  createLoggedModel,
  deleteModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  logModelParams,
  parseModelStatus,
  setModelTags,
} from "../store/logged-models.ts";
import { searchLoggedModels } from "../store/search-logged-models.ts";
import { requirePageSize } from "./experiment-routes.ts";
import {
  flag,
  integer,
  keyValues,
  missingParameter,
  optionalText,
  parseRequest,
  requiredText,
  text,
} from "./request-schema.ts";
import { type ApiRequest, del, get, patch, post, postSearch, type Route } from "./router.ts";

const idOf = ({ path }: ApiRequest): string => path["model_id"] ?? "";

export const loggedModelRoutes: readonly Route[] = [
  post("logged-models", async ({ store, identity, input }) => {
    const schema = v.object({
      experiment_id: requiredText,
      name: optionalText,
      model_type: text,
      source_run_id: text,
      params: keyValues,
      tags: keyValues,
    });
    const asked = parseRequest(schema, input);
    const model = await createLoggedModel(store, {
      experimentId: asked.experiment_id,
      name: asked.name,
      modelType: asked.model_type,
      sourceRunId: asked.source_run_id,
      creator: identity,
      params: asked.params,
      tags: asked.tags,
    });
    return `{"model":${model}}`;
  }),
  postSearch("logged-models/search", async ({ store, input }) => {
    const schema = v.object({
      experiment_ids: v.nullish(v.array(v.string())),
      filter: text,
      datasets: v.nullish(v.array(v.object({ dataset_name: text, dataset_digest: optionalText })), []),
      max_results: integer,
      order_by: v.nullish(
        v.array(
          v.object({
            field_name: requiredText,
            ascending: v.nullish(v.boolean(), true),
            dataset_name: optionalText,
            dataset_digest: optionalText,
          }),
        ),
        [],
      ),
      page_token: optionalText,
    });
    const asked = parseRequest(schema, input);
    if (!asked.experiment_ids) throw missingParameter("experiment_ids");
    const maxResults = asked.max_results || 100;
    requirePageSize(maxResults, 50_000);
    const { items, nextPageToken } = await searchLoggedModels(store, {
      experimentIds: asked.experiment_ids,
      filter: asked.filter,
      datasets: asked.datasets.map(({ dataset_name, dataset_digest }) => ({
        name: dataset_name,
        digest: dataset_digest || undefined,
      })),
      orderBy: asked.order_by.map((order) => ({
        field: order.field_name,
        ascending: order.ascending,
        datasetName: order.dataset_name,
        datasetDigest: order.dataset_digest,
      })),
      maxResults,
      pageToken: asked.page_token,
    });
    const parts = items.length > 0 ? [`"models":[${items.join(",")}]`] : [];
    if (nextPageToken !== undefined) parts.push(`"next_page_token":${JSON.stringify(nextPageToken)}`);
    return `{${parts.join(",")}}`;
  }),
  get("logged-models/:model_id", async (request) => {
    const { allow_deleted } = parseRequest(v.object({ allow_deleted: flag }), request.input);
    return `{"model":${await getLoggedModel(request.store, idOf(request), allow_deleted)}}`;
  }),
  patch("logged-models/:model_id", async (request) => {
    const schema = v.object({ status: v.union([v.string(), v.number()]) });
    const { status } = parseRequest(schema, request.input);
    return `{"model":${await finalizeLoggedModel(request.store, idOf(request), parseModelStatus(status))}}`;
  }),
  del("logged-models/:model_id", async (request) => {
    await removeLoggedModel(request.store, request.identity, idOf(request));
    return {};
  }),
  post("logged-models/:model_id/params", async (request) => {
    const { params } = parseRequest(v.object({ params: keyValues }), request.input);
    await logModelParams(request.store, idOf(request), params);
    return {};
  }),
  patch("logged-models/:model_id/tags", async (request) => {
    const { tags } = parseRequest(v.object({ tags: keyValues }), request.input);
    await setModelTags(request.store, idOf(request), tags);
    return {};
  }),
  del("logged-models/:model_id/tags/:key", async (request) => {
    await deleteModelTag(request.store, idOf(request), request.path["key"] ?? "");
    return {};
  }),
];
