import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { importMlruns, MlrunsError } from "../../../ml/registry/index.ts";
import { at, TestServer } from "./test-server.ts";

const runId = "0123456789abcdef0123456789abcdef";

describe("Taking over an MLflow file store", () => {
  const server = new TestServer();
  let mlruns = "";
  before(() => server.start());
  after(() => server.remove());
  beforeEach(() => {
    mlruns = mkdtempSync(join(tmpdir(), "tenon-mlruns-"));
  });
  afterEach(() => rmSync(mlruns, { recursive: true, force: true }));

  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(mlruns, path)), { recursive: true });
    writeFileSync(join(mlruns, path), content);
  };
  const writeExperiment = (name: string, more = ""): void =>
    write(
      "7/meta.yaml",
      `artifact_location: file://${mlruns}/7\ncreation_time: 1\nexperiment_id: '7'\nlast_update_time: 2\nlifecycle_stage: active\nname: ${name}\n${more}`,
    );
  const writeRun = (id: string, status = 1): void =>
    write(
      `7/${id}/meta.yaml`,
      `artifact_uri: file://${mlruns}/7/${id}/artifacts\nend_time: null\nexperiment_id: '7'\nlifecycle_stage: active\nrun_id: ${id}\nrun_name: 1e5\nstart_time: 5\nstatus: ${status}\nuser_id: root\n`,
    );

  it("a store that grows is taken over again: what is new is added, nothing is doubled", async () => {
    writeExperiment("grows");
    writeRun(runId);
    write(`7/${runId}/metrics/loss`, "1 0.5 0\n2 nan 1\n3 -inf 2\n");
    write(`7/${runId}/params/a/b`, "x");
    write(`7/${runId}/artifacts/model/weights.bin`, "old");
    const first = await importMlruns(server.store, mlruns);
    assert.deepEqual([first.runs, first.points, first.artifacts, first.left], [1, 3, 1, []]);
    writeRun(runId, 3);
    write(`7/${runId}/metrics/loss`, "1 0.5 0\n2 nan 1\n3 -inf 2\n4 0.25 3\n");
    write(`7/${runId}/artifacts/model/weights.bin`, "newer");
    const second = await importMlruns(server.store, mlruns);
    assert.deepEqual([second.runs, second.artifacts], [1, 1]);
    const third = await importMlruns(server.store, mlruns);
    assert.equal(third.artifacts, 0);
    const run = at(await server.get("GET", `runs/get?run_id=${runId}`), "run");
    // Plain in YAML 1.1, a number in 1.2.
    assert.equal(at(run, "info", "run_name"), "1e5");
    assert.equal(at(run, "info", "status"), "FINISHED");
    assert.deepEqual(at(run, "data", "params"), [{ key: "a/b", value: "x" }]);
    const history = await server.get("GET", `metrics/get-history?run_id=${runId}&metric_key=loss`);
    assert.deepEqual(
      (at(history, "metrics") as readonly unknown[]).map((point) => at(point, "value")),
      [0.5, "NaN", -Number.MAX_VALUE, 0.25],
    );
    const artifact = await fetch(
      `${server.url}/api/2.0/mlflow-artifacts/artifacts/${String(at(run, "info", "artifact_uri")).slice("mlflow-artifacts:/".length)}/model/weights.bin`,
    );
    assert.equal(await artifact.text(), "newer");
  });

  it("what is not as MLflow writes it is told and left, the rest is taken over", async () => {
    writeExperiment("hostile");
    const good = "a".repeat(32);
    writeRun(good);
    write(`7/${good}/metrics/fine`, "1 1 0\n");
    write(`7/${good}/metrics/bad`, "1 one 0\n");
    write(`7/${good}/metrics/fields`, "1 2 3 4\n");
    write(`7/${good}/metrics/huge`, "99999999999999999999 1 0\n");
    write(`7/${good}/artifacts/x\\y`, "a name that leads elsewhere on Windows");
    writeRun("b".repeat(32), 9);
    write(`7/${"c".repeat(32)}/meta.yaml`, "a: [");
    write(`7/${"d".repeat(32)}/meta.yaml`, `a: &a [x]\nb: [${"*a, ".repeat(100)}]`);
    write(`7/${"e".repeat(32)}/meta.yaml`, `a: ${"[".repeat(100_000)}`);
    write("models/a:b/meta.yaml", "name: a:b\ncreation_timestamp: 1\nlast_updated_timestamp: 1\n");
    write("models/m/meta.yaml", "name: m\ncreation_timestamp: 1\nlast_updated_timestamp: 1\n");
    write("models/m/aliases/champion", "3");
    const outside = mkdtempSync(join(tmpdir(), "tenon-outside-"));
    writeFileSync(join(outside, "secret"), "secret");
    symlinkSync(outside, join(mlruns, "7", good, "artifacts", "link"));
    symlinkSync(join(outside, "secret"), join(mlruns, "7", good, "artifacts", "file"));
    const { runs, points, registeredModels, artifacts, left } = await importMlruns(server.store, mlruns);
    rmSync(outside, { recursive: true });
    assert.deepEqual([runs, points, registeredModels, artifacts], [1, 1, 1, 0]);
    for (const expected of [
      /bad.*'one' is no number/,
      /fields.*4 fields/,
      /huge.*no whole number/,
      /x\\y.*Invalid path/,
      /bbb.*status/,
      /ccc/,
      /ddd/,
      /eee.*nested too deeply/,
      /a:b/,
      /champion.*no version 3/,
    ])
      assert.ok(
        left.some((line) => expected.test(line)),
        `${expected}: ${left.join("\n")}`,
      );
  });

  it("a folder that is no file store, one that is not there, and an end by a signal", async () => {
    write("notes.txt", "nothing");
    await assert.rejects(importMlruns(server.store, mlruns), MlrunsError);
    await assert.rejects(importMlruns(server.store, join(mlruns, "none")), MlrunsError);
    writeExperiment("ends");
    await assert.rejects(importMlruns(server.store, mlruns, { signal: AbortSignal.abort() }), {
      name: "AbortError",
    });
  });
});
