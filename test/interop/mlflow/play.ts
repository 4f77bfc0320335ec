/** @file One play of calls to MLflow's API: the same whichever server answers, but for ids, times and made-up names. */

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Makes one call and notes its answer. */
export type Ask = (method: string, path: string, body?: object) => Promise<Answer>;

/** The text at a path of fields; empty where there is none. */
function at(answer: Answer, ...path: readonly string[]): string {
  let value: unknown = answer.body;
  for (const part of path) value = (Object(value) as Readonly<Record<string, unknown>>)[part];
  return typeof value === "string" ? value : "";
}

const long = (count: number): string => "x".repeat(count);

/** Experiments: their life, tags, searches. */
export async function playExperiments(ask: Ask): Promise<void> {
  const create = (body: object): Promise<Answer> => ask("POST", "experiments/create", body);
  const first = at(await create({ name: "one", tags: [{ key: "team", value: "a" }] }), "experiment_id");
  const second = at(await create({ name: "Two", artifact_location: "s3://bucket/two" }), "experiment_id");
  for (const body of [
    { name: "one" },
    {},
    { name: "" },
    { name: 3 },
    { name: long(501) },
    { name: "t", tags: [{ key: "a/../b", value: "c" }] },
    { name: "t", tags: "no" },
  ])
    await create(body);
  for (const id of [first, second, "99", "x", ""]) await ask("GET", `experiments/get?experiment_id=${id}`);
  for (const name of ["one", "one%20", "Default", ""])
    await ask("GET", `experiments/get-by-name?experiment_name=${name}`);
  const tag = (body: object): Promise<Answer> => ask("POST", "experiments/set-experiment-tag", body);
  for (const [key, value] of [
    ["team", "b"],
    ["a b:c/d", "ä 'quoted'"],
    ["bad;key", "x"],
    ["", "x"],
    ["k", long(20_001)],
    [long(251), "x"],
  ])
    await tag({ experiment_id: first, key, value });
  await tag({ experiment_id: second, key: "team", value: "B" });
  await ask("POST", "experiments/delete-experiment-tag", { experiment_id: first, key: "a b:c/d" });
  await ask("POST", "experiments/delete-experiment-tag", { experiment_id: first, key: "none" });
  await ask("POST", "experiments/update", { experiment_id: first, new_name: "uno" });
  await ask("POST", "experiments/update", { experiment_id: first, new_name: "" });
  await ask("POST", "experiments/update", { experiment_id: "77", new_name: "x" });
  for (const filter of [
    "",
    "name = 'uno'",
    "name != 'uno'",
    "name LIKE '%o'",
    "name LIKE 'T%'",
    "name LIKE 't%'",
    "name ILIKE 't%'",
    "attribute.name = 'Two'",
    "tags.team = 'b'",
    "tags.team != 'b'",
    "tag.team ILIKE 'b'",
    "tags.`team` = 'b' AND name = 'uno'",
    "tags.team IS NULL",
    "tags.team IS NOT NULL",
    "experiment_id = '1'",
    "experiment_id IN ('1', '2')",
    "experiment_id NOT IN ('1')",
    "experiment_id = 'x'",
    "experiment_id LIKE '1'",
    "creation_time > 0",
    "creation_time > 'x'",
    "creation_time LIKE 3",
    "name > 'a'",
    "name IN ('uno')",
    "colour = 'red'",
    "params.a = 'b'",
    "name = uno",
    "name = 'uno' OR name = 'Two'",
    "name",
    "= 'x'",
    "name = 'x'; DROP TABLE experiments",
    "name = 'it''s'",
  ])
    await ask("POST", "experiments/search", { filter, max_results: 50 });
  for (const order_by of [["name"], ["name DESC"], ["name ASC", "experiment_id"], ["tags.team"], ["name UP"]])
    await ask("POST", "experiments/search", { order_by, max_results: 50 });
  const page = await ask("POST", "experiments/search", { max_results: 1, order_by: ["name"] });
  const token = at(page, "next_page_token");
  await ask("POST", "experiments/search", { max_results: 2, order_by: ["name"], page_token: token });
  for (const body of [
    { max_results: 0 },
    { max_results: -1 },
    { max_results: 50_001 },
    { max_results: 1, page_token: "?" },
  ])
    await ask("POST", "experiments/search", body);
  await ask("POST", "experiments/delete", { experiment_id: second });
  await ask("POST", "experiments/delete", { experiment_id: second });
  await ask("POST", "experiments/update", { experiment_id: second, new_name: "x" });
  await tag({ experiment_id: second, key: "a", value: "b" });
  await ask("POST", "runs/create", { experiment_id: second });
  for (const view_type of ["ACTIVE_ONLY", "DELETED_ONLY", "ALL", 2])
    await ask("POST", "experiments/search", { view_type, max_results: 50 });
  await ask("POST", "experiments/restore", { experiment_id: second });
  await ask("POST", "experiments/restore", { experiment_id: second });
  await ask("GET", "experiments/search?max_results=5");
}

