import assert from "node:assert/strict";
import { dbscan, gaussianMixture, kMeans, loadClusters } from "../../../ml/clusters/index.ts";
import { Random } from "../../../ml/random.ts";
import { denseMatrix } from "../features/matrices.ts";
import { refused } from "../refused.ts";

describe("groups refuse", () => {
  const rows = denseMatrix([0, 1, 0, 2, 9, 9, 9, 8], 4, 2);
  const estimators = [
    kMeans({ nClusters: 2 }),
    gaussianMixture({ nComponents: 2 }),
    dbscan({ eps: 2, minSamples: 2 }),
  ];

  for (const estimator of estimators)
    it(`what ${estimator.kind} can't learn from`, async () => {
      await refused(() => estimator.fit(denseMatrix([], 0, 2)), /no rows/);
      await refused(() => estimator.fit(denseMatrix([], 3, 0)), /no columns/);
      for (const bad of [Number.NaN, -Infinity])
        await refused(() => estimator.fit(denseMatrix([0, 1, 2, bad], 2, 2)), /"c1" holds .* in row 1/);
      await assert.rejects(
        estimator.fit(rows, { signal: AbortSignal.abort(new Error("stopped")) }),
        /stopped/,
      );
      const weights = [1, 1, 1, -1];
      await refused(() => estimator.fit(rows, { weights }), /weight of row 3 is -1|give no weights/);
    });

  it("a fit that is stopped while it runs", async () => {
    const random = new Random(1);
    const many = denseMatrix(
      Array.from({ length: 150_000 }, () => random.normal()),
      15_000,
      10,
    );
    for (const estimator of [
      kMeans({ nClusters: 60, nInit: 50 }),
      gaussianMixture({ nComponents: 20, tol: 0, maxIter: 1000 }),
      dbscan({ eps: 3 }),
    ]) {
      const controller = new AbortController();
      const fit = estimator.fit(many, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error("stopped")), 60);
      await assert.rejects(async () => fit, /stopped/);
    }
  });

  it("settings out of range", async () => {
    await refused(() => kMeans({ nClusters: 0 }), /nClusters/);
    await refused(() => kMeans({ tol: -1 }), /tol/);
    await refused(() => kMeans({ seed: 0.5 }), /seed/);
    await refused(() => kMeans({ nClusters: 5 }).fit(rows), /4 rows for 5 groups/);
    await refused(() => kMeans({ nClusters: 2, init: [[1, 2]] }).fit(rows), /2 centers of 2 numbers/);
    await refused(() => kMeans({ nClusters: 1, init: [[1, Number.NaN]] }).fit(rows), /aren't finite/);
    await refused(() => gaussianMixture({ regCovar: -1 }), /regCovar/);
    // SAFETY: there is none: settings of cells that weren't checked must be refused.
    await refused(() => gaussianMixture({ covarianceType: "square" as never }), /covarianceType/);
    await refused(() => dbscan({ eps: 0 }), /eps/);
    await refused(() => dbscan({ minSamples: 0 }), /minSamples/);
    const flat = denseMatrix([0, 0, 0, 0, 0, 0], 3, 2);
    for (const covarianceType of ["full", "tied", "diag", "spherical"] as const)
      await refused(() => gaussianMixture({ regCovar: 0, covarianceType }).fit(flat), /raise regCovar/);
  });

  it("what they can't predict", async () => {
    const [means, mixture] = [
      await kMeans({ nClusters: 2 }).fit(rows),
      await gaussianMixture({ nComponents: 2 }).fit(rows),
    ];
    for (const model of [means, mixture]) {
      await refused(() => model.predict(denseMatrix([1, 2, 3], 1, 3)), /fitted on 2 columns/);
      await refused(() => model.predict(denseMatrix([1, Number.NaN], 1, 2)), /"c1" holds NaN/);
      assert.equal((await model.predict(denseMatrix([], 0, 2))).length, 0);
      assert.equal((await model.predict(denseMatrix([1, 2], 1, 2))).length, 1);
    }
  });

  it("what are no groups", async () => {
    const means = await kMeans({ nClusters: 2 }).fit(rows);
    const mixture = await gaussianMixture({ nComponents: 2 }).fit(rows);
    const groups = await dbscan({ eps: 2, minSamples: 2 }).fit(rows);
    const changed = (model: object, parts: object): unknown => ({
      ...JSON.parse(JSON.stringify(model)),
      ...parts,
    });
    const doubles = (...values: number[]): object => ({
      type: "float64",
      base64: Buffer.from(Float64Array.from(values).buffer).toString("base64"),
    });
    const integers = (...values: number[]): object => ({
      type: "int32",
      base64: Buffer.from(Int32Array.from(values).buffer).toString("base64"),
    });
    await refused(() => loadClusters("kMeans"), /no model of groups/);
    await refused(() => loadClusters(changed(means, { kind: "constructor" })), /kind/);
    await refused(() => loadClusters(changed(means, { version: 3 })), /version/);
    await refused(
      () => loadClusters(changed(means, { centers: doubles(1, 2, 3) })),
      /no centers of 2 columns/,
    );
    await refused(() => loadClusters(changed(means, { centers: doubles() })), /no centers/);
    await refused(() => loadClusters(changed(means, { centers: doubles(1, Infinity) })), /finite/);
    await refused(() => loadClusters(changed(mixture, { means: doubles(1, 2) })), /not of its components/);
    await refused(
      () => loadClusters(changed(mixture, { weights: doubles(-1, 2) })),
      /weights must be above 0/,
    );
    const indefinite = doubles(1, 2, 2, 1, 1, 0, 0, 1);
    await refused(() => loadClusters(changed(mixture, { covariances: indefinite })), /positive definite/);
    await refused(() => loadClusters(changed(groups, { labels: integers(0, 5) })), /don't fit together/);
    await refused(() => loadClusters(changed(groups, { coreRows: integers(3, 2) })), /don't fit together/);
  });
});

describe("k-means", () => {
  it("of many centers gives each row the nearest, and centers the mean of their rows", async () => {
    const random = new Random(5);
    const data = Array.from({ length: 6000 }, () => random.normal());
    const rows = denseMatrix(data, 2000, 3);
    const model = await kMeans({ nClusters: 530, tol: 0, seed: 2 }).fit(rows);
    const labels = await model.predict(rows);
    const sums = new Float64Array(530 * 4);
    for (let row = 0; row < 2000; row++) {
      let best = 0;
      let least = Infinity;
      for (let center = 0; center < 530; center++) {
        let distance = 0;
        for (let at = 0; at < 3; at++)
          distance += ((data[row * 3 + at] ?? 0) - (model.centers[center * 3 + at] ?? 0)) ** 2;
        if (distance < least) [best, least] = [center, distance];
      }
      assert.equal(labels[row], best);
      for (let at = 0; at < 3; at++)
        sums[best * 4 + at] = (sums[best * 4 + at] ?? 0) + (data[row * 3 + at] ?? 0);
      sums[best * 4 + 3] = (sums[best * 4 + 3] ?? 0) + 1;
    }
    for (let center = 0; center < 530; center++)
      for (let at = 0; at < 3; at++) {
        const mean = (sums[center * 4 + at] ?? 0) / (sums[center * 4 + 3] ?? 0);
        assert.ok(Math.abs(mean - (model.centers[center * 3 + at] ?? 0)) < 1e-9);
      }
  });

  it("of equal rows has as many centers as asked for, and one group", async () => {
    const model = await kMeans({ nClusters: 3 }).fit(denseMatrix([2, 2, 2, 2], 4, 1));
    assert.deepEqual([model.clusters, model.inertia, ...model.centers], [3, 0, 2, 2, 2]);
  });
});
