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
});
