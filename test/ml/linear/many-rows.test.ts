import assert from "node:assert/strict";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import {
  linearRegression,
  linearSvc,
  logisticRegression,
  poissonRegressor,
  ridge,
  sgdClassifier,
  type LinearClassificationModel,
} from "../../../ml/linear/index.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkForms } from "./check-model.ts";
import { firstRows } from "./linear-reference.ts";

/** Rows of normal numbers, each like its neighbour on the left, and the sums of which targets are made. */
function rowsOf(rows: number, width: number): { readonly matrix: DenseMatrix; readonly sums: Float64Array } {
  const random = new Random(2);
  const data = new Float64Array(rows * width);
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let last = random.normal();
    for (let column = 0; column < width; column++) {
      last = 0.6 * last + 0.8 * random.normal();
      data[row * width + column] = last;
      if (column < 5) sums[row] = (sums[row] ?? 0) + last / 3;
    }
    sums[row] = (sums[row] ?? 0) + random.normal() / 2;
  }
  return { matrix: { data, rows, columns: Array.from({ length: width }, (_, at) => `c${at}`) }, sums };
}

/** The steepest slope of the mean loss with its penalty, computed anew. */
async function steepestSlope(
  model: LinearClassificationModel,
  { data, rows, columns }: DenseMatrix,
  target: Int32Array,
  c: number,
): Promise<number> {
  const width = columns.length;
  const count = model.classes.length;
  const probabilities = await model.predictProbabilities({ data, rows, columns });
  const outputs = model.intercepts.length;
  let steepest = 0;
  for (let output = 0; output < outputs; output++) {
    const place = outputs === 1 ? 1 : output;
    const slopes = Float64Array.from(
      model.coefficients.subarray(output * width, (output + 1) * width),
      (value) => value / (c * rows),
    );
    let intercept = 0;
    for (let row = 0; row < rows; row++) {
      const is = model.classes[place] === target[row] ? 1 : 0;
      const error = ((probabilities[row * count + place] ?? 0) - is) / rows;
      for (let at = 0; at < width; at++)
        slopes[at] = (slopes[at] ?? 0) + error * (data[row * width + at] ?? 0);
      intercept += error;
    }
    steepest = Math.max(steepest, Math.abs(intercept), ...slopes.map(Math.abs));
  }
  return steepest;
}

