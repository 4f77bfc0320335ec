import assert from "node:assert/strict";
import { InvalidInputError } from "../../../ml/errors.ts";
import {
  compileLinear,
  elasticNet,
  gammaRegressor,
  lasso,
  linearRegression,
  linearSvc,
  linearSvr,
  loadLinear,
  logisticRegression,
  poissonRegressor,
  ridge,
  sgdClassifier,
  sgdRegressor,
} from "../../../ml/linear/index.ts";
import { Random } from "../../../ml/random.ts";
import { denseMatrix } from "../features/matrices.ts";

const regressors = {
  linearRegression,
  ridge,
  lasso: () => lasso({ alpha: 0.01 }),
  elasticNet: () => elasticNet({ alpha: 0.01 }),
  poissonRegressor,
  gammaRegressor,
  linearSvr: () => linearSvr({ loss: "squaredEpsilonInsensitive" }),
  "linearSvr in the dual": () => linearSvr({ tol: 1e-3 }),
  sgdRegressor: () => sgdRegressor(),
};
const classifiers = {
  logisticRegression,
  "logisticRegression with l1": () => logisticRegression({ penalty: "l1" }),
  linearSvc,
  "linearSvc in the dual": () => linearSvc({ loss: "hinge", tol: 1e-3 }),
  sgdClassifier: () => sgdClassifier(),
};

const rows = denseMatrix([1, 2, 2, 1, 3, 5, 4, 3, 5, 1, 6, 2], 6, 2);
const amounts = [1, 2, 3, 4, 5, 6];
const classes = [0, 0, 0, 1, 1, 1];
const nothing = denseMatrix([], 0, 2);

