/** @file Calls of a play: the registry. */
import { type Answer, type Ask, at } from "./play.ts";

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
