/** @file Everything that our client logs, to an MLflow server, with checks of what the client itself reads back. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openDatabase } from "../../../ml/data/index.ts";
import { readModel } from "../../../ml/package/index.ts";
import { figure } from "../../../ml/plot/index.ts";
import { disconnect } from "../../../ml/track/connection.ts";
import {
  downloadArtifacts,
  getMetricHistory,
  getRun,
  registerModel,
  type Run,
  run,
  searchRuns,
  setExperiment,
  setRegisteredModelAlias,
  startRun,
} from "../../../ml/track/index.ts";
import { loanTable, statusPipeline } from "../../ml/package/loan-models.ts";
import { stepsOf, upTo } from "../../ml/track/points-of.ts";
import type { Checks } from "../interop-suite.ts";
import { flat } from "../served-model.ts";
import { FlakyProxy } from "./flaky-proxy.ts";

/** What was logged, for those who read it back. */
export interface Logged {
  run: string;
  model: string;
  doubled: string;
  away: string;
  refused: string;
  params: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  columns: readonly string[];
  rows: readonly object[];
  predictions: readonly object[];
}

/** Logs to the server at a URL, which is the one that is logged to. */
export async function logAll(checks: Checks, folder: string, url: string): Promise<Logged> {
  const logged: Logged = {
    run: "",
    model: "",
    doubled: "",
    away: "",
    refused: "",
    params: { depth: "3", rate: "0.1", names: '["a","ä"]' },
    tags: { team: "core", "a/b.c d": "é".repeat(100) },
    columns: [],
    rows: [],
    predictions: [],
  };
  await setExperiment("from Tenon");
  await checks.check("a run with all that it may hold", () =>
    run({ runName: "parent", description: "what it is for" }, async (one) => {
      logged.run = one.info.runId;
      one.logParams({ depth: 3, rate: 0.1, names: ["a", "ä"] });
      one.setTags(logged.tags);
      for (const step of upTo(10_000)) one.logMetric("loss", 1 / (step + 1), { step });
      for (const [step, value] of [NaN, Infinity, -Infinity, 0.1 + 0.2, 5e-324].entries())
        one.logMetric("odd", value, { step });
      one.logInput(
        { name: "loans", digest: "abc123", sourceType: "local", source: '{"path":"x"}' },
        "training",
      );
      assert.deepEqual(await one.flush(), { waiting: 0 });
      await logFiles(one, folder);
    }),
  );
  await checks.check("nested runs", async () => {
    const outer = await startRun({ runId: logged.run });
    for (const at of upTo(2))
      await run({ runName: `child ${at}`, nested: true }, (one) => one.logMetric("loss", at));
    await assert.rejects(
      run({ runName: "failing", nested: true }, () => Promise.reject(new Error("on purpose"))),
      /on purpose/,
    );
    await outer.end();
    const children = await searchRuns({
      filterString: `tags.\`mlflow.parentRunId\` = '${logged.run}' AND attributes.status = 'FINISHED'`,
      orderBy: ["metrics.loss DESC"],
    });
    assert.deepEqual(
      children.map(({ info }) => info.runName),
      ["child 1", "child 0"],
    );
  });
  await checks.check("a model, its versions and its way back", () => logModels(logged, folder));
  await checks.check("what is read back by ourselves", async () => {
    const { data, inputs } = await getRun(logged.run);
    assert.deepEqual(data.params, logged.params);
    assert.equal(inputs.datasetInputs[0]?.tags["mlflow.data.context"], "training");
    assert.deepEqual(
      (await getMetricHistory(logged.run, "odd")).map(({ value }) => value),
      [NaN, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1 + 0.2, 5e-324],
    );
  });
  await checks.check("a batch that is sent twice is there once", async () => {
    const one = await startRun({ runName: "doubled" });
    logged.doubled = one.info.runId;
    const metrics = upTo(1000).map((step) => ({ key: "loss", value: step, timestamp: 1000 + step, step }));
    const halves = [metrics, metrics, metrics.slice(0, 500)];
    for (const part of halves) await post(url, "runs/log-batch", { run_id: one.info.runId, metrics: part });
    await one.end();
    assert.deepEqual(await stepsOf(one.info.runId, "loss"), upTo(1000));
  });
  await checks.check("a param that the server refuses takes nothing with it", async () => {
    const one = await startRun({ runName: "refused" });
    logged.refused = one.info.runId;
    await post(url, "runs/log-parameter", { run_id: one.info.runId, key: "depth", value: "of Python" });
    one.logParams({ before: 1, depth: 2, after: 3 });
    for (const step of upTo(100)) one.logMetric("loss", step, { step });
    assert.deepEqual(await one.end(), { waiting: 0 });
  });
  await checks.check("a server that cuts off answers, goes away and comes back", () =>
    logThroughTrouble(logged, url),
  );
  return logged;
}

