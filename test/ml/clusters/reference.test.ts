import assert from "node:assert/strict";
import { dbscan, gaussianMixture, kMeans, loadClusters } from "../../../ml/clusters/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { numbersOf, runModel } from "../run-model.ts";
import { clusterReference, clusterSet } from "./cluster-sets.ts";

describe("k-means, against scikit-learn", () => {
  for (const [at, expected] of clusterReference.kMeans.entries())
    it(`${at + 1}: ${expected.set}, ${expected.init.length} centers`, async () => {
      const { rows, weights } = clusterSet(expected.set);
      const { init } = expected;
      const estimator = kMeans({ nClusters: init.length, init, ...expected.settings });
      const model = await estimator.fit(rows, expected.weighted ? { weights } : {});
      assert.equal(model.iterations, expected.iterations);
      assertCloseTo(model.centers, expected.centers, 1e-6, "centers");
      assertCloseTo([model.inertia], [expected.inertia], 1e-6 * expected.inertia, "inertia");
      const labels = await model.predict(rows);
      assert.deepEqual(Array.from(labels), expected.labels);
      const { cluster } = await runModel((features) => model.trace(features), rows);
      assert.deepEqual(numbersOf(cluster), expected.labels);
      const again = loadClusters(JSON.parse(JSON.stringify(model)));
      assert.ok(again.kind === "kMeans");
      assert.deepEqual(await again.predict(rows), labels);
      assert.deepEqual(again.toJSON(), model.toJSON());
    });

  for (const { set, nClusters, inertia } of clusterReference.random)
    it(`${set}: from random beginnings the groups are as good as the best of twenty`, async () => {
      const { rows } = clusterSet(set);
      const estimator = kMeans({ nClusters, nInit: 10, seed: 1 });
      const model = await estimator.fit(rows);
      assertCloseTo([model.inertia], [inertia], 1e-3 * inertia, "inertia");
      assert.deepEqual((await estimator.fit(rows)).toJSON(), model.toJSON());
    });
});

describe("Gaussian mixtures, against scikit-learn", () => {
  for (const expected of clusterReference.mixtures)
    it(`${expected.set}, ${expected.covarianceType}`, async () => {
      const { rows } = clusterSet(expected.set);
      const { init, covarianceType } = expected;
      const estimator = gaussianMixture({
        nComponents: init.length,
        init,
        covarianceType,
        ...expected.settings,
      });
      const model = await estimator.fit(rows);
      assert.deepEqual([model.iterations, model.converged], [expected.iterations, expected.converged]);
      assertCloseTo([model.lowerBound], [expected.lowerBound], 1e-6, "lower bound");
      assertCloseTo(model.mixture.weights, expected.weights, 1e-6, "weights");
      assertCloseTo(model.mixture.means, expected.means, 1e-6, "means");
      assertCloseTo(model.mixture.covariances, expected.covariances, 1e-6, "covariances");
      const probabilities = await model.predictProbabilities(rows);
      const some = expected.probabilities.length;
      assertCloseTo(probabilities.subarray(0, some), expected.probabilities, 1e-6, "probabilities");
      const densities = (await model.logDensities(rows)).subarray(0, expected.densities.length);
      assertCloseTo(densities, expected.densities, 1e-5, "densities");
      assertCloseTo([await model.bic(rows), await model.aic(rows)], [expected.bic, expected.aic], 1e-4);
      const labels = await model.predict(rows);
      assert.deepEqual(Array.from(labels), expected.labels);
      const traced = await runModel((features) => model.trace(features), rows);
      assert.deepEqual(numbersOf(traced["cluster"]), expected.labels);
      assertCloseTo(numbersOf(traced["probabilities"]), probabilities, 1e-5, "ONNX");
      const again = loadClusters(JSON.parse(JSON.stringify(model)));
      assert.ok(again.kind === "gaussianMixture");
      assert.deepEqual(await again.predictProbabilities(rows), probabilities);
      assert.deepEqual(again.toJSON(), model.toJSON());
    });
});

describe("DBSCAN, against scikit-learn", () => {
  for (const expected of clusterReference.dbscan) {
    const { eps, minSamples, metric } = expected;
    it(`${expected.set}, ${eps}, ${minSamples}, ${metric}`, async () => {
      const { rows, weights } = clusterSet(expected.set);
      const options = expected.weighted ? { weights } : {};
      const groups = await dbscan({ eps, minSamples, metric }).fit(rows, options);
      assert.deepEqual(Array.from(groups.labels), expected.labels);
      assert.deepEqual(Array.from(groups.coreRows), expected.coreRows);
      assert.equal(groups.clusters, Math.max(...expected.labels) + 1);
      const again = loadClusters(JSON.parse(JSON.stringify(groups)));
      assert.deepEqual(again, groups);
    });
  }
});
