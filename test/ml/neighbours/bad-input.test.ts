import assert from "node:assert/strict";
import { kNeighborsClassifier, kNeighborsRegressor, loadNeighbours } from "../../../ml/neighbours/index.ts";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import type { FitOptions } from "../../../ml/estimator.ts";
import { denseMatrix } from "../features/matrices.ts";
import { refused } from "../refused.ts";
import { assertSameAsOnnx } from "../run-model.ts";

describe("nearest neighbours refuse", () => {
  const rows = denseMatrix([0, 1, 2, 3, 4, 5], 3, 2);
  const settings = { nNeighbors: 2 };
  const classifier = kNeighborsClassifier(settings);
  const regressor = kNeighborsRegressor(settings);

  it("what they can't learn from", async () => {
    type Fit = (matrix: DenseMatrix, options?: FitOptions) => Promise<unknown>;
    const fits: readonly Fit[] = [
      (matrix, options) => classifier.fit(matrix, ["a", "b", "a"].slice(0, matrix.rows), options),
      (matrix, options) => regressor.fit(matrix, [1, 2, 3].slice(0, matrix.rows), options),
    ];
    for (const fit of fits) {
      await refused(() => fit(denseMatrix([], 0, 2)), /no rows/);
      await refused(() => fit(denseMatrix([1, 2], 1, 2)), /nNeighbors is 2 and there are 1 rows/);
      await refused(() => fit(denseMatrix([1, 2, Number.NaN, 1], 2, 2)), /"c0" holds NaN in row 1/);
      await refused(() => fit(rows, { weights: [1, 1, 1] }), /give no weights/);
      await assert.rejects(fit(rows, { signal: AbortSignal.abort(new Error("stopped")) }), /stopped/);
    }
    await refused(() => classifier.fit(rows, ["a", "a", "a"]), /1 classes/);
    await refused(() => regressor.fit(rows, [1, Infinity, 2]), /row 1 is Infinity/);
    await refused(() => regressor.fit(rows, [1, 2]), /2 rows and the matrix has 3/);
    const large = denseMatrix([1, 2, 3, -1e160, 1, 1], 3, 2);
    await refused(() => regressor.fit(large, [1, 2, 3]), /"c1" holds -1e\+160 in row 1, which is too large/);
    const zeros = denseMatrix([1, 2, 0, 0, 1, 1], 3, 2);
    await refused(
      () => classifier.with({ metric: "cosine" }).fit(zeros, ["a", "b", "a"]),
      /row 1 has no direction/,
    );
  });

  it("settings out of range", async () => {
    await refused(() => kNeighborsClassifier({ nNeighbors: 0 }), /nNeighbors/);
    await refused(() => kNeighborsRegressor({ nNeighbors: 1.5 }), /nNeighbors/);
    // SAFETY: there is none: settings of cells that weren't checked must be refused.
    await refused(() => kNeighborsRegressor({ metric: "chebyshev" as never }), /metric must be one of/);
    await refused(() => kNeighborsRegressor({ weights: "near" as never }), /weights must be/);
  });

  it("what they can't predict", async () => {
    const model = await classifier.fit(rows, ["a", "b", "a"]);
    await refused(() => model.predict(denseMatrix([1, 2, 3], 1, 3)), /fitted on 2 columns/);
    await refused(() => model.predict(denseMatrix([1, Infinity], 1, 2)), /"c1" holds Infinity in row 0/);
    assert.deepEqual(await model.predict(denseMatrix([], 0, 2)), []);
    const constant = await regressor.fit(rows, [4, 4, 4]);
    assert.deepEqual([...(await constant.predict(denseMatrix([9, 9], 1, 2)))], [4]);
  });

  it("no distances that one over them can't be told of", async () => {
    const tiny = denseMatrix([0, 1e-310, 1, 2], 4, 1);
    const model = await kNeighborsClassifier({
      nNeighbors: 3,
      weights: "distance",
      metric: "manhattan",
    }).fit(tiny, ["a", "a", "b", "b"]);
    // 2e-310 from the one row and 3e-310 from the other, one over which is infinite.
    assert.deepEqual([...(await model.predictProbabilities(denseMatrix([3e-310], 1, 1)))], [1, 0]);
    await assertSameAsOnnx(model, denseMatrix([0, 1, 0.5], 3, 1));
  });

  it("what is no model of neighbours", async () => {
    const model = await classifier.fit(rows, ["a", "b", "a"]);
    const changed = (parts: object): unknown => ({ ...JSON.parse(JSON.stringify(model)), ...parts });
    const codes = (...values: number[]): object => ({
      codes: { type: "int32", base64: Buffer.from(Int32Array.from(values).buffer).toString("base64") },
    });
    await refused(() => loadNeighbours(undefined), /no model of neighbours/);
    await refused(() => loadNeighbours(changed({ kind: "kMeans" })), /kind/);
    await refused(() => loadNeighbours(changed({ nNeighbors: 4 })), /nNeighbors is 4/);
    await refused(() => loadNeighbours(changed({ nNeighbors: -1 })), /nNeighbors/);
    await refused(
      () => loadNeighbours(changed({ featureNames: ["a", "b", "c", "d"] })),
      /no rows of 4 columns/,
    );
    await refused(() => loadNeighbours(changed(codes(0, 1))), /not of its rows/);
    await refused(() => loadNeighbours(changed(codes(0, 1, 2))), /not of its rows/);
    await refused(() => loadNeighbours(changed({ rows: { type: "float64", base64: "?" } })), /base64/);
  });
});