/** Runs: their life, what is logged, searches, histories. */
export async function playRuns(ask: Ask): Promise<void> {
  const experiment_id = at(await ask("POST", "experiments/create", { name: "runs" }), "experiment_id");
  const create = async (body: object): Promise<string> =>
    at(await ask("POST", "runs/create", { experiment_id, user_id: "u", ...body }), "run", "info", "run_id");
  const a = await create({ start_time: 10, run_name: "alpha", tags: [{ key: "kind", value: "Tree" }] });
  const b = await create({ start_time: "20", run_name: "beta" });
  const c = await create({ start_time: 30, tags: [{ key: "mlflow.runName", value: "gamma" }] });
  await create({ start_time: 1, run_name: "x", tags: [{ key: "mlflow.runName", value: "y" }] });
  await create({ experiment_id: "999" });
  await create({ experiment_id: "no" });
  await create({ start_time: "soon" });

  const batch = (body: object): Promise<Answer> => ask("POST", "runs/log-batch", body);
  const point = (key: string, value: unknown, timestamp = 1, step = 0): object => ({
    key,
    value,
    timestamp,
    step,
  });
  await batch({
    run_id: a,
    metrics: [point("loss", 0.5, 1, 0), point("loss", 0.25, 2, 1), point("loss", 0.30000000000000004, 3, 2)],
    params: [
      { key: "lr", value: "0.1" },
      { key: "depth", value: "3" },
    ],
    tags: [{ key: "note", value: "ä 'x' \"y\" %" }],
  });
  await batch({ run_id: a, metrics: [point("loss", 0.5, 1, 0), point("loss", 0.1, 9, 0)] });
  await batch({
    run_id: b,
    metrics: [
      point("loss", 0.75),
      point("nan", "NaN"),
      point("big", "Infinity"),
      point("small", "-Infinity"),
    ],
  });
  await batch({ run_id: b, params: [{ key: "lr", value: "0.2" }], tags: [{ key: "kind", value: "tree" }] });
  await batch({ run_id: c, metrics: [point("nan", 0), point("acc", 1), point("acc", 0.5, 1, 0)] });
  await batch({});
  await batch({ run_id: "none", metrics: [] });
  await batch({ run_id: "../x" });
  await batch({ run_id: a, params: [{ key: "lr", value: "0.1" }] });
  await batch({ run_id: a, params: [{ key: "lr", value: "9" }], tags: [{ key: "never", value: "set" }] });
  await batch({
    run_id: a,
    params: [
      { key: "p", value: "1" },
      { key: "p", value: "2" },
    ],
  });
  await batch({ run_id: a, metrics: [{ key: "m", timestamp: 1 }] });
  await batch({ run_id: a, metrics: [{ value: 1, timestamp: 1 }] });
  await batch({ run_id: a, metrics: [{ key: "m", value: 1 }] });
  await batch({ run_id: a, metrics: [point("bad;key", 1)] });
  await batch({ run_id: a, metrics: [point("../m", 1)] });
  await batch({ run_id: a, metrics: [point(long(251), 1)] });
  await batch({ run_id: a, metrics: [point("m", 1, -1)] });
  await batch({ run_id: a, metrics: "no" });
  await batch({
    run_id: a,
    metrics: Array.from({ length: 1001 }, (_, step) => point("many", step, 1, step)),
  });
  await batch({ run_id: a, params: Array.from({ length: 101 }, (_, n) => ({ key: `p${n}`, value: "" })) });
  await batch({ run_id: a, tags: Array.from({ length: 101 }, (_, n) => ({ key: `t${n}`, value: "" })) });
  await batch({
    run_id: a,
    params: [{ key: "long", value: long(6001) }],
    tags: [{ key: "long", value: long(8001) }],
  });
  await batch({
    run_id: a,
    metrics: Array.from({ length: 1000 }, (_, step) => point("curve", step / 7, step, step)),
  });

  const metric = (body: object): Promise<Answer> => ask("POST", "runs/log-metric", body);
  await metric({ run_id: a, key: "single", value: 1.5, timestamp: 5, step: 2 });
  await metric({ run_uuid: a, key: "single", value: "2.5", timestamp: "6" });
  for (const body of [
    { run_id: a, key: "single", value: "x", timestamp: 1 },
    { run_id: a, key: "single", timestamp: 1 },
    { run_id: a, value: 1, timestamp: 1 },
    { key: "single", value: 1, timestamp: 1 },
    { run_id: a, key: "single", value: 1 },
    { run_id: "none", key: "single", value: 1, timestamp: 1 },
  ])
    await metric(body);
  const param = (body: object): Promise<Answer> => ask("POST", "runs/log-parameter", { run_id: b, ...body });
  for (const body of [
    { key: "depth", value: "7" },
    { key: "depth", value: "7" },
    { key: "depth", value: "8" },
    { key: "empty" },
    { key: "", value: "1" },
    { key: "a//b", value: "1" },
    { key: "n", value: 1 },
    { run_id: "none", key: "a", value: "b" },
  ])
    await param(body);
  for (const body of [
    { run_id: a, key: "kind", value: "Forest" },
    { run_id: b, key: "mlflow.runName", value: "Beta" },
    { run_id: a, key: "/abs", value: "x" },
    { run_id: a, value: "x" },
    { run_id: "none", key: "a", value: "b" },
  ])
    await ask("POST", "runs/set-tag", body);
  await ask("POST", "runs/delete-tag", { run_id: a, key: "note" });
  await ask("POST", "runs/delete-tag", { run_id: a, key: "note" });
  const dataset = { name: "d", digest: "1", source_type: "local", source: "{}", schema: "{}" };
  const inputs = { datasets: [{ dataset, tags: [{ key: "mlflow.data.context", value: "train" }] }] };
  await ask("POST", "runs/log-inputs", { run_id: a, ...inputs });
  await ask("POST", "runs/log-inputs", { run_id: a, ...inputs });
  await ask("POST", "runs/log-inputs", {
    run_id: a,
    datasets: [{ dataset: { ...dataset, digest: long(37) } }],
  });
  await ask("POST", "runs/log-inputs", { run_id: "none" });
  await ask("POST", "runs/log-inputs", {});
  await ask("POST", "runs/log-model", { run_id: a, model_json: "{" });
  await ask("POST", "runs/log-model", { run_id: a });
  for (const id of [a, b, c, "none", ""]) await ask("GET", `runs/get?run_id=${id}`);
  await ask("GET", `runs/get?run_uuid=${a}`);

  for (const query of [
    `run_id=${a}&metric_key=loss`,
    `run_id=${b}&metric_key=nan`,
    `run_id=${b}&metric_key=big`,
    `run_id=${a}&metric_key=curve&max_results=10`,
    `run_id=${a}&metric_key=none`,
    `run_id=none&metric_key=loss`,
    `run_id=${a}`,
    `metric_key=loss`,
    `run_id=${a}&metric_key=loss&max_results=0`,
  ])
    await ask("GET", `metrics/get-history?${query}`);
  const page = await ask("GET", `metrics/get-history?run_id=${a}&metric_key=curve&max_results=990`);
  const rest = encodeURIComponent(at(page, "next_page_token"));
  await ask("GET", `metrics/get-history?run_id=${a}&metric_key=curve&max_results=990&page_token=${rest}`);
  for (const query of [
    `run_ids=${a}&run_ids=${b}&metric_key=loss`,
    `run_ids=${a}&metric_key=curve&max_results=7`,
    `run_ids=${a}&metric_key=curve&max_results=1`,
    `run_ids=${a}&metric_key=curve&max_results=3&start_step=10&end_step=20`,
    `run_ids=${a}&metric_key=curve&start_step=10`,
    `run_ids=${a}&metric_key=curve&start_step=10&end_step=2`,
    `run_ids=${a}&metric_key=curve&max_results=2501`,
    `run_ids=${a}`,
    `metric_key=curve`,
  ])
    await ask("GET", `metrics/get-history-bulk-interval?${query}`);

  await ask("POST", "runs/update", { run_id: a, status: "FINISHED", end_time: 99 });
  await ask("POST", "runs/update", { run_id: b, status: "FAILED", run_name: "beta2" });
  await ask("POST", "runs/update", { run_id: "none", status: "FINISHED" });
  for (const filter of [
    "metrics.loss < 0.6",
    "metrics.loss <= 0.75 and metrics.loss > 0.3",
    "metric.loss = 0.75",
    "metrics.nan = 0",
    "metrics.nan != 5",
    "metrics.nan < 1",
    "metrics.loss IS NULL",
    "params.lr = '0.1'",
    "params.lr != '0.1'",
    "parameters.lr LIKE '0.%'",
    "param.depth = '7'",
    "params.depth IS NULL",
    "params.depth IS NOT NULL",
    "tags.kind = 'tree'",
    "tags.kind ILIKE 'TREE'",
    "tags.kind LIKE 'TREE'",
    "tags.kind IS NULL",
    "tags.`mlflow.runName` = 'beta2'",
    'tags."mlflow.runName" = "beta2"',
    "tags.mlflow.runName = 'gamma'",
    "run_name = 'alpha'",
    "attributes.run_name ILIKE 'BETA%'",
    "run_name IN ('alpha')",
    "status = 'FINISHED'",
    "attr.status != 'FINISHED'",
    "attribute.status = 'RUNNING' AND params.lr = '0.1'",
    "start_time > 15",
    "created >= 20",
    "end_time < 1000",
    "start_time = 'x'",
    "user_id = 'u'",
    `run_id = '${a}'`,
    `run_id IN ('${a}', '${b}')`,
    `run_id NOT IN ('${a}')`,
    `attributes.run_id IN ('${a}',)`,
    "run_id IN ()",
    "run_id IN (1, 2)",
    "dataset.name = 'd'",
    "datasets.digest LIKE '1'",
    "dataset.context = 'train'",
    "dataset.context IN ('train', 'test')",
    "dataset.rows = '3'",
    "metrics.loss > 'x'",
    "metrics.loss LIKE 'x'",
    "params.lr > '0.1'",
    "params.lr = 0.1",
    "colour = 'red'",
    "shapes.a = 'b'",
    "metrics.loss < 0.6 OR metrics.loss > 1",
    "metrics.loss <",
    "params.lr = '0.1' params.depth = '3'; --",
    "params.`a'; DROP TABLE runs; --` = 'x'",
    "tags.note = 'x'' OR 1 = 1 --'",
  ])
    await ask("POST", "runs/search", { experiment_ids: [experiment_id], filter });
  for (const order_by of [
    ["metrics.loss"],
    ["metrics.loss DESC"],
    ["metrics.nan ASC"],
    ["metrics.nan DESC"],
    ["params.lr DESC", "start_time ASC"],
    ["tags.kind"],
    ["attributes.start_time ASC"],
    ["status", "run_name DESC"],
    ["end_time"],
    ["created DESC"],
    ["metrics.loss SIDEWAYS"],
    ["nothing"],
    ["dataset.name"],
  ])
    await ask("POST", "runs/search", { experiment_ids: [experiment_id], order_by });
  const search = (body: object): Promise<Answer> =>
    ask("POST", "runs/search", { experiment_ids: [experiment_id], ...body });
  const token = at(await search({ max_results: 2 }), "next_page_token");
  await search({ max_results: 2, page_token: token });
  for (const body of [
    { experiment_ids: [] },
    { experiment_ids: ["x"] },
    { experiment_ids: "1" },
    { max_results: 50_001 },
    { max_results: 0 },
    { page_token: "e30=" },
    { order_by: "start_time" },
    { filter: 3 },
  ])
    await search(body);
  await ask("POST", "runs/delete", { run_id: c });
  await metric({ run_id: c, key: "m", value: 1, timestamp: 1 });
  await batch({ run_id: c, metrics: [point("m", 1)] });
  await ask("POST", "runs/update", { run_id: c, run_name: "x" });
  for (const run_view_type of ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]) await search({ run_view_type });
  await ask("POST", "runs/restore", { run_id: c });
  await ask("POST", "runs/delete", { run_id: "none" });
  await ask("POST", "runs/restore", {});
  await ask("GET", `artifacts/list?run_id=${a}`);
  await ask("GET", "artifacts/list?run_id=none");
  await ask("GET", `artifacts/list?run_id=${a}&path=../x`);
  await ask("GET", `artifacts/list?run_id=${a}&path=%252e%252e/x`);
}

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

