/** @file Every estimator in a pipeline: as ONNX and out of JSON it says the same. */
import assert from "node:assert/strict";
import * as bayes from "../../../ml/bayes/index.ts";
import { fromArrays, openDatabase, type Database, type Table } from "../../../ml/data/index.ts";
import {
  binning,
  columns,
  type Features,
  imputer,
  minMaxScaler,
  oneHot,
  passthrough,
  standardScaler,
} from "../../../ml/features/index.ts";
import { Session } from "../../../ml/graph/index.ts";
import * as kernelMachines from "../../../ml/kernel-machines/index.ts";
import * as linear from "../../../ml/linear/index.ts";
import * as neighbours from "../../../ml/neighbours/index.ts";
import { loadPipeline, pipeline, type AnyEstimator } from "../../../ml/pipeline/index.ts";
import * as trees from "../../../ml/trees/index.ts";
import { Random } from "../../../ml/random.ts";

const scaled = columns({ a: [imputer("mean"), standardScaler()], b: standardScaler(), word: oneHot() });
/** For those that count: nothing below zero. */
const positive = columns({ a: [imputer("mean"), minMaxScaler()], b: minMaxScaler(), word: oneHot() });
/** For those that know categories only. */
const categories = columns({ b: binning({ bins: 3 }), word: oneHot() });
/** Trees take missing values as they are. */
const raw = columns({ a: passthrough(), b: passthrough(), word: oneHot() });

type Case = readonly [features: Features, model: AnyEstimator];

const classifiers: Readonly<Record<string, Case>> = {
  logisticRegression: [scaled, linear.logisticRegression()],
  linearSvc: [scaled, linear.linearSvc()],
  sgdClassifier: [scaled, linear.sgdClassifier({ loss: "logLoss", seed: 1 })],
  gradientBoostingClassifier: [raw, trees.gradientBoostingClassifier({ nEstimators: 8 })],
  randomForestClassifier: [scaled, trees.randomForestClassifier({ nEstimators: 8 })],
  extraTreesClassifier: [scaled, trees.extraTreesClassifier({ nEstimators: 8 })],
  kNeighborsClassifier: [scaled, neighbours.kNeighborsClassifier()],
  svc: [scaled, kernelMachines.svc()],
  gaussianNaiveBayes: [scaled, bayes.gaussianNaiveBayes()],
  multinomialNaiveBayes: [positive, bayes.multinomialNaiveBayes()],
  complementNaiveBayes: [positive, bayes.complementNaiveBayes()],
  bernoulliNaiveBayes: [positive, bayes.bernoulliNaiveBayes()],
  categoricalNaiveBayes: [categories, bayes.categoricalNaiveBayes()],
};

const regressors: Readonly<Record<string, Case>> = {
  linearRegression: [scaled, linear.linearRegression()],
  ridge: [scaled, linear.ridge()],
  lasso: [scaled, linear.lasso({ alpha: 0.01 })],
  elasticNet: [scaled, linear.elasticNet({ alpha: 0.01 })],
  poissonRegressor: [scaled, linear.poissonRegressor()],
  gammaRegressor: [scaled, linear.gammaRegressor()],
  linearSvr: [scaled, linear.linearSvr()],
  sgdRegressor: [scaled, linear.sgdRegressor({ seed: 1 })],
  gradientBoostingRegressor: [raw, trees.gradientBoostingRegressor({ nEstimators: 8 })],
  randomForestRegressor: [scaled, trees.randomForestRegressor({ nEstimators: 8 })],
  extraTreesRegressor: [scaled, trees.extraTreesRegressor({ nEstimators: 8 })],
  kNeighborsRegressor: [scaled, neighbours.kNeighborsRegressor()],
  svr: [scaled, kernelMachines.svr()],
};

describe("every estimator in a pipeline", () => {
  let database: Database;
  let table: Table;
  before(async () => {
    database = await openDatabase();
    const random = new Random(7);
    const rows = Array.from({ length: 240 }, (_, row) => {
      const [a, b] = [random.uniform() * 4 - 2, random.uniform() * 10];
      const word = ["low", "high", "日本"][row % 3] ?? "";
      const score = a + b / 5 + (word === "low" ? -1 : 1) + random.uniform();
      return {
        a: row % 17 === 0 ? null : a,
        b,
        word,
        score: 0.1 + Math.abs(score),
        kind: score > 2 ? "many" : score > 1 ? "some" : "none",
      };
    });
    table = await fromArrays(
      {
        a: rows.map(({ a }) => a),
        b: rows.map(({ b }) => b),
        word: rows.map(({ word }) => word),
        score: rows.map(({ score }) => score),
        kind: rows.map(({ kind }) => kind),
      },
      { database },
    );
  });
  after(() => database.close());

  for (const [kind, [features, model]] of Object.entries(classifiers))
    it(`${kind}: classes and probabilities`, async () => {
      assert.equal(model.kind, kind);
      const fitted = await pipeline(features, model).fit(table, { target: "kind" });
      assert.ok(fitted.task === "classification");
      assert.deepEqual(fitted.classes, ["many", "none", "some"]);
      const labels = await fitted.predict(table);
      const right = (await table.rows()).filter((row, at) => row["kind"] === labels[at]).length;
      assert.ok(right > 120, `${right} of 240 right`);
      const probabilities = await fitted.predictProbabilities(table);
      await using session = await Session.create(fitted.toOnnx());
      const served = await session.run(await fitted.features.feed(table), {
        label: null,
        probabilities: null,
      });
      close(served["probabilities"]?.data, probabilities);
      assert.deepEqual(served["label"]?.data, labels);
      const loaded = loadPipeline(JSON.parse(JSON.stringify(fitted)));
      assert.ok(loaded.task === "classification");
      assert.deepEqual(await loaded.predictProbabilities(table), probabilities);
    });

  for (const [kind, [features, model]] of Object.entries(regressors))
    it(`${kind}: numbers`, async () => {
      assert.equal(model.kind, kind);
      const fitted = await pipeline(features, model).fit(table, { target: "score" });
      assert.ok(fitted.task === "regression");
      const predicted = await fitted.predict(table);
      await using session = await Session.create(fitted.toOnnx());
      const served = await session.run(await fitted.features.feed(table), { prediction: null });
      assert.deepEqual(served["prediction"]?.shape, [240, 1]);
      close(served["prediction"]?.data, predicted);
      const loaded = loadPipeline(JSON.parse(JSON.stringify(fitted)));
      assert.deepEqual(await loaded.predict(table), predicted);
    });
});

function close(theirs: ArrayLike<unknown> | undefined, ours: Float64Array): void {
  assert.equal(theirs?.length, ours.length);
  for (let at = 0; at < ours.length; at++) {
    const [a, b] = [Number(theirs?.[at]), ours[at] ?? Number.NaN];
    assert.ok(Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(b)), `[${at}]: ${a} and ${b}`);
  }
}