function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  return assert.rejects(promise, (error) => {
    assert.ok(error instanceof InvalidInputError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

function withValue(value: number): ReturnType<typeof denseMatrix> {
  return denseMatrix([1, 2, 2, value, 3, 5, 4, 3, 5, 1, 6, 2], 6, 2);
}

describe("linear models and bad input", () => {
  for (const [name, make] of Object.entries({ ...regressors, ...classifiers })) {
    it(`${name} says what is wrong with rows, targets and weights`, async () => {
      const estimator = make();
      const target = estimator.task === "classification" ? classes : amounts;
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
        await rejects(estimator.fit(withValue(value), target), /column "c1" holds .* in row 1/);
      await rejects(estimator.fit(nothing, []), /no rows/);
      await rejects(estimator.fit(denseMatrix([], 6, 0), target), /no columns/);
      await rejects(estimator.fit(rows, target.slice(1)), /target has 5 rows/);
      await rejects(estimator.fit(rows, [...target.slice(1), Number.NaN]), /row 5 is NaN/);
      await rejects(estimator.fit(rows, target, { weights: [1, 1] }), /2 weights for 6 rows/);
      await rejects(estimator.fit(rows, target, { weights: [1, 1, 1, -1, 1, 1] }), /weight of row 3 is -1/);
      await rejects(estimator.fit(rows, target, { weights: new Float64Array(6) }), /all weights are 0/);
      const signal = AbortSignal.abort(new Error("stopped"));
      await assert.rejects(estimator.fit(rows, target, { signal }), /stopped/);
      const model = await estimator.fit(rows, target);
      assert.equal((await model.predict(nothing)).length, 0);
      await rejects(model.predict(denseMatrix([1, 2, 3], 1, 3)), /fitted on 2 columns/);
      await rejects(model.predict(denseMatrix([1, Number.NaN], 1, 2)), /holds NaN in row 0/);
    });
  }

  for (const [name, make] of Object.entries(regressors)) {
    it(`${name} learns from one row, a constant target and constant columns`, async () => {
      const one = await make().fit(denseMatrix([1, 2], 1, 2), [3]);
      assert.ok(Number.isFinite((await one.predict(denseMatrix([1, 2], 1, 2)))[0]));
      const constant = await make().fit(rows, [2, 2, 2, 2, 2, 2]);
      assert.ok((await constant.predict(rows)).every((value) => Number.isFinite(value)));
      const flat = await make().fit(
        denseMatrix(
          Array.from({ length: 12 }, () => 3),
          6,
          2,
        ),
        amounts,
      );
      assert.ok((await flat.predict(rows)).every((value) => Number.isFinite(value)));
    });

    it(`${name} fails, or stays finite, on numbers near the largest`, async () => {
      const huge = denseMatrix(
        Array.from(rows.data, (value, at) => (at % 2 === 0 ? value * 1e305 : value)),
        6,
        2,
      );
      try {
        const model = await make().fit(huge, amounts);
        assert.ok(model.coefficients.every((value) => Number.isFinite(value)));
      } catch (error) {
        assert.ok(error instanceof InvalidInputError, String(error));
      }
    });
  }

  for (const [name, make] of Object.entries(classifiers)) {
    it(`${name} takes two classes and more, of one type`, async () => {
      await rejects(make().fit(rows, [1, 1, 1, 1, 1, 1]), /1 classes: at least 2/);
      await rejects(make().fit(denseMatrix([1, 2], 1, 2), [1]), /1 classes: at least 2/);
      await rejects(make().fit(rows, ["a", "a", "a", 1, 1, 1]), /several types/);
      const texts = await make().fit(rows, ["no", "no", "no", "yes", "yes", "yes"]);
      assert.deepEqual(texts.classes, ["no", "yes"]);
      assert.deepEqual(loadLinear(JSON.parse(JSON.stringify(texts))).toJSON(), texts.toJSON());
      const flags = await make().fit(rows, [false, false, false, true, true, true]);
      assert.deepEqual(flags.classes, [false, true]);
    });
  }

  it("weights and class weights must leave two classes", async () => {
    const weights = [1, 1, 1, 0, 0, 0];
    for (const make of Object.values(classifiers))
      await rejects(make().fit(rows, classes, { weights }), /are of 1 of 2 classes/);
    await rejects(logisticRegression({ classWeight: { 2: 1 } }).fit(rows, classes), /classWeight names "2"/);
    const named = ["constructor", "__proto__", "constructor", "__proto__"];
    const weighed = logisticRegression({ classWeight: { constructor: 2 } });
    const model = await weighed.fit(denseMatrix([1, 2, 3, 4], 4, 1), named);
    assert.deepEqual(model.classes, ["__proto__", "constructor"]);
    await logisticRegression({ classWeight: {} }).fit(denseMatrix([1, 2, 3, 4], 4, 1), named);
    await rejects(logisticRegression({ classWeight: { 0: -1 } }).fit(rows, classes), /class "0" is -1/);
  });

  it("targets must suit the distribution", async () => {
    await rejects(poissonRegressor().fit(rows, [1, 2, 3, -1, 2, 1]), /row 3 is -1/);
    await rejects(poissonRegressor().fit(rows, [0, 0, 0, 0, 0, 0]), /0 in all rows/);
    await rejects(gammaRegressor().fit(rows, [1, 2, 0, 1, 2, 1]), /row 2 is 0/);
  });

  it("settings are checked when the estimator is made", () => {
    const mistakes: readonly (readonly [() => unknown, RegExp])[] = [
      [() => ridge({ alpha: -1 }), /alpha/],
      [() => elasticNet({ l1Ratio: 2 }), /l1Ratio/],
      [() => logisticRegression({ c: 0 }), /c must be/],
      [() => logisticRegression({ tol: 0 }), /tol/],
      [() => logisticRegression({ maxIter: 1.5 }), /maxIter/],
      [() => linearSvc({ penalty: "l1", loss: "hinge" }), /l1/],
      [() => linearSvr({ epsilon: -1 }), /epsilon/],
      [() => sgdClassifier({ alpha: 0 }), /alpha/],
      [() => sgdRegressor({ validationFraction: 1 }), /validationFraction/],
      [() => logisticRegression().with({ c: Number.NaN }), /c must be/],
    ];
    for (const [make, message] of mistakes) assert.throws(make, message);
  });

  it("what JSON doesn't hold a model is refused with its reason", async () => {
    const regression = JSON.parse(JSON.stringify(await ridge().fit(rows, amounts)));
    const classification = JSON.parse(JSON.stringify(await logisticRegression().fit(rows, classes)));
    const zeros = (count: number): object => ({
      type: "float64",
      base64: Buffer.alloc(count * 8).toString("base64"),
    });
    const spoilt: readonly (readonly [unknown, RegExp])[] = [
      [undefined, /no linear model/],
      [[], /no linear model/],
      [{ ...regression, kind: "forest" }, /no linear model/],
      [{ ...regression, version: 2 }, /version/],
      [{ ...regression, link: "softmax" }, /link/],
      [{ ...regression, featureNames: ["a"] }, /coefficients: 2 numbers of 1 x 1/],
      [{ ...regression, intercepts: zeros(2) }, /intercepts: 2 numbers/],
      [{ ...regression, coefficients: { type: "float64", base64: "AAA" } }, /coefficients/],
      [{ ...regression, coefficients: { type: "float64", base64: "AAAAAAAA+H8AAAAAAAD4fw==" } }, /finite/],
      [{ ...regression, iterations: -1 }, /iterations/],
      [{ ...classification, classes: [1, 0] }, /classes/],
      [{ ...classification, classes: [0] }, /classes/],
      [{ ...classification, classes: [0, 1, 2] }, /intercepts/],
      [{ ...classification, link: "softmax" }, /softmax/],
    ];
    for (const [json, message] of spoilt)
      assert.throws(
        () => loadLinear(json),
        (error) => error instanceof InvalidInputError && message.test(error.message),
        JSON.stringify(json),
      );
  });

  it("more columns than their products fit into memory are refused", async () => {
    const columns = Array.from({ length: 25_000 }, (_, at) => `c${at}`);
    const wide = { data: new Float64Array(2 * columns.length).fill(1), rows: 2, columns };
    await rejects(lasso().fit(wide, [1, 2]), /would take 4.7 GiB/);
    await rejects(logisticRegression({ penalty: "l1" }).fit(wide, [0, 1]), /25001 coefficients are more/);
  });

  it("a compiled model takes whole rows", async () => {
    const compiled = compileLinear(await ridge().fit(rows, amounts));
    assert.throws(() => compiled.predict(Float32Array.of(1, 2, 3)), /no whole rows of 2/);
    assert.equal(compiled.predict(new Float32Array(0)).length, 0);
    assert.ok(Number.isNaN(compiled.predict(Float32Array.of(1, Number.NaN))[0]));
  });

  it("a fit that doesn't settle says so and warns", async () => {
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
    const model = await logisticRegression({ maxIter: 1, tol: 1e-12 }).fit(rows, [0, 1, 0, 1, 0, 1]);
    assert.equal(model.converged, false);
    assert.equal(model.iterations, 1);
    const { name, message } = await warned;
    assert.equal(name, "ConvergenceWarning");
    assert.match(message, /logisticRegression did not converge in 1 iterations/);
  });

  it("a fit ends soon after its signal", async () => {
    const random = new Random(3);
    const count = 60_000;
    const data = Float64Array.from({ length: count * 20 }, () => random.normal());
    const matrix = { data, rows: count, columns: Array.from({ length: 20 }, (_, at) => `c${at}`) };
    const target = Int32Array.from({ length: count }, () => Math.floor(random.uniform() * 10));
    const endless = [
      sgdClassifier({ maxIter: 1e9, tol: 0, learningRate: "constant", nIterNoChange: 1e9 }),
      linearSvc({ loss: "hinge", tol: 1e-300, maxIter: 1e9 }),
      logisticRegression({ penalty: "l1", tol: 1e-300 }),
    ];
    for (const estimator of endless) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("stopped")), 20);
      await assert.rejects(estimator.fit(matrix, target, { signal: controller.signal }), /stopped/);
    }
  });
});
