/** @file Fits and searches that log themselves, to a real store. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { kMeans } from "../../../ml/clusters/index.ts";
import { read } from "../../../ml/data/index.ts";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { crossValidate, learningCurve, nestedCrossValidate } from "../../../ml/evaluate/index.ts";
import { columns, standardScaler } from "../../../ml/features/index.ts";
import { fromData } from "../../../ml/graph/create.ts";
import { adam } from "../../../ml/graph/optimizers/index.ts";
import { logisticRegression, ridge } from "../../../ml/linear/index.ts";
import { binaryClassifier, dataset, fit } from "../../../ml/nn/index.ts";
import { pipeline } from "../../../ml/pipeline/index.ts";
import { autolog } from "../../../ml/track/autolog/autolog.ts";
import {
  activeRun,
  downloadArtifacts,
  getMetricHistory,
  logMetric,
  run,
  searchRuns,
  setTrackingUri,
  startRun,
  type RunRecord,
} from "../../../ml/track/index.ts";
import { gradientBoostingClassifier } from "../../../ml/trees/index.ts";
import { float, optimize, searchCv, space, TrialPruned } from "../../../ml/tune/index.ts";
import { scratchStore, warningsOf } from "./scratch-store.ts";

/** Rows of two columns, and targets that follow from them. */
function example(rows = 60): {
  readonly matrix: DenseMatrix;
  readonly numbers: Float64Array;
  readonly classes: string[];
} {
  const data = Float64Array.from({ length: 2 * rows }, (_, at) => Math.sin(at * 12.9898) * 3);
  const numbers = Float64Array.from(
    { length: rows },
    (_, row) => 2 * (data[2 * row] ?? 0) - (data[2 * row + 1] ?? 0),
  );
  return {
    matrix: { data, rows, columns: ["a", "b"] },
    numbers,
    classes: Array.from(numbers, (value) => (value > 0 ? "yes" : "no")),
  };
}

