/** @file Users who try to approve what is their own, by names that they only claim. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { addToken, addUser } from "../../../../ml/registry/access/users.ts";
import { GovernanceClient } from "../../../../ml/registry/governance/index.ts";
import { subjectsIn } from "../../../../ml/registry/store/contributors.ts";
import { at, TestServer } from "../test-server.ts";

describe("Authors on a server that knows its users", () => {
  const server = new TestServer();
  const tokens = new Map<string, string>();
  /** A call in a user's name, below /api/2.0/. */
  const call = async (name: string, method: string, path: string, input: object): Promise<unknown> => {
    const isGet = method === "GET";
    const query = new URLSearchParams(
      Object.entries(input).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const response = await fetch(`${server.url}/api/2.0/${path}${isGet ? `?${query.toString()}` : ""}`, {
      method,
      headers: {
        authorization: `Bearer ${tokens.get(name) ?? ""}`,
        ...(!isGet && { "content-type": "application/json" }),
      },
      ...(!isGet && { body: JSON.stringify(input) }),
    });
    const body: unknown = await response.json();
    if (response.status !== 200) throw new Error(JSON.stringify(body));
    return body;
  };
  const mlflow = async (name: string, path: string, input: object): Promise<unknown> =>
    call(name, "POST", `mlflow/${path}`, input);
  const as = (name: string): GovernanceClient =>
    new GovernanceClient({ ask: async (method, endpoint, input) => call(name, method, endpoint, input) });
  const makeRun = async (name: string, claimed: string): Promise<{ id: string; artifacts: string }> => {
    const tags = [{ key: "mlflow.user", value: claimed }];
    const made = await mlflow(name, "runs/create", { experiment_id: "0", user_id: claimed, tags });
    return {
      id: String(at(made, "run", "info", "run_id")),
      artifacts: String(at(made, "run", "info", "artifact_uri")),
    };
  };
  const upload = async (name: string, location: string): Promise<void> => {
    const path = location.replace("mlflow-artifacts:/", "");
    const url = `${server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`;
    const headers = { authorization: `Bearer ${tokens.get(name) ?? ""}` };
    assert.equal((await fetch(url, { method: "PUT", headers, body: "model" })).status, 200);
  };
  const register = async (name: string, model: string, version: object): Promise<string> => {
    await mlflow(name, "registered-models/create", { name: model }).catch((error: unknown) =>
      assert.match(String(error), /RESOURCE_ALREADY_EXISTS/),
    );
    const made = await mlflow(name, "model-versions/create", { name: model, ...version });
    return String(at(made, "model_version", "version"));
  };
  /** What speaks against the alias once these have approved. */
  const approved = async (model: string, version: string, ...by: readonly string[]): Promise<string> => {
    for (const name of by) {
      const actor = await as(name).review(model, version, "approve");
      assert.deepEqual(actor, { name, verified: true });
    }
    const { objections } = await as("zoe").check(model, version, "champion");
    return objections.map(({ message }) => message).join();
  };
  const own = "it has 0 of 1 approval; alice's doesn't count: the author's own";

  before(async () => {
    await server.start();
    for (const name of ["alice", "bob", "carol", "zoe"]) {
      await addUser(server.store, name, "approver", undefined);
      tokens.set(name, await addToken(server.store, name, "test", undefined));
    }
    const rules = [{ alias: "champion", approvals: 1 }];
    writeFileSync(join(server.folder, "tenon.policy.json"), JSON.stringify({ version: 1, rules }));
  });
  after(() => server.remove());

  it("are who registered a version, whoever its run says it is of", async () => {
    const { id, artifacts } = await makeRun("alice", "carol");
    await upload("alice", `${artifacts}/model/MLmodel`);
    const version = await register("alice", "claimed", { source: `${artifacts}/model`, run_id: id });
    assert.equal(await approved("claimed", version, "alice"), own);
    // Another's name that is claimed gives nothing, and takes that one's approval away.
    assert.equal(
      await approved("claimed", version, "carol"),
      `${own}; carol's doesn't count: the author's own`,
    );
    assert.equal(await approved("claimed", version, "bob"), "");
  });

  it("are who made the run, also where two of them help each other", async () => {
    const { id, artifacts } = await makeRun("alice", "nobody");
    await upload("alice", `${artifacts}/model/MLmodel`);
    const version = await register("bob", "helped", { source: `${artifacts}/model`, run_id: id });
    assert.equal(
      await approved("helped", version, "alice", "bob"),
      `${own}; bob's doesn't count: the author's own`,
    );
    assert.deepEqual((await as("zoe").version("helped", version)).authors.toSorted(), [
      "alice",
      "bob",
      "nobody",
    ]);
    assert.equal(await approved("helped", version, "carol"), "");
  });

  it("are who wrote the files into another's run, and who made the logged model", async () => {
    const { id, artifacts } = await makeRun("bob", "bob");
    await upload("alice", `${artifacts}/model/MLmodel`);
    const version = await register("bob", "written", { source: `${artifacts}/model`, run_id: id });
    assert.equal(await approved("written", version, "alice"), own);

    const logged = await mlflow("alice", "logged-models", { experiment_id: "0", name: "m" });
    const model = String(at(logged, "model", "info", "model_id"));
    await upload("bob", `${String(at(logged, "model", "info", "artifact_uri"))}/MLmodel`);
    const source = { source: `models:/${model}`, model_id: model, run_id: id };
    const second = await register("bob", "written", source);
    assert.equal(await approved("written", second, "alice"), own);
    // Nor does a run that is named hide the one that made it.
    const of = await makeRun("alice", "x");
    const from = await mlflow("bob", "logged-models", { experiment_id: "0", source_run_id: of.id });
    const third = String(at(from, "model", "info", "model_id"));
    await upload("bob", `${String(at(from, "model", "info", "artifact_uri"))}/MLmodel`);
    const hidden = { source: `models:/${third}`, model_id: third, run_id: id };
    assert.equal(await approved("written", await register("bob", "written", hidden), "alice"), own);
  });

  it("are who wrote a file in parts, which goes past the server", async () => {
    const { id, artifacts } = await makeRun("bob", "bob");
    const version = await register("bob", "in-parts", { source: `${artifacts}/model`, run_id: id });
    const folder = encodeURIComponent(`${artifacts.replace("mlflow-artifacts:/", "")}/model`);
    Object.assign(server.store.artifacts, {
      partUploads: {
        begin: async () => ({ id: "u", urls: ["https://storage.example/1"] }),
        complete: async () => {},
        abort: async () => {},
      },
    });
    const ask = async (name: string, action: string): Promise<unknown> =>
      call(name, "POST", `mlflow-artifacts/mpu/${action}/${folder}`, {
        path: "big.onnx",
        num_parts: 1,
        upload_id: "u",
        parts: [{ part_number: 1, etag: "e" }],
      });
    try {
      await ask("zoe", "abort");
      await ask("alice", "create");
      await ask("carol", "complete");
    } finally {
      Reflect.deleteProperty(server.store.artifacts, "partUploads");
    }
    assert.equal(
      await approved("in-parts", version, "alice", "carol"),
      `${own}; carol's doesn't count: the author's own`,
    );
    assert.equal(await approved("in-parts", version, "zoe"), "");
  });

  it("are found however a path or a URI is written", () => {
    const run = "0123456789abcdef0123456789abcdef";
    for (const place of [
      `0/${run}/artifacts/model`,
      `0/${run.toUpperCase()}/artifacts/model`,
      `mlflow-artifacts:/0/%30${run.slice(1)}/artifacts`,
      `mlflow-artifacts:/0%252F${run}/artifacts`,
    ])
      assert.deepEqual([...subjectsIn(place)], [run], place);
    assert.deepEqual([...subjectsIn(`0/models/m%2D${run}/artifacts`)], [`m-${run}`]);
    assert.deepEqual([...subjectsIn(`0/x${run}/a${run}0/%zz`)], []);
  });

  it("are those of what a version is a copy of", async () => {
    const { id, artifacts } = await makeRun("alice", "nobody");
    await upload("alice", `${artifacts}/model/MLmodel`);
    await register("bob", "original", { source: `${artifacts}/model`, run_id: id });
    const copy = await register("carol", "copy", { source: "models:/original/1" });
    assert.equal(await approved("copy", copy, "alice"), own);
    assert.equal(await approved("copy", copy, "zoe"), "");
  });

  it("aren't claimed by who proves nothing: without a token nobody registers or approves", async () => {
    await assert.rejects(mlflow("mallory", "registered-models/create", { name: "m" }), /UNAUTHENTICATED/);
    await assert.rejects(as("mallory").review("copy", "1", "approve"), /UNAUTHENTICATED/);
  });
});
