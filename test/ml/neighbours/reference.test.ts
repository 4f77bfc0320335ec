import assert from "node:assert/strict";
import * as v from "valibot";
import { kNeighborsClassifier, kNeighborsRegressor, loadNeighbours } from "../../../ml/neighbours/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { denseMatrix } from "../features/matrices.ts";
import { readReference } from "../reference.ts";
import { assertSameAsOnnx, numbersOf, runModel } from "../run-model.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "neighbours",
  v.object({
    classes: v.array(v.string()),
    sets: v.record(
      v.string(),
      v.object({ columns: v.number(), data: numbers, new: numbers, codes: numbers, target: numbers }),
    ),
    cases: v.array(
      v.object({
        set: v.string(),
        nNeighbors: v.number(),
        weights: v.picklist(["uniform", "distance"]),
        metric: v.picklist(["euclidean", "manhattan", "cosine"]),
        rows: v.number(),
        probabilities: numbers,
        labels: numbers,
        predictions: numbers,
      }),
    ),
  }),
);

describe("nearest neighbours, against scikit-learn", () => {
  for (const expected of reference.cases) {
    const { set, nNeighbors, weights, metric } = expected;
    it(`${set}: ${nNeighbors}, ${metric}, ${weights}`, async () => {
      const given = reference.sets[set];
      assert.ok(given);
      const { columns } = given;
      const rows = denseMatrix(given.data, given.data.length / columns, columns);
      const fresh = denseMatrix(given.new.slice(0, expected.rows * columns), expected.rows, columns);
      const settings = { nNeighbors, weights, metric };
      const labels = given.codes.map((code) => reference.classes[code] ?? "");
      const classifier = await kNeighborsClassifier(settings).fit(rows, labels);
      assertCloseTo(await classifier.predictProbabilities(fresh), expected.probabilities, 1e-8, "shares");
      assert.deepEqual(
        await classifier.predict(fresh),
        expected.labels.map((code) => reference.classes[code]),
      );
      await assertSameAsOnnx(classifier, fresh);
      const regressor = await kNeighborsRegressor(settings).fit(rows, given.target);
      const predictions = await regressor.predict(fresh);
      assertCloseTo(predictions, expected.predictions, 1e-8, "predictions");
      const { prediction } = await runModel((features) => regressor.trace(features), fresh);
      assertCloseTo(numbersOf(prediction), predictions, 1e-5, "ONNX");
      for (const model of [classifier, regressor]) {
        const again = loadNeighbours(JSON.parse(JSON.stringify(model)));
        assert.deepEqual(await again.predict(fresh), await model.predict(fresh));
        assert.deepEqual(again.toJSON(), model.toJSON());
      }
    });
  }
});
