/** @file A version that a traffic rule names is removed while the service runs. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startServing, type RunningService } from "../../../ml/serve/index.ts";
import { openOperations, type Operations } from "../../../ml/serve/operations/operations.ts";
import { parseOperations } from "../../../ml/serve/operations/settings.ts";
import { apiKeysText, makeApiKey } from "../../../ml/serve/security/api-keys.ts";
import { writeMatrixModel } from "./matrix-model.ts";
import { ask, post, type Answer } from "./served-loans.ts";

describe("A version that a traffic rule names and that is removed", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-missing-"));
  const models = join(folder, "models");
  const { key, record } = makeApiKey({
    name: "ops",
    grants: [{ models: ["*"], verbs: ["admin", "read", "infer"] }],
  });
  const headers = { "x-api-key": key };
  const warnings: string[] = [];
  let service: RunningService;
  let operations: Operations;

  before(async () => {
    for (const version of ["1", "2", "3"]) await writeMatrixModel(join(models, "risk", version));
    writeFileSync(join(folder, "keys.json"), apiKeysText([record]));
    const settings = {
      security: { keys: join(folder, "keys.json") },
      trafficRules: join(folder, "rules.json"),
    };
    operations = await openOperations(parseOperations(settings), {
      onError: (error) => assert.fail(String(error)),
      onWarning: (warning) => warnings.push(warning),
    });
    service = await startServing({ models, port: 0, reloadInterval: 0, ...operations.serving });
  });
  after(async () => {
    await service?.close();
    await operations?.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => warnings.splice(0));

  const x = { name: "x", shape: [1, 32], datatype: "FP32", data: Array.from({ length: 32 }, () => 0.5) };
  const answering = async (): Promise<string[]> => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, async (_, at) =>
        post(service, "/v2/models/risk/infer", { inputs: [x] }, { ...headers, "sticky-key": `user ${at}` }),
      ),
    );
    for (const { status, text } of answers) assert.equal(status, 200, text);
    return answers.map(({ json }) => String(Object(json).model_version));
  };
  const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
    ask(service, `/admin/v1/traffic/risk${path}`, { method, headers, body: JSON.stringify(body) });
  const traffic = async (): Promise<Record<string, unknown>> =>
    Object((await ask(service, "/admin/v1/traffic/risk", { headers })).json);
  const move = async (version: string, isThere: boolean): Promise<void> => {
    const [served, away] = [join(models, "risk", version), join(folder, `away-${version}`)];
    renameSync(isThere ? away : served, isThere ? served : away);
    await service.reload();
  };

  it("gives its share to the others, moves nobody else, and has it again when it is back", async () => {
    const weights = ["1", "2", "3"].map((version) => ({ version, weight: version === "3" ? 2 : 1 }));
    assert.equal((await admin("PUT", "", { weights })).status, 200);
    const before = await answering();
    assert.deepEqual([...new Set(before)].sort(), ["1", "2", "3"]);
    await move("3", false);
    const without = await answering();
    assert.deepEqual([...new Set(without)].sort(), ["1", "2"]);
    for (const [at, version] of before.entries()) if (version !== "3") assert.equal(without[at], version);
    const { missing, shares, rule } = await traffic();
    assert.deepEqual([missing, shares], [["3"], { "1": 0.5, "2": 0.5 }]);
    // What the operator has set stays as it was set.
    assert.deepEqual(Object(rule).weights, weights);
    assert.match(readFileSync(join(folder, "rules.json"), "utf8"), /"3"/);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /^risk has no version 3, which its traffic rule names/);
    const { text } = await ask(service, "/metrics", { headers });
    assert.match(text, /tenon_traffic_version_missing\{model="risk",version="3"\} 1\n/);
    assert.match(text, /tenon_traffic_share\{model="risk",version="1"\} 0\.5\n/);
    await move("3", true);
    assert.deepEqual(await answering(), before);
    const again = (await ask(service, "/metrics", { headers })).text;
    assert.match(again, /tenon_traffic_version_missing\{model="risk",version="3"\} 0\n/);
    assert.match(again, /tenon_traffic_share\{model="risk",version="3"\} 0\.5\n/);
    assert.deepEqual((await traffic())["missing"], []);
  });

  it("gives all to the baseline, or else to the current version, where no version of the rule is left", async () => {
    const gates = { baseline: "1", maxErrorRate: 0.5 };
    assert.equal((await admin("PUT", "", { weights: [{ version: "3", weight: 1 }], gates })).status, 200);
    await move("3", false);
    assert.deepEqual(new Set(await answering()), new Set(["1"]));
    await move("1", false);
    assert.deepEqual(new Set(await answering()), new Set(["2"]));
    assert.deepEqual((await traffic())["missing"], ["3", "1"]);
    assert.match(warnings.at(-1) ?? "", /no version 3, 1/);
    await move("1", true);
    await move("3", true);
  });

  it("is told of without a call, and keeps nobody from going back", async () => {
    const shadows = [{ version: "2", share: 1 }];
    assert.equal((await admin("PUT", "", { weights: [{ version: "3", weight: 1 }], shadows })).status, 200);
    await move("2", false);
    for (let count = 0; count < 40 && warnings.length === 0; count++) await sleep(50);
    assert.equal(warnings.length, 1);
    assert.deepEqual(new Set(await answering()), new Set(["3"]));
    // A shadow that isn't there fails at nothing.
    assert.deepEqual((await traffic())["shadows"], {});
    assert.equal((await admin("POST", "/rollback", { to: "2" })).status, 400);
    assert.equal((await admin("POST", "/rollback", { to: "1", reason: "complaints" })).status, 200);
    assert.deepEqual(new Set(await answering()), new Set(["1"]));
    await move("2", true);
  });
});
