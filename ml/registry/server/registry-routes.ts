/** @file The API of registered models, their versions, aliases and tags. */
import * as v from "valibot";
import {
  changeStage,
  createVersion,
  deleteAliasByPolicy,
  removeModel,
  removeVersion,
  renameModel,
  setAliasByPolicy,
} from "../governance/audited-changes.ts";
import {
  deleteModelVersionTag,
  getModelVersion,
  getVersionByAlias,
  modelVersionLocation,
  parseStage,
  setModelVersionTag,
  updateModelVersion,
} from "../store/model-versions.ts";
import { withAliases } from "../store/model-version-rows.ts";
import { noteVersion, resolveSource } from "../store/model-source.ts";
import {
  createRegisteredModel,
  deleteRegisteredModelTag,
  getRegisteredModel,
  latestVersions,
  setRegisteredModelTag,
  updateRegisteredModel,
} from "../store/registered-models.ts";
import { searchModelVersions, searchRegisteredModels } from "../store/search-registry.ts";
import { requirePageSize } from "./experiment-routes.ts";
import {
  flag,
  integer,
  keyValues,
  optionalText,
  parseRequest,
  requiredText,
  text,
  texts,
} from "./request-schema.ts";
import { type ApiRequest, del, get, patch, post, postSearch, type Route } from "./router.ts";

const model = v.object({ name: requiredText });
const version = v.object({ name: requiredText, version: requiredText });
const tag = { key: requiredText, value: text };
const alias = v.object({ name: requiredText, alias: requiredText });
const search = v.object({
  filter: text,
  max_results: integer,
  order_by: texts,
  page_token: optionalText,
});

async function latestHandler({ store, input }: ApiRequest): Promise<object> {
  const { name, stages } = parseRequest(v.object({ name: requiredText, stages: texts }), input);
  await getRegisteredModel(store, name);
  const latest = await latestVersions(store, name, stages.map(parseStage));
  const found = await Promise.all(latest.map((one) => withAliases(store, one)));
  return found.length > 0 ? { model_versions: found } : {};
}

