/** @file Calls of a play: the life of experiments. */
import { type Answer, type Ask, at, long } from "./play.ts";

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
