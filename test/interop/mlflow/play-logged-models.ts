/** @file Calls of a play: the life of logged models. */
import { type Answer, type Ask, at } from "./play.ts";

/** Logged models: their life, params, tags, searches. */
export async function playLoggedModels(ask: Ask): Promise<void> {
  const experiment_id = at(await ask("POST", "experiments/create", { name: "models" }), "experiment_id");
  const run_id = at(
    await ask("POST", "runs/create", { experiment_id, run_name: "r" }),
    "run",
    "info",
    "run_id",
  );
  const create = async (body: object): Promise<string> =>
    at(await ask("POST", "logged-models", { experiment_id, ...body }), "model", "info", "model_id");
  const a = await create({
    name: "a",
    model_type: "tree",
    source_run_id: run_id,
    params: [{ key: "depth", value: "3" }],
    tags: [{ key: "t", value: "1" }],
  });
  const b = await create({ name: "b" });
  await create({ name: "a/b" });
  await create({ name: "c", experiment_id: "99" });
  await create({ experiment_id: "" });
  for (const status of ["LOGGED_MODEL_READY", 3])
    await ask("PATCH", `logged-models/${a}`, { model_id: a, status });
  await ask("PATCH", "logged-models/m-none", { model_id: "m-none", status: "LOGGED_MODEL_READY" });
  await ask("POST", `logged-models/${a}/params`, { model_id: a, params: [{ key: "lr", value: "0.1" }] });
  await ask("POST", "logged-models/m-none/params", { model_id: "m-none", params: [] });
  await ask("PATCH", `logged-models/${a}/tags`, {
    tags: [
      { key: "t", value: "2" },
      { key: "u", value: "3" },
    ],
  });
  await ask("DELETE", `logged-models/${a}/tags/u`);
  await ask("DELETE", `logged-models/${a}/tags/u`);
  const measure = (model_id: string, value: number, dataset_name = "d"): Promise<Answer> =>
    ask("POST", "runs/log-metric", {
      run_id,
      key: "acc",
      value,
      timestamp: 1,
      model_id,
      dataset_name,
      dataset_digest: "1",
    });
  await measure(a, 0.5);
  await measure(b, 0.75, "e");
  await ask("POST", "runs/outputs", { run_id, models: [{ model_id: a, step: 1 }] });
  await ask("POST", "runs/outputs", { run_id });
  await ask("GET", `runs/get?run_id=${run_id}`);
  await ask("GET", `logged-models/${a}`);
  await ask("GET", "logged-models/m-none");
  const search = (body: object): Promise<Answer> =>
    ask("POST", "logged-models/search", {
      experiment_ids: [experiment_id],
      order_by: [{ field_name: "name" }],
      ...body,
    });
  for (const filter of [
    "",
    "name = 'a'",
    "name IN ('a', 'b')",
    "attributes.name LIKE 'a%'",
    "params.depth = '3'",
    "tags.t = '2'",
    "metrics.acc > 0.6",
    "metrics.acc > 0.1 AND name = 'a'",
    "creation_timestamp > 0",
    "model_type = 'tree'",
    "metrics.acc LIKE 'x'",
    "name > 'a'",
    "shape.x = 'y'",
    "name = 'a' OR name = 'b'",
  ])
    await search({ filter });
  await search({ datasets: [{ dataset_name: "d", dataset_digest: "1" }] });
  await search({ datasets: [{ dataset_name: "e", dataset_digest: "1" }], filter: "metrics.acc > 0.6" });
  await search({ datasets: [{}] });
  for (const order of [
    { field_name: "metrics.acc", ascending: false },
    { field_name: "metrics.acc", ascending: true, dataset_name: "d" },
    { field_name: "creation_timestamp", ascending: true },
    { field_name: "params.depth" },
  ])
    await search({ order_by: [order] });
  await search({ max_results: 1 });
  await search({ experiment_ids: [] });
  await ask("DELETE", `logged-models/${b}`);
  await ask("DELETE", "logged-models/m-none");
  await ask("GET", `logged-models/${b}`);
  await ask("GET", `logged-models/${b}?allow_deleted=true`);
  await search({});
}
