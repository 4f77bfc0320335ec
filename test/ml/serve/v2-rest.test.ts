/** @file The Open Inference Protocol over REST, on a real server. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { readModel, type ModelRow } from "../../../ml/package/index.ts";
import type { RunningService } from "../../../ml/serve/index.ts";
import { ask, loanPackages, post, serveModels } from "./served-loans.ts";

describe("the Open Inference Protocol over REST", () => {
  let packages: Awaited<ReturnType<typeof loanPackages>>;
  let service: RunningService;
  let rows: readonly ModelRow[];
  let expected: ReadonlyMap<string, readonly (string | number | boolean)[]>;

  before(async () => {
    packages = await loanPackages();
    await using model = await readModel(join(packages.folder, "status"));
    rows = model.recorded?.rows ?? [];
    expected = await model.outputs(rows);
    service = await serveModels(packages.folder);
  });
  after(async () => {
    await service?.close();
    await packages?.remove();
  });

  const columnsOf = (asked: readonly ModelRow[]): object[] =>
    Object.keys(rows[0] ?? {}).map((name) => ({
      name,
      shape: [asked.length],
      datatype: typeof asked.find((row) => row[name] !== null)?.[name] === "string" ? "BYTES" : "FP64",
      data: asked.map((row) => row[name]),
    }));

  it("answers as the package does", async () => {
    const { status, json } = await post(service, "/v2/models/status/infer", {
      id: "7",
      inputs: columnsOf(rows),
    });
    assert.equal(status, 200);
    const { outputs, ...head } = Object(json);
    assert.deepEqual(head, { model_name: "status", model_version: "1", id: "7" });
    assert.deepEqual(outputs[0].data, expected.get("label"));
    const probabilities = expected.get("probabilities") ?? [];
    assert.deepEqual(outputs[1].shape, [rows.length, 2]);
    for (const [at, value] of probabilities.entries())
      assert.ok(Math.abs(outputs[1].data[at] - Number(value)) < 1e-5);
  });

  it("tells what models take", async () => {
    const { json } = await ask(service, "/v2/models/amount");
    assert.deepEqual(Object(json).outputs, [{ name: "prediction", datatype: "FP32", shape: [-1] }]);
    assert.deepEqual(Object(json).versions, ["1"]);
    assert.equal((await ask(service, "/v2/models/amount/versions/1/ready")).status, 200);
    assert.equal((await ask(service, "/v2/health/ready")).status, 200);
    assert.equal((await ask(service, "/v2/models/amount/versions/2/ready")).status, 503);
    assert.equal((await ask(service, "/v2/models/nothing")).status, 404);
  });

  it("names the field that is wrong", async () => {
    const [income] = columnsOf(rows.slice(1, 2)).slice(1);
    const refused = async (body: unknown): Promise<string> => {
      const { status, json } = await post(service, "/v2/models/status/infer", body);
      assert.equal(status, 400);
      return String(Object(json).error);
    };
    assert.match(
      await refused({ inputs: [{ ...income, name: "wage" }] }),
      /no input "wage"; it takes age, income/,
    );
    assert.match(
      await refused({ inputs: [{ ...income, data: ["much"] }] }),
      /column "income" of row 0 is "much"/,
    );
    assert.match(await refused({ inputs: [{ ...income, shape: [2] }] }), /"income" has 1 elements/);
    assert.match(await refused({ inputs: [income] }), /column "age" of row 0 has no value/);
    assert.match(await refused({ inputs: 7 }), /inputs must be a list/);
    assert.match(await refused('{"inputs": ['), /no JSON/);
    assert.match(
      await refused({ inputs: columnsOf(rows), outputs: [{ name: "odds" }] }),
      /no output "odds"; it gives label, probabilities/,
    );
  });
});