describe("autolog", () => {
  const store = scratchStore();
  let known = new Set<string>();
  /** The runs since the last call, the oldest first. */
  const newRuns = async (): Promise<readonly RunRecord[]> => {
    const all = await searchRuns({ orderBy: ["attributes.start_time ASC"] });
    const fresh = all.filter(({ info }) => !known.has(info.runId));
    known = new Set(all.map(({ info }) => info.runId));
    return fresh;
  };
  const onlyRun = async (): Promise<RunRecord> => {
    const found = await newRuns();
    assert.equal(found.length, 1, `${found.length} runs`);
    const [first] = found;
    assert.ok(first);
    return first;
  };
  const history = async ({ info }: RunRecord, key: string): Promise<(readonly [number, number])[]> =>
    (await getMetricHistory(info.runId, key)).map(({ step, value }) => [step, value]);

  before(() => {
    writeFileSync(
      store.path("rows.csv"),
      `a,b,y\n${Array.from({ length: 40 }, (_, row) => `${row},${Math.sin(row)},${row % 3 === 0 ? "x" : "z"}`).join("\n")}\n`,
    );
  });
  beforeEach(async () => {
    await newRuns();
    autolog({ logSystemMetrics: false });
  });
  afterEach(() => autolog({ disable: true }));

  it("logs an estimator's fit: settings, measures, data, environment", async () => {
    const { matrix, numbers } = example();
    const model = await ridge({ alpha: 0.5 }).fit(matrix, numbers);
    const { info, data, inputs } = await onlyRun();
    assert.equal(info.status, "FINISHED");
    assert.equal(info.runName, "ridge");
    assert.deepEqual(data.params, { alpha: "0.5", fitIntercept: "true" });
    assert.ok((data.metrics["training_r2"] ?? 0) > 0.99);
    const predicted = await model.predict(matrix);
    const error =
      predicted.reduce((sum, value, row) => sum + Math.abs(value - (numbers[row] ?? 0)), 0) / numbers.length;
    assert.ok(Math.abs((data.metrics["training_meanAbsoluteError"] ?? 0) - error) < 1e-12);
    assert.equal(data.tags["estimator_name"], "ridge");
    assert.equal(data.tags["mlflow.autologging"], "tenon");
    assert.match(data.tags["mlflow.source.git.commit"] ?? "", /^[0-9a-f]{40}$/);
    assert.deepEqual(
      inputs.datasetInputs.map(({ name, tags }) => [name, tags["mlflow.data.context"]]),
      [
        ["training", "training"],
        ["target", "target"],
      ],
    );
    const { schema = "", profile = "" } = inputs.datasetInputs[0] ?? {};
    assert.deepEqual(JSON.parse(schema), {
      mlflow_colspec: [
        { type: "double", name: "a", required: false },
        { type: "double", name: "b", required: false },
      ],
    });
    assert.equal(Object(JSON.parse(profile)).num_rows, 60);
    const folder = await downloadArtifacts(`runs:/${info.runId}/environment`, store.path("downloaded"));
    const environment: unknown = JSON.parse(await readFile(join(folder, "environment.json"), "utf8"));
    assert.equal(Object(environment).machine.node, process.versions.node);
  });

  it("gives the same digest for the same data, and another for other data", async () => {
    const { matrix, numbers } = example();
    for (const target of [numbers, numbers, numbers.map((value) => value + 1)])
      await ridge().fit(matrix, target);
    const digests = (await newRuns()).map(({ inputs }) => inputs.datasetInputs.map(({ digest }) => digest));
    assert.deepEqual(digests[0], digests[1]);
    assert.equal(digests[2]?.[0], digests[0]?.[0]);
    assert.notEqual(digests[2]?.[1], digests[0]?.[1]);
  });

  it("logs a classifier, with the validation's loss of each round of boosting", async () => {
    const { matrix, classes } = example(200);
    const model = await gradientBoostingClassifier({ nEstimators: 12, maxDepth: 2 }).fit(matrix, classes, {
      validation: { rows: matrix, target: classes },
    });
    const found = await onlyRun();
    assert.equal(found.data.params["nEstimators"], "12");
    assert.ok((found.data.metrics["training_accuracy"] ?? 0) > 0.9);
    assert.ok("training_logLoss" in found.data.metrics);
    assert.equal(found.data.metrics["rounds"], 12);
    const name = Object.keys(found.data.metrics).find((key) => key.startsWith("validation_")) ?? "";
    assert.deepEqual(
      await history(found, name),
      model.history.validationLosses.map((loss, round) => [round + 1, loss]),
    );
    assert.equal(found.inputs.datasetInputs.length, 3);
  });

  it("logs a model without a target", async () => {
    await kMeans({ nClusters: 3 }).fit(example().matrix);
    const { data, inputs } = await onlyRun();
    assert.equal(data.params["nClusters"], "3");
    assert.equal(inputs.datasetInputs.length, 1);
  });

  it("logs a pipeline's fit as one run, with the table's file, and the model where asked for", async () => {
    autolog({ logModels: true, logSystemMetrics: false });
    const table = await read(store.path("rows.csv"));
    const risk = pipeline(
      columns({ a: standardScaler(), b: standardScaler() }),
      logisticRegression({ c: 2 }),
    );
    await risk.fit(table, { target: "y" });
    const { data, inputs, outputs } = await onlyRun();
    assert.equal(data.params["c"], "2");
    assert.equal(data.params["target"], "y");
    assert.ok("training_accuracy" in data.metrics);
    const [input] = inputs.datasetInputs;
    assert.equal(input?.name, "rows.csv");
    assert.equal(input.sourceType, "local");
    const { files } = Object(JSON.parse(input.source));
    assert.match(files[0].sha256, /^[0-9a-f]{64}$/);
    assert.equal(outputs.modelOutputs.length, 1);
  });

  it("logs a network's epochs under Keras's names", async () => {
    const { matrix, numbers } = example(64);
    const x = fromData("float32", Float32Array.from(matrix.data), [64, 2]);
    const y = fromData("float32", Float32Array.from(numbers), [64, 1]);
    const { history: epochs } = await fit({
      parameters: { w: fromData("float32", Float32Array.of(0, 0), [2, 1]) },
      loss: ({ w }, batch) => batch.x.matmul(w).sub(batch.y).square().mean(),
      data: dataset({ x, y }),
      validation: dataset({ x, y }),
      optimizer: adam(),
      learningRate: 0.1,
      epochs: 4,
      batchSize: 16,
    });
    const found = await onlyRun();
    assert.equal(found.data.params["optimizer.kind"], "adam");
    assert.equal(found.data.params["epochs"], "4");
    assert.deepEqual(
      await history(found, "loss"),
      epochs.map(({ epoch, loss }) => [epoch, loss]),
    );
    assert.deepEqual(
      await history(found, "val_loss"),
      epochs.map(({ epoch, validation }) => [epoch, validation?.loss]),
    );
    assert.equal((await history(found, "learning_rate")).length, 4);
    assert.equal(found.inputs.datasetInputs[0]?.name, "training");
  });

  it("logs a classifier of classes by a network as one run with its curve", async () => {
    const { matrix, classes } = example(64);
    const model = binaryClassifier({ numeric: ["a", "b"], hidden: [4] });
    const features = {
      a: Float64Array.from({ length: 64 }, (_, row) => matrix.data[2 * row] ?? 0),
      b: Float64Array.from({ length: 64 }, (_, row) => matrix.data[2 * row + 1] ?? 0),
    };
    await model.fit(
      features,
      Uint8Array.from(classes, (label) => Number(label === "yes")),
      { epochs: 3 },
    );
    const found = await onlyRun();
    assert.equal(found.info.runName, "binaryClassifier");
    assert.equal(found.data.params["epochs"], "3");
    assert.equal((await history(found, "loss")).length, 3);
  });

  it("logs a cross-validation as one run", async () => {
    const { matrix, numbers } = example();
    const result = await crossValidate(ridge({ alpha: 3 }), matrix, numbers, { metrics: ["r2"] });
    const found = await onlyRun();
    assert.equal(found.data.params["alpha"], "3");
    assert.equal(found.data.tags["estimator_name"], "ridge");
    assert.equal(found.data.metrics["mean_r2"], result.mean("r2"));
    assert.equal(found.data.metrics["std_r2"], result.std("r2"));
    assert.deepEqual(
      await history(found, "r2"),
      result.scores("r2").map((score, fold) => [fold, score]),
    );
  });

  it("logs curves and nested cross-validations as one run each", async () => {
    const { matrix, numbers } = example();
    const curve = await learningCurve(ridge(), matrix, numbers, { trainSizes: [0.5, 1] });
    const learnt = await onlyRun();
    assert.equal(learnt.info.runName, "learningCurve");
    assert.deepEqual(
      (await history(learnt, "test_score")).map(([, score]) => score.toFixed(9)),
      curve.map(({ testScores }) =>
        (testScores.reduce((sum, score) => sum + score, 0) / testScores.length).toFixed(9),
      ),
    );
    const { mean } = await nestedCrossValidate([ridge(), ridge({ alpha: 9 })], matrix, numbers);
    const nested = await onlyRun();
    assert.equal(nested.data.metrics["mean_score"], mean);
    assert.equal(nested.data.metrics["r2"], undefined);
  });

  it("logs the curve of the fit in a trial to the trial's run, and of a second one apart", async () => {
    const { matrix, classes } = example(80);
    const boosting = gradientBoostingClassifier({ nEstimators: 4 });
    const validation = { rows: matrix, target: classes };
    await optimize(
      async () => {
        await ridge().fit(matrix, example(80).numbers);
        const first = await boosting.fit(matrix, classes, { validation });
        await boosting.fit(matrix, classes, { validation });
        return first.history.validationLosses.at(-1) ?? 0;
      },
      { space: space({ x: float(0, 1) }), trials: 1 },
    );
    const [, trial] = await newRuns();
    assert.ok(trial);
    assert.deepEqual(Object.keys(trial.data.metrics).sort(), [
      "fit_2/validation_log-loss",
      "validation_log-loss",
      "value",
    ]);
    assert.equal((await history(trial, "validation_log-loss")).length, 4);
  });

  it("logs a search as a run with one nested in it for each trial", async () => {
    const study = await optimize(
      async ({ x }, trial) => {
        for (let step = 0; step < 3; step++) await trial.report(x + step, step);
        logMetric("own", x);
        if (trial.number === 1) throw new TrialPruned("enough");
        return trial.number === 2 ? Number.NaN : x ** 2;
      },
      { space: space({ x: float(-1, 1) }), trials: 5, parallel: 2, name: "search", direction: "minimize" },
    );
    const runs = await newRuns();
    const parent = runs.find(({ data }) => data.tags["tenon.activity"] === "study");
    assert.equal(runs.length, 6);
    assert.equal(parent?.info.runName, "search");
    assert.equal(parent.data.params["best.x"], String(study.best.settings.x));
    assert.equal(parent.data.metrics["best_value"], study.best.value);
    assert.equal(parent.data.metrics["trials_pruned"], 1);
    assert.equal(parent.data.metrics["own"], undefined);
    for (const trial of study.trials) {
      const nested = runs.find(({ info }) => info.runName === `search ${trial.number}`);
      assert.equal(nested?.data.tags["mlflow.parentRunId"], parent.info.runId);
      assert.equal(nested.data.params["x"], String(trial.settings?.x));
      assert.equal(nested.data.metrics["own"], trial.settings?.x);
      assert.equal((await history(nested, "intermediate_value")).length, 3);
      assert.equal(nested.info.status, trial.number === 2 ? "FAILED" : "FINISHED");
      assert.equal(nested.data.metrics["value"], trial.value);
      assert.equal(nested.data.tags["tenon.trial.state"], trial.number === 1 ? "pruned" : undefined);
    }
  });

  it("logs no runs of the fits in a trial, but the study's data", async () => {
    const { matrix, numbers } = example();
    const half = Array.from({ length: 30 }, (_, at) => at);
    const other = half.map((at) => at + 30);
    await searchCv(ridge(), {
      space: space({ alpha: float(0.1, 1) }),
      trials: 2,
      direction: "minimize",
      rows: matrix,
      target: numbers,
      splits: [
        { train: half, test: other },
        { train: other, test: half },
      ],
      score: async (model, rows, target) => {
        const predicted = await model.predict(rows);
        return predicted.reduce((sum, value, row) => sum + (value - (target[row] ?? 0)) ** 2, 0);
      },
    });
    const runs = await newRuns();
    assert.equal(runs.length, 3);
    assert.equal(runs[0]?.data.tags["tenon.activity"], "study");
    assert.equal(runs[0]?.inputs.datasetInputs[0]?.name, "training");
  });

  it("logs the first fit to the run that is active, and others to runs nested in it", async () => {
    const { matrix, numbers } = example();
    const id = await run({ runName: "mine" }, async (mine) => {
      await ridge({ alpha: 1 }).fit(matrix, numbers);
      await ridge({ alpha: 2 }).fit(matrix, numbers);
      assert.equal(mine.ended, false);
      mine.logMetric("after", 1);
      return mine.info.runId;
    });
    const [mine, nested, ...more] = await newRuns();
    assert.deepEqual(more, []);
    assert.equal(mine?.info.runId, id);
    assert.equal(mine.data.params["alpha"], "1");
    assert.equal(mine.data.metrics["after"], 1);
    assert.equal(nested?.data.params["alpha"], "2");
    assert.equal(nested.data.tags["mlflow.parentRunId"], id);
    assert.match(mine.data.tags["mlflow.source.git.commit"] ?? "", /^[0-9a-f]{40}$/);
    assert.equal(nested.data.tags["mlflow.source.git.commit"], undefined);
  });

  it("keeps runs of fits side by side apart, and leaves no run active", async () => {
    const { matrix, numbers } = example();
    await Promise.all([0, 1, 2, 3].map(async (alpha) => await ridge({ alpha }).fit(matrix, numbers)));
    const runs = await newRuns();
    assert.deepEqual(new Set(runs.map(({ data }) => data.params["alpha"])), new Set(["0", "1", "2", "3"]));
    assert.equal(runs.length, 4);
    assert.ok(runs.every(({ info }) => info.status === "FINISHED"));
    assert.equal(activeRun(), undefined);
    const own = await startRun();
    await own.end();
  });

  it("logs fits that fail and fits that are stopped, whose errors stay what they are", async () => {
    const { matrix, numbers } = example();
    await assert.rejects(ridge().fit({ ...matrix, rows: 59 }, numbers), /59/);
    const stopped = new AbortController();
    stopped.abort();
    await assert.rejects(ridge().fit(matrix, numbers, { signal: stopped.signal }), { name: "AbortError" });
    const [failed, killed] = await newRuns();
    assert.equal(failed?.info.status, "FAILED");
    assert.match(failed.data.tags["tenon.error"] ?? "", /59/);
    assert.equal(killed?.info.status, "KILLED");
  });

  it("logs samples of the hardware", async () => {
    autolog();
    const { matrix, numbers } = example();
    await run(async () => {
      await ridge().fit(matrix, numbers);
      await new Promise((resolve) => setTimeout(resolve, 200));
    });
    const { data } = await onlyRun();
    assert.ok((data.metrics["system/system_memory_usage_megabytes"] ?? 0) > 0);
  });

  it("logs nothing once it is disabled, and once where it is switched on twice", async () => {
    const { matrix, numbers } = example();
    autolog({ logSystemMetrics: false });
    autolog({ logSystemMetrics: false });
    await ridge().fit(matrix, numbers);
    assert.equal((await newRuns()).length, 1);
    autolog({ disable: true });
    await ridge().fit(matrix, numbers);
    assert.equal((await newRuns()).length, 0);
  });

  it("lets fits be where the store can't be had", async () => {
    const { matrix, numbers } = example();
    const file = store.path("a-file");
    writeFileSync(file, "");
    setTrackingUri(join(file, "store"));
    try {
      const warnings = await warningsOf(async () => {
        const { best } = await searchCv(ridge(), {
          space: space({ alpha: float(0.1, 1) }),
          trials: 2,
          direction: "maximize",
          rows: matrix,
          target: numbers,
          splits: [{ train: [0, 1, 2, 3], test: [4, 5] }],
          score: () => 1,
        });
        await best.fit(matrix, numbers);
      });
      assert.ok(
        warnings.length > 0 && warnings.every((text) => text.includes("autolog of")),
        warnings.join("\n"),
      );
    } finally {
      setTrackingUri(store.folder);
    }
  });
});
