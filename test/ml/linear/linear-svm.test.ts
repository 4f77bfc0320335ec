import assert from "node:assert/strict";
import { linearSvc, linearSvr } from "../../../ml/linear/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkForms } from "./check-model.ts";
import { casesOf, dataOf, firstRows, weights } from "./linear-reference.ts";

const tight = { tol: 1e-9, maxIter: 20_000 };

describe("linear support vector machines", () => {
  for (const [kind, method] of Object.entries({ linearSvc, linearSvr })) {
    it(`${kind} learns what scikit-learn's does, with every loss and penalty`, async () => {
      const cases = casesOf(kind);
      assert.ok(cases.length > 1);
      for (const { on, weighted, settings, ...expected } of cases) {
        const { matrix, target } = dataOf(on);
        const estimator = method({ ...settings, ...tight });
        const model = await estimator.fit(matrix, [...target], weighted ? { weights } : {});
        const what = `${on} with ${JSON.stringify(settings)}`;
        assert.ok(model.converged, what);
        assertCloseTo(model.coefficients, expected.coefficients, 1e-6, what);
        const intercepts = "intercepts" in model ? model.intercepts : [model.intercept];
        assertCloseTo(intercepts, expected.intercepts, 1e-6, what);
        const predicted = await model.predict(firstRows(matrix, 10));
        assertCloseTo(Array.from(predicted, Number), expected.predictions, 1e-5, what);
        await checkForms(model, firstRows(matrix, 20, true));
      }
    });
  }
});
