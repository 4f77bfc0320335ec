import assert from "node:assert/strict";
import {
  bernoulliNaiveBayes,
  categoricalNaiveBayes,
  complementNaiveBayes,
  gaussianNaiveBayes,
  loadBayes,
  multinomialNaiveBayes,
} from "../../../ml/bayes/index.ts";
import { denseMatrix } from "../features/matrices.ts";
import { refused } from "../refused.ts";

describe("naive Bayes refuses", () => {
  const rows = denseMatrix([0, 1, 2, 3, 4, 5], 3, 2);
  const target = ["a", "b", "a"];
  const all = [
    gaussianNaiveBayes({ varSmoothing: 0.1 }),
    multinomialNaiveBayes(),
    complementNaiveBayes(),
    bernoulliNaiveBayes(),
    categoricalNaiveBayes(),
  ];

  for (const estimator of all) {
    it(`what ${estimator.kind} can't learn from`, async () => {
      await refused(() => estimator.fit(denseMatrix([], 0, 2), []), /no rows/);
      await refused(() => estimator.fit(denseMatrix([1, 2], 1, 2), ["a"]), /1 classes: at least 2/);
      await refused(() => estimator.fit(rows, ["a", "a", "a"]), /1 classes/);
      await refused(() => estimator.fit(rows, ["a", "b"]), /2 rows and the matrix has 3/);
      await refused(() => estimator.fit(rows, [1, Number.NaN, 2]), /target of row 1 is NaN/);
      await refused(() => estimator.fit(rows, [1, Infinity, 2]), /class Infinity/);
      await refused(() => estimator.fit(rows, [1, "1", 2]), /several types/);
      for (const bad of [Number.NaN, Infinity])
        await refused(
          () => estimator.fit(denseMatrix([0, 1, 2, bad], 2, 2), ["a", "b"]),
          /"c1" holds .* row 1/,
        );
      await refused(() => estimator.fit(rows, target, { weights: [1, 1] }), /2 weights for 3 rows/);
      await refused(() => estimator.fit(rows, target, { weights: [1, -1, 1] }), /weight of row 1 is -1/);
      await refused(() => estimator.fit(rows, target, { weights: [1, 0, 1] }), /class b have weight 0/);
      const signal = AbortSignal.abort(new Error("stopped"));
      await assert.rejects(estimator.fit(rows, target, { signal }), /stopped/);
    });

    it(`what ${estimator.kind} can't predict`, async () => {
      const model = await estimator.fit(rows, target);
      await refused(() => model.predict(denseMatrix([1, 2, 3], 1, 3)), /fitted on 2 columns/);
      await refused(() => model.predict(denseMatrix([1, Number.NaN], 1, 2)), /"c1" holds NaN in row 0/);
      assert.deepEqual(await model.predict(denseMatrix([], 0, 2)), []);
      assert.equal((await model.predict(denseMatrix([1, 2], 1, 2))).length, 1);
    });

    it(`what is no ${estimator.kind}`, async () => {
      const json = (await estimator.fit(rows, target)).toJSON();
      const changed = (parts: object): unknown => ({ ...JSON.parse(JSON.stringify(json)), ...parts });
      await refused(() => loadBayes(null), /no naive Bayes model/);
      await refused(() => loadBayes(changed({ version: 2 })), /version/);
      await refused(() => loadBayes(changed({ kind: "__proto__" })), /kind/);
      await refused(() => loadBayes(changed({ featureNames: ["one"] })), /not of its classes and columns/);
      await refused(() => loadBayes(changed({ classes: ["b", "a"] })), /classes/);
      await refused(() => loadBayes(changed({ classes: [true, false] })), /ascending/);
      await refused(() => loadBayes(changed({ classes: ["a", "b", "c"] })), /classes|tables/);
      await refused(() => loadBayes(changed({ priors: { type: "float64", base64: "AAAA" } })), /no array/);
      const infinite = Buffer.from(Float64Array.of(0, Infinity).buffer).toString("base64");
      await refused(() => loadBayes(changed({ priors: { type: "float64", base64: infinite } })), /finite/);
    });
  }

  it("numbers that are no counts or categories, and settings out of range", async () => {
    const negative = denseMatrix([0, 1, -2, 3, 4, 5], 3, 2);
    for (const estimator of [multinomialNaiveBayes(), complementNaiveBayes()]) {
      await refused(() => estimator.fit(negative, target), /needs counts: column "c0" holds -2 in row 1/);
      const model = await estimator.fit(rows, target);
      await refused(() => model.predict(negative), /needs counts/);
    }
    const categories = categoricalNaiveBayes();
    await refused(() => categories.fit(negative, target), /needs categories .* "c0" holds -2/);
    await refused(() => categories.fit(denseMatrix([0.5, 1], 2, 1), ["a", "b"]), /holds 0.5 in row 0/);
    await refused(() => categories.fit(denseMatrix([1e9, 1], 2, 1), ["a", "b"]), /holds 1000000000 in row 0/);
    const model = await categories.fit(rows, target);
    await refused(
      () => model.predict(denseMatrix([0, 6], 1, 2)),
      /from 0 to 5: column "c1" holds 6 in row 0/,
    );
    const constant = denseMatrix([1, 2, 1, 3], 2, 2);
    await refused(
      () => gaussianNaiveBayes({ varSmoothing: 0 }).fit(constant, ["a", "b"]),
      /"c0" is constant/,
    );
    // The mean of a sum of 0.1 is another number, and would leave a variance.
    const tenths = denseMatrix(
      Array.from({ length: 11 }, () => 0.1),
      11,
      1,
    );
    const classes = Array.from({ length: 11 }, (_, row) => (row % 3 === 0 ? "a" : "b"));
    await refused(() => gaussianNaiveBayes().fit(tenths, classes), /"c0" is constant .* remove the column$/);
    const large = denseMatrix([1e200, 2, -1e200, 3, 1, 1], 3, 2);
    await refused(() => gaussianNaiveBayes().fit(large, target), /"c0" has too large numbers/);
    await refused(() => gaussianNaiveBayes({ varSmoothing: -1 }), /varSmoothing/);
    await refused(() => multinomialNaiveBayes({ alpha: 0 }), /alpha/);
    await refused(() => bernoulliNaiveBayes({ binarize: Number.NaN }), /binarize/);
  });

  it("settings change by with(), and the rest stays", () => {
    const estimator = bernoulliNaiveBayes({ alpha: 2 }).with({ binarize: 3 });
    assert.deepEqual(estimator.settings, { alpha: 2, binarize: 3, fitPrior: true });
  });
});