export const registryRoutes: readonly Route[] = [
  post("registered-models/create", async ({ store, input }) => {
    const schema = v.object({ name: requiredText, tags: keyValues, description: text });
    const { name, tags, description } = parseRequest(schema, input);
    return { registered_model: await createRegisteredModel(store, name, tags, description) };
  }),
  get("registered-models/get", async ({ store, input }) => ({
    registered_model: await getRegisteredModel(store, parseRequest(model, input).name),
  })),
  patch("registered-models/update", async ({ store, input }) => {
    const { name, description } = parseRequest(v.object({ name: requiredText, description: text }), input);
    return { registered_model: await updateRegisteredModel(store, name, description) };
  }),
  post("registered-models/rename", async ({ store, identity, input }) => {
    const asked = parseRequest(v.object({ name: requiredText, new_name: requiredText }), input);
    return { registered_model: await renameModel(store, identity, asked.name, asked.new_name) };
  }),
  del(
    "registered-models/delete",
    async ({ store, identity, input }) => {
      await removeModel(store, identity, parseRequest(model, input).name);
      return {};
    },
    "admin",
  ),
  get("registered-models/search", async ({ store, input }) => {
    const asked = parseRequest(search, input);
    const maxResults = asked.max_results ?? 100;
    requirePageSize(maxResults, 1000);
    const { items, nextPageToken } = await searchRegisteredModels(store, {
      filter: asked.filter,
      orderBy: asked.order_by,
      maxResults,
      pageToken: asked.page_token,
    });
    return {
      ...(items.length > 0 && { registered_models: items }),
      ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
    };
  }),
  get("registered-models/get-latest-versions", latestHandler),
  postSearch("registered-models/get-latest-versions", latestHandler),
  post("registered-models/set-tag", async ({ store, input }) => {
    const { name, key, value } = parseRequest(v.object({ name: requiredText, ...tag }), input);
    await setRegisteredModelTag(store, name, { key, value });
    return {};
  }),
  del("registered-models/delete-tag", async ({ store, input }) => {
    const { name, key } = parseRequest(v.object({ name: requiredText, key: requiredText }), input);
    await deleteRegisteredModelTag(store, name, key);
    return {};
  }),
  post("registered-models/alias", async ({ store, identity, input }) => {
    const schema = v.object({ name: requiredText, alias: requiredText, version: requiredText });
    await setAliasByPolicy(store, identity, parseRequest(schema, input));
    return {};
  }),
  del("registered-models/alias", async ({ store, identity, input }) => {
    const asked = parseRequest(alias, input);
    await deleteAliasByPolicy(store, identity, asked.name, asked.alias);
    return {};
  }),
  get("registered-models/alias", async ({ store, input }) => {
    const asked = parseRequest(alias, input);
    return { model_version: await getVersionByAlias(store, asked.name, asked.alias) };
  }),
  post("model-versions/create", async ({ store, identity, input }) => {
    const schema = v.object({
      name: requiredText,
      source: requiredText,
      run_id: optionalText,
      model_id: optionalText,
      tags: keyValues,
      run_link: text,
      description: text,
    });
    const asked = parseRequest(schema, input);
    const source = await resolveSource(store, asked.source, asked.run_id, asked.model_id);
    const { name, tags, description, run_link: runLink } = asked;
    const made = await createVersion(store, identity, { name, tags, description, runLink, ...source });
    if (asked.model_id) await noteVersion(store, asked.model_id, made.name, made.version);
    return { model_version: made };
  }),
  get("model-versions/get", async ({ store, input }) => {
    const asked = parseRequest(version, input);
    return { model_version: await getModelVersion(store, asked.name, asked.version) };
  }),
  patch("model-versions/update", async ({ store, input }) => {
    const schema = v.object({ name: requiredText, version: requiredText, description: optionalText });
    const asked = parseRequest(schema, input);
    return { model_version: await updateModelVersion(store, asked.name, asked.version, asked.description) };
  }),
  del(
    "model-versions/delete",
    async ({ store, identity, input }) => {
      const asked = parseRequest(version, input);
      await removeVersion(store, identity, asked.name, asked.version);
      return {};
    },
    "admin",
  ),
  post("model-versions/transition-stage", async ({ store, identity, input }) => {
    const schema = v.object({
      name: requiredText,
      version: requiredText,
      stage: requiredText,
      archive_existing_versions: flag,
    });
    const asked = parseRequest(schema, input);
    const moved = await changeStage(
      store,
      identity,
      asked.name,
      asked.version,
      asked.stage,
      asked.archive_existing_versions,
    );
    return { model_version: moved };
  }),
  get("model-versions/get-download-uri", async ({ store, input }) => {
    const asked = parseRequest(version, input);
    return { artifact_uri: await modelVersionLocation(store, asked.name, asked.version) };
  }),
  get("model-versions/search", async ({ store, input }) => {
    const asked = parseRequest(search, input);
    const maxResults = asked.max_results ?? 200_000;
    requirePageSize(maxResults, 200_000);
    const { items, nextPageToken } = await searchModelVersions(store, {
      filter: asked.filter,
      orderBy: asked.order_by,
      maxResults,
      pageToken: asked.page_token,
    });
    return {
      ...(items.length > 0 && { model_versions: items }),
      ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
    };
  }),
  post("model-versions/set-tag", async ({ store, input }) => {
    const schema = v.object({ name: requiredText, version: requiredText, ...tag });
    const asked = parseRequest(schema, input);
    await setModelVersionTag(store, asked.name, asked.version, { key: asked.key, value: asked.value });
    return {};
  }),
  del("model-versions/delete-tag", async ({ store, input }) => {
    const schema = v.object({ name: requiredText, version: requiredText, key: requiredText });
    const asked = parseRequest(schema, input);
    await deleteModelVersionTag(store, asked.name, asked.version, asked.key);
    return {};
  }),
];
