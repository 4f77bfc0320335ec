import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../../ml/data/index.ts";
import { readModel } from "../../../ml/package/index.ts";
import { figure } from "../../../ml/plot/index.ts";
import {
  activeRun,
  downloadArtifacts,
  getMetricHistory,
  getModelVersionByAlias,
  getRun,
  logMetric,
  NoActiveRunError,
  onRunStart,
  registerModel,
  type Run,
  run,
  searchModelVersions,
  searchRuns,
  setExperiment,
  setRegisteredModelAlias,
  setTrackingUri,
  startRun,
  TrackingError,
} from "../../../ml/track/index.ts";
import { loanTable, statusPipeline } from "../package/loan-models.ts";
import { scratchStore, warningsOf } from "./scratch-store.ts";

describe("Runs in an embedded store", () => {
  const store = scratchStore();

  it("hold metrics, params and tags", async () => {
    const id = await run({ runName: "first", tags: { team: "core" }, description: "a try" }, (one) => {
      for (const [step, value] of [0.5, NaN, Infinity, -0.25, 1 / 3].entries())
        one.logMetric("loss", value, { step, timestamp: 1000 + step });
      one.logMetrics({ accuracy: 0.9, "f1 score/macro": 0.8 }, { step: 7 });
      one.logParams({ depth: 3, names: ["a", "b"], flag: true, none: null, absent: undefined, big: 10n });
      one.setTag("kind", "test");
      one.setTags({ kind: "other", count: 2 });
      return one.info.runId;
    });
    const { info, data } = await getRun(id);
    assert.equal(info.status, "FINISHED");
    assert.equal(info.runName, "first");
    assert.ok((info.endTime ?? 0) >= info.startTime);
    assert.deepEqual(data.params, { depth: "3", names: '["a","b"]', flag: "true", none: "null", big: "10" });
    assert.equal(data.metrics["f1 score/macro"], 0.8);
    const { team, kind, count, "mlflow.note.content": note } = data.tags;
    assert.deepEqual([team, kind, count, note], ["core", "other", "2", "a try"]);
    const points = await getMetricHistory(id, "loss");
    assert.deepEqual(
      points.map(({ value }) => value),
      [0.5, NaN, Number.MAX_VALUE, -0.25, 1 / 3],
    );
    assert.deepEqual(
      points.map(({ step, timestamp }) => [step, timestamp]),
      [0, 1, 2, 3, 4].map((step) => [step, 1000 + step]),
    );
  });

  it("end as failed or killed where their work does", async () => {
    const ids: string[] = [];
    const failing = (error: Error): Promise<void> =>
      run((one) => {
        ids.push(one.info.runId);
        throw error;
      });
    await assert.rejects(failing(new RangeError("no")), RangeError);
    await assert.rejects(failing(new DOMException("stop", "AbortError")), { name: "AbortError" });
    const statuses = await Promise.all(ids.map(async (id) => (await getRun(id)).info.status));
    assert.deepEqual(statuses, ["FAILED", "KILLED"]);
  });

  it("are active where they are logged to, each in its own work", async () => {
    assert.equal(activeRun(), undefined);
    assert.throws(() => logMetric("a", 1), NoActiveRunError);
    const ids = await Promise.all(
      ["a", "b"].map((runName) =>
        run({ runName }, async (one) => {
          await one.flush();
          assert.equal(activeRun(), one);
          logMetric("mine", runName.charCodeAt(0));
          return one.info.runId;
        }),
      ),
    );
    for (const [at, id] of ids.entries()) assert.equal((await getRun(id)).data.metrics["mine"], 97 + at);
    const outer = await startRun();
    assert.equal(activeRun(), outer);
    await assert.rejects(startRun(), TrackingError);
    const inner = await startRun({ nested: true });
    assert.equal(activeRun(), inner);
    assert.equal(inner.parentRunId, outer.info.runId);
    await inner.end();
    assert.equal(activeRun(), outer);
    await run({ nested: true }, (child) => assert.equal(activeRun(), child));
    await outer.end("KILLED");
    assert.equal(activeRun(), undefined);
    const children = await searchRuns({
      filterString: `tags.\`mlflow.parentRunId\` = '${outer.info.runId}'`,
    });
    assert.equal(children.length, 2);
    assert.equal((await getRun(outer.info.runId)).info.status, "KILLED");
  });

  it("tell those who asked of their start", async () => {
    const seen: string[] = [];
    const stop = onRunStart((one: Run) => {
      seen.push(one.info.runId);
      one.setTag("seen", true);
    });
    const id = await run((one) => one.info.runId);
    stop();
    await run(() => {});
    assert.deepEqual(seen, [id]);
    assert.equal((await getRun(id)).data.tags["seen"], "true");
  });

  it("are gone on with", async () => {
    const first = await startRun();
    first.logParam("depth", 1);
    first.logMetric("loss", 1, { step: 0 });
    await first.end();
    const warnings = await warningsOf(async () => {
      const again = await startRun({ runId: first.info.runId, tags: { resumed: true } });
      assert.equal((await getRun(first.info.runId)).info.status, "RUNNING");
      again.logParam("depth", 1);
      again.logParam("depth", 2);
      again.logMetric("loss", 0.5, { step: 1 });
      await again.end();
    });
    assert.match(warnings.join("\n"), /a param isn't logged: it has the value "1" already/);
    const { info, data } = await getRun(first.info.runId);
    assert.deepEqual(
      [info.status, data.params["depth"], data.metrics["loss"], data.tags["resumed"]],
      ["FINISHED", "1", 0.5, "true"],
    );
    await assert.rejects(startRun({ runId: "0".repeat(32) }), { code: "RESOURCE_DOES_NOT_EXIST" });
  });

  it("keep what is wrong apart and log the rest", async () => {
    let id = "";
    const warnings = await warningsOf(async () => {
      const one = await startRun();
      id = one.info.runId;
      one.logMetric("bad%key", 1);
      one.logMetric("loss", 1, { step: 0.5 });
      // @ts-expect-error what isn't a number
      one.logMetric("loss", "1");
      // @ts-expect-error nor is this
      one.logMetric("loss", 10n);
      one.logMetric("bad%key", NaN);
      one.logMetric("loss", 2);
      one.logParam("../up", 1);
      one.setTag("", "x");
      one.logParam("long", "x".repeat(7000));
      one.setTag("odd", "a\0b\uD800");
      await one.end();
      one.logMetric("loss", 3);
      one.logParam("late", 3);
      assert.deepEqual(await one.end("FAILED"), { waiting: 0 });
    });
    assert.equal(warnings.length, 6);
    const { info, data } = await getRun(id);
    assert.deepEqual(data.metrics, { loss: 2 });
    assert.deepEqual(Object.keys(data.params), ["long"]);
    assert.equal(data.params["long"]?.length, 6000);
    assert.equal(data.tags["odd"], "ab\uFFFD");
    assert.equal(info.status, "FINISHED");
    const kept = readFileSync(join(store.folder, "journals", "refused", `${id}.jsonl`), "utf8");
    assert.equal(kept.trim().split("\n").length, 9);
    assert.match(kept, /"value":"10".*"value":"NaN"/s);
  });

  it("leave no journal behind", () => {
    assert.deepEqual(
      readdirSync(join(store.folder, "journals")).filter((name) => name.endsWith(".journal")),
      [],
    );
  });

  it("hold files, tables and figures", async () => {
    mkdirSync(store.path("files/deep"), { recursive: true });
    writeFileSync(store.path("files/a.txt"), "A");
    writeFileSync(store.path("files/deep/b ä#%.txt"), "");
    using database = await openDatabase();
    const id = await run(async (one) => {
      await one.logArtifact(store.path("files/a.txt"), "notes");
      await one.logArtifacts(store.path("files"), "all");
      await one.logText("text", "texts/x.txt");
      await one.logDict({ a: [1] }, "dict.json");
      await one.logTable({ a: [1, 2], b: ["x", null] }, "t.json");
      await Promise.all([one.logTable([{ a: 3, c: NaN }], "t.json"), one.logTable([{ a: 4 }], "t.json")]);
      await one.logTable(await database.table("SELECT 7::BIGINT AS n, DATE '2026-01-02' AS day"), "sql.json");
      await one.logFigure(figure([{ type: "scatter", y: new Float32Array([1, 2]) }]), "plots/f.json");
      await one.logFigure({ data: [{ type: "bar", y: [1], name: "</script><b>" }] }, "plots/f.html");
      await one.logFigure("<svg xmlns='http://www.w3.org/2000/svg'/>", "plots/f.svg");
      await one.logFigure(new Uint8Array([137, 80]), "plots/f.png");
      for (const wrong of [
        () => one.logFigure({ data: [] }, "f.png"),
        () => one.logFigure("<svg/>", "f.png"),
        () => one.logFigure(new Uint8Array(1), "f.html"),
        () => one.logTable({ a: [1], b: [] }, "t.json"),
        () => one.logTable([], "t.parquet"),
        () => one.logText("", "../out.txt"),
        () => one.logText("", "/out.txt"),
        () => one.logText("", ""),
        () => one.logArtifact(store.path("nothing")),
        () => one.logArtifact(store.path("files")),
        () => one.logDict(undefined, "u.json"),
      ])
        await assert.rejects(wrong, { name: "InvalidInputError" });
      return one.info.runId;
    });
    const folder = await downloadArtifacts(`runs:/${id}/`, store.path("down"));
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    assert.equal(read("notes/a.txt") + read("all/a.txt") + read("all/deep/b ä#%.txt"), "AA");
    assert.deepEqual(JSON.parse(read("t.json")), {
      columns: ["a", "b", "c"],
      data: [
        [1, "x", null],
        [2, null, null],
        [3, null, null],
        [4, null, null],
      ],
    });
    assert.deepEqual(JSON.parse(read("sql.json")), {
      columns: ["n", "day"],
      data: [[7, "2026-01-02T00:00:00.000Z"]],
    });
    assert.deepEqual(JSON.parse(read("plots/f.json")).data[0].y, [1, 2]);
    assert.ok(read("plots/f.html").includes(String.raw`\u003C/script>`));
    assert.match((await getRun(id)).data.tags["mlflow.loggedArtifacts"] ?? "", /"t\.json".*"sql\.json"/);
    symlinkSync(store.path("files/a.txt"), store.path("files/link"));
    await run(async (one) => assert.rejects(one.logArtifacts(store.path("files")), { message: /is a link/ }));
  });

  it("hold models, which are registered and come back", async () => {
    using database = await openDatabase();
    const loans = await loanTable(database);
    const fitted = await statusPipeline(loans);
    const options = { rows: loans, registeredModelName: "risk", params: { depth: 2 }, step: 3 };
    const [id, logged] = await run(
      async (one) => [one.info.runId, await one.logModel(fitted, options)] as const,
    );
    assert.equal(logged.registeredModelVersion, "1");
    assert.deepEqual((await getRun(id)).outputs.modelOutputs, [{ modelId: logged.modelId, step: 3 }]);
    const second = await registerModel(logged.modelUri, "risk", { tags: { from: "test" } });
    assert.deepEqual([second.version, second.runId, second.tags], ["2", id, { from: "test" }]);
    await setRegisteredModelAlias("risk", "champion", "2");
    assert.equal((await getModelVersionByAlias("risk", "champion")).version, "2");
    assert.equal((await searchModelVersions("name = 'risk'")).length, 2);
    for (const uri of [logged.modelUri, "models:/risk/1", "models:/risk@champion"]) {
      const folder = await downloadArtifacts(uri, store.path(uri.replaceAll(/\W/g, "-")));
      await using model = await readModel(folder);
      assert.match(
        readFileSync(join(folder, "MLmodel"), "utf8"),
        new RegExp(`model_id: "?${logged.modelId}`),
      );
      const rows = model.recorded?.rows.slice(0, 3) ?? [];
      assert.equal((await model.predict(rows)).length, 3);
    }
    await assert.rejects(registerModel("model", "risk"), { name: "InvalidInputError" });
    await run(async (one) => {
      await assert.rejects(one.logModel(store.path("files")), { name: "InvalidInputError" });
      await assert.rejects(one.logModel(fitted, { rows: loans, name: "a/b" }), {
        code: "INVALID_PARAMETER_VALUE",
      });
    });
  });

  it("belong to experiments and are found by filters", async () => {
    await Promise.all(
      [1, 2, 3].map((depth) =>
        run({ experimentName: "search" }, (one) => {
          one.logMetric("loss", 1 / depth);
          one.logParam("depth", depth);
        }),
      ),
    );
    const found = await searchRuns({
      experimentNames: ["search", "none"],
      filterString: "metrics.loss < 0.9",
      orderBy: ["metrics.loss ASC"],
    });
    assert.deepEqual(
      found.map(({ data }) => data.params["depth"]),
      ["3", "2"],
    );
    assert.equal((await searchRuns({ experimentNames: ["search"], maxResults: 1 })).length, 1);
    assert.deepEqual(await searchRuns({ experimentNames: ["none"] }), []);
    const { experimentId } = await setExperiment("search");
    assert.equal((await searchRuns()).length, 3);
    await setExperiment({ experimentId: "0" });
    assert.notEqual(experimentId, "0");
    await assert.rejects(setExperiment({ experimentId: "999" }), { code: "RESOURCE_DOES_NOT_EXIST" });
    await assert.rejects(searchRuns({ filterString: "metrics.loss <<" }), TrackingError);
    process.env["MLFLOW_EXPERIMENT_NAME"] = "of the environment";
    try {
      const named = await setExperiment("of the environment");
      await setExperiment({ experimentId: named.experimentId });
      assert.equal(await run((one) => one.info.experimentId), named.experimentId);
    } finally {
      delete process.env["MLFLOW_EXPERIMENT_NAME"];
      await setExperiment({ experimentId: "0" });
    }
  });

  it("are only logged to stores that can be", () => {
    for (const uri of ["databricks", "sqlite:///x.db", "s3://x", "http://"])
      assert.throws(() => setTrackingUri(uri), { name: "InvalidInputError" });
    mkdirSync(store.path("mlruns/.trash"), { recursive: true });
    assert.throws(() => setTrackingUri(store.path("mlruns")), { message: /tenon server import/ });
  });
});
