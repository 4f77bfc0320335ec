import assert from "node:assert/strict";
import { sgdClassifier, sgdRegressor } from "../../../ml/linear/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkForms } from "./check-model.ts";
import { casesOf, dataOf, firstRows, weights } from "./linear-reference.ts";

describe("stochastic gradient descent", () => {
  for (const [kind, method] of Object.entries({ sgdClassifier, sgdRegressor })) {
    it(`${kind} learns what scikit-learn's does, step by step`, async () => {
      const cases = casesOf(kind);
      assert.ok(cases.length > 1);
      for (const { on, weighted, settings, ...expected } of cases) {
        const { matrix, target } = dataOf(on);
        const model = await method(settings).fit(matrix, [...target], weighted ? { weights } : {});
        const what = `${on} with ${JSON.stringify(settings)}`;
        assert.equal(model.iterations, expected.iterations, what);
        assertCloseTo(model.coefficients, expected.coefficients, 1e-9, what);
        const intercepts = "intercepts" in model ? model.intercepts : [model.intercept];
        assertCloseTo(intercepts, expected.intercepts, 1e-9, what);
        const rows = firstRows(matrix, 10);
        assertCloseTo(Array.from(await model.predict(rows), Number), expected.predictions, 1e-8, what);
        if (expected.probabilities && model.task === "classification")
          assertCloseTo(await model.predictProbabilities(rows), expected.probabilities, 1e-8, what);
        await checkForms(model, firstRows(matrix, 20, true));
      }
    });
  }

  it("the same seed gives the same model, another one another", async () => {
    const { matrix, target } = dataOf("binary");
    const coefficientsOf = async (seed: number): Promise<Float64Array> =>
      (await sgdClassifier({ seed }).fit(matrix, target)).coefficients;
    assert.deepEqual(await coefficientsOf(1), await coefficientsOf(1));
    assert.notDeepEqual(await coefficientsOf(1), await coefficientsOf(2));
  });

  it("held rows end a fit early, and aren't learnt from", async () => {
    for (const on of ["binary", "three"]) {
      const { matrix, target } = dataOf(on);
      const early = sgdClassifier({ loss: "logLoss", earlyStopping: true, validationFraction: 0.3 });
      const model = await early.fit(matrix, target);
      assert.ok(model.converged && model.iterations < 100);
      const right = (await model.predict(matrix)).filter((label, row) => label === target[row]).length;
      assert.ok(right > 0.6 * matrix.rows, `${right} right`);
    }
    const { matrix, target } = dataOf("amount");
    const options = { earlyStopping: true, tol: 1e-6, maxIter: 5000 } as const;
    assert.ok((await sgdRegressor(options).fit(matrix, target)).converged);
    const few = firstRows(matrix, 3);
    await assert.rejects(sgdRegressor(options).fit(few, target.slice(0, 3)), /of 3 rows, 0 would tell/);
  });
});
