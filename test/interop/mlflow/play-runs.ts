/** @file Calls of a play: the life of runs. */
import { type Answer, type Ask, at, long } from "./play.ts";

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
