import assert from "node:assert/strict";
import {
  elasticNet,
  lasso,
  LinearRegressionModel,
  linearRegression,
  ridge,
} from "../../../ml/linear/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkForms } from "./check-model.ts";
import { casesOf, dataOf, firstRows, weights } from "./linear-reference.ts";

const methods = { linearRegression, ridge, lasso, elasticNet };

describe("linear regression", () => {
  for (const [kind, method] of Object.entries(methods)) {
    it(`${kind} learns what scikit-learn's does`, async () => {
      const cases = casesOf(kind);
      assert.ok(cases.length > 1);
      for (const { on, weighted, settings, coefficients, intercepts, predictions } of cases) {
        const { matrix, target } = dataOf(on);
        const model = await method(settings).fit(matrix, target, weighted ? { weights } : {});
        assert.ok(model instanceof LinearRegressionModel);
        const what = `${kind} on ${on} with ${JSON.stringify(settings)}`;
        assertCloseTo(model.coefficients, coefficients, 1e-8 * largest(coefficients), what);
        assertCloseTo([model.intercept], intercepts, 1e-6, what);
        assertCloseTo(await model.predict(firstRows(matrix, 10)), predictions, 1e-6, what);
        await checkForms(model, firstRows(matrix, 20, true));
      }
    });
  }

  it("a column that is constant says nothing", async () => {
    // The mean of a sum of 0.1 is another number: what is left must not be taken for a column.
    const rows = 42;
    const data = Float64Array.from({ length: rows * 2 }, (_, at) => (at % 2 === 0 ? 0.1 : Math.sin(at)));
    const target = Float64Array.from({ length: rows }, (_, row) => Math.cos(row));
    const weights = target.map((_, row) => row % 3);
    for (const options of [{}, { weights }]) {
      const model = await linearRegression().fit({ data, rows, columns: ["same", "other"] }, target, options);
      assert.equal(model.coefficients[0], 0);
      const [near = 0, far = 1] = await model.predict({
        data: Float64Array.of(0.1, 0.5, 7, 0.5),
        rows: 2,
        columns: ["same", "other"],
      });
      assert.equal(near, far);
    }
  });
});

function largest(values: readonly number[]): number {
  return Math.max(1, ...values.map(Math.abs));
}
