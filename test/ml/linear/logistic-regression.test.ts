import assert from "node:assert/strict";
import { gammaRegressor, logisticRegression, poissonRegressor } from "../../../ml/linear/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkForms } from "./check-model.ts";
import { casesOf, dataOf, firstRows, weights } from "./linear-reference.ts";

describe("logistic and generalised regression", () => {
  it("logisticRegression learns what scikit-learn's does, with every penalty", async () => {
    for (const { on, weighted, settings, ...expected } of casesOf("logisticRegression")) {
      const { matrix, target } = dataOf(on);
      const model = await logisticRegression({ ...settings, tol: 1e-10, maxIter: 500 }).fit(
        matrix,
        target,
        weighted ? { weights } : {},
      );
      const what = `${on} with ${JSON.stringify(settings)}`;
      assert.ok(model.converged, what);
      assertCloseTo(model.coefficients, expected.coefficients, 1e-6, what);
      assertCloseTo(model.intercepts, expected.intercepts, 1e-6, what);
      const rows = firstRows(matrix, 10);
      assert.deepEqual(await model.predict(rows), expected.predictions);
      assertCloseTo(await model.predictProbabilities(rows), expected.probabilities ?? [], 1e-6, what);
      await checkForms(model, firstRows(matrix, 20, true));
    }
  });

  for (const [kind, method] of Object.entries({ poissonRegressor, gammaRegressor })) {
    it(`${kind} learns what scikit-learn's does`, async () => {
      const cases = casesOf(kind);
      assert.equal(cases.length, 3);
      for (const { on, weighted, settings, coefficients, intercepts, predictions } of cases) {
        const { matrix, target } = dataOf(on);
        const model = await method(settings).fit(matrix, target, weighted ? { weights } : {});
        assert.ok(model.converged);
        assertCloseTo(model.coefficients, coefficients, 1e-7, on);
        assertCloseTo([model.intercept], intercepts, 1e-7, on);
        assertCloseTo(await model.predict(firstRows(matrix, 10)), predictions, 1e-6, on);
        await checkForms(model, firstRows(matrix, 20, true));
      }
    });
  }
});