async function logFiles(one: Run, folder: string): Promise<void> {
  mkdirSync(join(folder, "all/deep"), { recursive: true });
  writeFileSync(join(folder, "large.bin"), Buffer.alloc(5_000_000, 1));
  writeFileSync(join(folder, "all/a.txt"), "a");
  writeFileSync(join(folder, "all/deep/b.txt"), "");
  await one.logArtifact(join(folder, "large.bin"));
  await one.logArtifacts(join(folder, "all"), "all");
  await one.logText("text", "notes/plan ä.txt");
  await one.logDict({ a: [1, 2] }, "dict.json");
  await one.logTable({ name: ["x", "y"], value: [1.5, 2] }, "table.json");
  await one.logTable([{ name: "z" }], "table.json");
  const plot = figure([{ type: "scatter", y: new Float64Array([1, 2, 3]) }]);
  await one.logFigure(plot, "plots/figure.json");
  await one.logFigure(plot, "plots/figure.html");
  await one.logFigure("<svg xmlns='http://www.w3.org/2000/svg'/>", "plots/figure.svg");
  await one.logFigure(new Uint8Array([137, 80, 78, 71]), "plots/figure.png");
  const path = await downloadArtifacts(`runs:/${one.info.runId}/notes/plan ä.txt`, join(folder, "down"));
  assert.equal(readFileSync(path, "utf8"), "text");
}

async function logModels(logged: Logged, folder: string): Promise<void> {
  using database = await openDatabase();
  const loans = await loanTable(database);
  const fitted = await statusPipeline(loans);
  const one = await startRun({ runId: logged.run });
  const made = await one.logModel(fitted, {
    name: "risk",
    rows: loans,
    registeredModelName: "risk",
    params: { depth: 3 },
    step: 7,
  });
  await one.end();
  logged.model = made.modelId;
  assert.equal(made.registeredModelVersion, "1");
  const { version } = await registerModel(made.modelUri, "risk", { tags: { from: "tenon" } });
  await setRegisteredModelAlias("risk", "champion", version);
  await using model = await readModel(
    await downloadArtifacts("models:/risk@champion", join(folder, "champion")),
  );
  logged.rows = model.recorded?.rows ?? [];
  logged.columns = model.signature.inputs.map(({ name }) => name);
  logged.predictions = (await model.predict(model.recorded?.rows ?? [])).map(flat);
}

async function logThroughTrouble(logged: Logged, url: string): Promise<void> {
  const proxy = new FlakyProxy(url);
  await proxy.comeBack();
  try {
    const one = await startRun({ trackingUri: proxy.url, experimentName: "from Tenon" });
    logged.away = one.info.runId;
    for (const round of upTo(6)) {
      if (round % 2 === 0) proxy.cutAnswers(1);
      if (round === 3) await proxy.goAway();
      for (const step of upTo(500)) one.logMetric("loss", step, { step: round * 500 + step });
      await one.flush();
      if (round === 4) await proxy.comeBack();
      await setTimeout(200);
    }
    let { waiting } = await one.end();
    assert.ok(waiting >= 0);
    for (waiting = 1; waiting > 0;) {
      await setTimeout(100);
      const { info } = await getRun(one.info.runId);
      waiting = info.status === "FINISHED" ? 0 : 1;
    }
    assert.ok(proxy.cut >= 2);
    assert.deepEqual(await stepsOf(one.info.runId, "loss"), upTo(3000));
  } finally {
    await disconnect(proxy.url);
    await proxy.goAway();
  }
}

async function post(url: string, endpoint: string, body: object): Promise<void> {
  const response = await fetch(`${url}/api/2.0/mlflow/${endpoint}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}
