import assert from "node:assert/strict";
import type { DenseMatrix } from "../../ml/dense-matrix.ts";
import { linearRegression, logisticRegression } from "../../ml/linear/index.ts";
import { gradientBoostingClassifier, randomForestRegressor } from "../../ml/trees/index.ts";
import { Random } from "../../ml/random.ts";

const random = new Random(3);
const columns = ["small", "<b>large</b>", "none"];
const data = Float64Array.from({ length: 600 }, (_, at) => (at % 3 === 2 ? 0 : random.uniform() - 0.5));
const rows: DenseMatrix = { data, rows: 200, columns };
const sums = Array.from({ length: 200 }, (_, row) => (data[3 * row] ?? 0) + 5 * (data[3 * row + 1] ?? 0));

function shown(model: object): { readonly text: string; readonly page: string } {
  const bundle: Readonly<Record<string, unknown>> = Reflect.get(model, Symbol.for("Jupyter.display")).call(
    model,
  );
  return { text: String(bundle["text/plain"]), page: String(bundle["text/html"]) };
}

describe("fitted models in a notebook", () => {
  it("show the coefficients of a linear regression, the largest first, escaped", async () => {
    const { text, page } = shown(await linearRegression().fit(rows, sums));
    const lines = text.split("\n");
    assert.match(lines[0] ?? "", /^linearRegression · intercept /);
    assert.match(lines[2] ?? "", /^<b>large<\/b> +5$/);
    assert.match(lines[3] ?? "", /^small +1$/);
    assert.match(page, /&#60;b&#62;large/);
    assert.doesNotMatch(page, /<b>large/);
  });

  it("show a column for each of several classes, and one for the second of two", async () => {
    const three = sums.map((sum) => (sum > 1 ? "high" : sum > -1 ? "middle" : "low"));
    assert.match(shown(await logisticRegression().fit(rows, three)).text, /feature +high +low +middle\n/);
    const two = sums.map((sum) => sum > 0);
    assert.match(shown(await logisticRegression().fit(rows, two)).text, /2 classes\nfeature +true\n/);
  });

  it("show what features did for trees as shares of the whole", async () => {
    const labels = sums.map((sum) => sum > 0);
    for (const model of [
      await gradientBoostingClassifier({ nEstimators: 5 }).fit(rows, labels),
      await randomForestRegressor({ nEstimators: 5 }).fit(rows, sums),
    ]) {
      const { text, page } = shown(model);
      const [head = "", , first = "", second = "", third = ""] = text.split("\n");
      assert.match(head, / · 5 trees$/);
      const numbers = [first, second, third].map((line) => Number(line.trim().split(/\s+/).at(-1)));
      assert.match(first, /large/);
      assert.ok((numbers[0] ?? 0) > 0.8);
      assert.ok(Math.abs(numbers.reduce((sum, each) => sum + each, 0) - 1) < 0.001);
      assert.match(page, /linear-gradient/);
    }
  });

  it("leave out what is beyond twenty features, and say so", async () => {
    const wide: DenseMatrix = {
      data: Float64Array.from({ length: 30 * 60 }, () => random.uniform()),
      rows: 60,
      columns: Array.from({ length: 30 }, (_, at) => `f${at}`),
    };
    const { text, page } = shown(await linearRegression().fit(wide, sums.slice(0, 60)));
    assert.equal(text.split("\n").length, 2 + 20 + 1);
    assert.match(text, /10 more features$/);
    assert.match(page, /10 more features/);
  });
});