describe("linear models of many rows or columns", () => {
  const { matrix, sums } = rowsOf(20_001, 15);

  for (const classes of [2, 4]) {
    it(`logistic regression of ${classes} classes steps by a sample's curvature to the minimum of all rows`, async () => {
      const target = Int32Array.from(sums, (sum) =>
        Math.max(0, Math.min(classes - 1, Math.floor(sum + classes / 2))),
      );
      const model = await logisticRegression({ tol: 1e-9 }).fit(matrix, target);
      assert.ok(model.converged);
      assert.ok(model.iterations < 40, `${model.iterations} iterations`);
      assert.ok((await steepestSlope(model, matrix, target, 1)) < 2e-9);
    });
  }

  it("a vanishing penalty on magnitudes changes nothing", async () => {
    const target = Int32Array.from(sums, (sum) => Number(sum > 0.3));
    const model = await logisticRegression({ tol: 1e-9 }).fit(matrix, target);
    const almost = { penalty: "elasticnet", l1Ratio: 1e-9, tol: 1e-9 } as const;
    const sparse = await logisticRegression(almost).fit(matrix, target);
    assertCloseTo(sparse.coefficients, model.coefficients, 1e-7);
  });

  it("magnitudes of several classes are penalised by a sample's curvature, too", async () => {
    const target = Int32Array.from(sums, (sum) => Math.max(0, Math.min(3, Math.floor(sum + 2))));
    const model = await logisticRegression({ penalty: "l1", c: 0.01, tol: 1e-7 }).fit(matrix, target);
    assert.ok(model.converged);
    // The target is made of the first five columns.
    const used = Array.from(model.coefficients.keys()).filter((at) => model.coefficients[at] !== 0);
    assert.ok(used.length < 40 && used.some((at) => at % 15 < 5), `${used.length} of 60 are used`);
  });

  it("rows of float32 give what their values give in float64", async () => {
    const single = { ...matrix, data: Float32Array.from(matrix.data) };
    const double = { ...matrix, data: Float64Array.from(single.data) };
    const target = Int32Array.from(sums, (sum) => Number(sum > 0.3));
    const [a, b] = [
      await logisticRegression().fit(single, target),
      await logisticRegression().fit(double, target),
    ];
    assert.deepEqual(a.toJSON(), b.toJSON());
    assert.deepEqual(await a.predict(single), await b.predict(double));
  });

  it("columns far from zero and of other units are no harder", async () => {
    const scales = matrix.columns.map((_, at) => 10 ** ((at % 5) - 2));
    const data = matrix.data.map((value, at) => (value + 100) * (scales[at % 15] ?? 1));
    const target = Int32Array.from(sums, (sum) => Number(sum > 0.3));
    const options = { penalty: "none", tol: 1e-8 } as const;
    const plain = await logisticRegression(options).fit(matrix, target);
    const far = await logisticRegression(options).fit({ ...matrix, data }, target);
    assert.ok(far.iterations < 3 * plain.iterations, `${far.iterations} of ${plain.iterations}`);
    assertCloseTo(
      far.coefficients.map((value, at) => value * (scales[at] ?? 1)),
      plain.coefficients,
      1e-6,
    );
  });

  it("counts are found by their mean, and predictions keep it", async () => {
    const target = Float64Array.from(sums, (sum) => Math.round(Math.exp(sum)));
    const model = await poissonRegressor({ alpha: 0, tol: 1e-9 }).fit(matrix, target);
    const predicted = await model.predict(matrix);
    const mean = (values: Float64Array): number =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    assert.ok(Math.abs(mean(predicted) - mean(target)) < 1e-8);
  });

  it("more columns than a curvature may have are fitted without one", async () => {
    const { matrix: wide, sums: goals } = rowsOf(40, 6000);
    const target = Int32Array.from(goals, (sum) => Number(sum > 0));
    const model = await logisticRegression({ tol: 1e-6, c: 0.01 }).fit(wide, target);
    assert.ok(model.converged);
    assert.ok((await steepestSlope(model, wide, target, 0.01)) < 2e-6);
  });

  it("all forms of a model agree on every one of 10,000 rows", async () => {
    const rows = firstRows(matrix, 10_000, true);
    const three = Int32Array.from(sums, (sum) => Math.max(0, Math.min(2, Math.floor(sum + 1.5))));
    const counts = Float64Array.from(sums, (sum) => Math.round(Math.exp(sum)));
    await checkForms(await logisticRegression().fit(matrix, three), rows);
    await checkForms(await sgdClassifier({ loss: "modifiedHuber", maxIter: 5 }).fit(matrix, three), rows);
    await checkForms(
      await linearSvc().fit(
        matrix,
        three.map((code) => Math.min(code, 1)),
      ),
      rows,
    );
    await checkForms(await poissonRegressor().fit(matrix, counts), rows);
    await checkForms(await ridge().fit(matrix, sums), rows);
  });

  it("columns that stand there twice share their coefficient", async () => {
    const width = 15;
    const part = { ...matrix, data: matrix.data.subarray(0, 3000 * width), rows: 3000 };
    const doubled = new Float64Array(part.rows * 2 * width);
    for (let row = 0; row < part.rows; row++) {
      const values = part.data.subarray(row * width, (row + 1) * width);
      doubled.set(values, row * 2 * width);
      doubled.set(values, (row * 2 + 1) * width);
    }
    const columns = [...matrix.columns, ...matrix.columns.map((name) => `${name} again`)];
    const once = await linearRegression().fit(part, sums.subarray(0, part.rows));
    const twice = await linearRegression().fit(
      { data: doubled, rows: part.rows, columns },
      sums.subarray(0, part.rows),
    );
    const half = Array.from(once.coefficients, (value) => value / 2);
    assertCloseTo(twice.coefficients, [...half, ...half], 1e-10);
    assertCloseTo([twice.intercept], [once.intercept], 1e-10);
  });

  it("weights count rows as if they stood there as often", async () => {
    const few = { ...matrix, data: matrix.data.slice(0, 30 * 15), rows: 30 };
    const weights = Array.from({ length: 30 }, (_, row) => row % 3);
    const places = weights.flatMap((times, row) => Array.from({ length: times }, () => row));
    const data = Float64Array.from(places.flatMap((row) => [...few.data.subarray(row * 15, (row + 1) * 15)]));
    const repeated = { ...matrix, data, rows: places.length };
    const target = [...sums.subarray(0, 30)];
    const byWeight = await linearRegression().fit(few, target, { weights });
    const byCount = await linearRegression().fit(
      repeated,
      places.map((row) => target[row] ?? 0),
    );
    assertCloseTo(byWeight.coefficients, byCount.coefficients, 1e-8);
  });
});