/** The registry: models, versions, aliases, tags, searches. */
export async function playRegistry(ask: Ask): Promise<void> {
  const run_id = at(
    await ask("POST", "runs/create", { experiment_id: "0", run_name: "r", start_time: 1 }),
    "run",
    "info",
    "run_id",
  );
  const create = (body: object): Promise<Answer> => ask("POST", "registered-models/create", body);
  await create({ name: "m", description: "d", tags: [{ key: "team", value: "a" }] });
  await create({ name: "N" });
  for (const body of [
    { name: "m" },
    {},
    { name: " " },
    { name: "a/b" },
    { name: 1 },
    { name: "t", tags: [{ key: ";" }] },
  ])
    await create(body);
  const version = (body: object): Promise<Answer> =>
    ask("POST", "model-versions/create", { name: "m", ...body });
  await version({
    source: `runs:/${run_id}/model`,
    run_id,
    tags: [{ key: "ok", value: "yes" }],
    description: "v",
  });
  await version({ source: "s3://bucket/model" });
  for (const body of [
    { source: "/etc" },
    { source: "file:///etc/passwd", run_id },
    { source: "mlflow-artifacts:/0/other", run_id },
    { source: `mlflow-artifacts:/0/${run_id}/artifacts/model`, run_id },
    { source: `mlflow-artifacts:/0/${run_id}/artifacts/../../x`, run_id },
    { source: "s3://bucket/../model" },
    { source: "runs:/none/model", run_id },
    { source: "models:/m/1" },
    { source: "models:/m/99" },
    { source: "models:/m-none" },
    { source: "" },
    { name: "none", source: "s3://b/m" },
  ])
    await version(body);
  for (const query of [
    "name=m&version=1",
    "name=m&version=2",
    "name=m&version=99",
    "name=m&version=x",
    "name=m",
    "name=none&version=1",
  ]) {
    await ask("GET", `model-versions/get?${query}`);
    await ask("GET", `model-versions/get-download-uri?${query}`);
  }
  const alias = (body: object): Promise<Answer> =>
    ask("POST", "registered-models/alias", { name: "m", ...body });
  await alias({ alias: "champion", version: "1" });
  for (const body of [
    { alias: "latest", version: "1" },
    { alias: "v1", version: "1" },
    { alias: "a b", version: "1" },
    { alias: "x", version: "99" },
    { alias: "", version: "1" },
    { alias: "x" },
  ])
    await alias(body);
  await ask("GET", "model-versions/get?name=m&version=1");
  for (const name of ["champion", "none", "latest"])
    await ask("GET", `registered-models/alias?name=m&alias=${name}`);
  await alias({ alias: "champion", version: "2" });
  await ask("GET", "registered-models/alias?name=m&alias=champion");
  for (const body of [
    { name: "m", version: "1", key: "ok", value: "no" },
    { name: "m", version: "1", key: ";", value: "no" },
    { name: "m", version: "9", key: "ok", value: "no" },
  ])
    await ask("POST", "model-versions/set-tag", body);
  await ask("DELETE", "model-versions/delete-tag", { name: "m", version: "1", key: "none" });
  await ask("POST", "registered-models/set-tag", { name: "m", key: "stage", value: "x" });
  await ask("POST", "registered-models/set-tag", { name: "none", key: "stage", value: "x" });
  await ask("DELETE", "registered-models/delete-tag", { name: "m", key: "stage" });
  await ask("PATCH", "registered-models/update", { name: "m", description: "new" });
  await ask("PATCH", "registered-models/update", { name: "none", description: "new" });
  await ask("PATCH", "model-versions/update", { name: "m", version: "1", description: "new" });
  for (const stage of ["staging", "Production", "nowhere"])
    await ask("POST", "model-versions/transition-stage", {
      name: "m",
      version: "1",
      stage,
      archive_existing_versions: false,
    });
  await ask("POST", "model-versions/transition-stage", {
    name: "m",
    version: "2",
    stage: "Production",
    archive_existing_versions: true,
  });
  await ask("POST", "registered-models/get-latest-versions", { name: "m" });
  await ask("POST", "registered-models/get-latest-versions", { name: "m", stages: ["Production"] });
  await ask("POST", "registered-models/get-latest-versions", { name: "none" });
  for (const filter of [
    "",
    "name = 'm'",
    "name LIKE 'M%'",
    "name ILIKE 'n'",
    "name IN ('m', 'N')",
    "tags.team = 'a'",
    "tag.team != 'a'",
    "tags.`mlflow.prompt.is_prompt` = 'true'",
    "name > 'a'",
    "colour = 'x'",
    "name = 'm' OR name = 'N'",
  ])
    await ask("GET", `registered-models/search?filter=${encodeURIComponent(filter)}`);
  for (const order of ["name DESC", "timestamp ASC", "last_updated_timestamp", "size", "name UP"])
    await ask("GET", `registered-models/search?order_by=${encodeURIComponent(order)}`);
  await ask("GET", "registered-models/search?max_results=1");
  await ask("GET", "registered-models/search?max_results=1001");
  for (const filter of [
    "",
    "name = 'm'",
    `run_id = '${run_id}'`,
    `run_id IN ('${run_id}')`,
    "source_path = 's3://bucket/model'",
    "source_path LIKE 's3:%'",
    "version_number = 1",
    "version_number > 1",
    "version_number = 'x'",
    "tags.ok = 'no'",
    "tags.ok != 'no'",
    "source_path IN ('x')",
    "colour = 'x'",
  ])
    await ask("GET", `model-versions/search?order_by=name&filter=${encodeURIComponent(filter)}`);
  for (const order of ["version_number", "version_number ASC", "creation_timestamp DESC", "run_id"])
    await ask("GET", `model-versions/search?order_by=${encodeURIComponent(order)}`);
  await ask("GET", "model-versions/search?order_by=version_number&max_results=1");
  await ask("DELETE", "model-versions/delete", { name: "m", version: "2" });
  await ask("DELETE", "model-versions/delete", { name: "m", version: "2" });
  await ask("GET", "registered-models/alias?name=m&alias=champion");
  await version({ source: "s3://bucket/third" });
  await ask("DELETE", "registered-models/alias", { name: "m", alias: "none" });
  await ask("POST", "registered-models/rename", { name: "m", new_name: "N" });
  await ask("POST", "registered-models/rename", { name: "m", new_name: "renamed" });
  await ask("POST", "registered-models/rename", { name: "m", new_name: "x" });
  await ask("GET", "registered-models/get?name=renamed");
  await ask("GET", "model-versions/get?name=renamed&version=1");
  await ask("DELETE", "registered-models/delete", { name: "renamed" });
  await ask("DELETE", "registered-models/delete", { name: "renamed" });
  await ask("GET", "model-versions/get?name=renamed&version=1");
}
