import assert from "node:assert/strict";
import * as v from "valibot";
import {
  bernoulliNaiveBayes,
  categoricalNaiveBayes,
  complementNaiveBayes,
  gaussianNaiveBayes,
  loadBayes,
  multinomialNaiveBayes,
} from "../../../ml/bayes/index.ts";
import type { ClassTarget } from "../../../ml/target.ts";
import { assertCloseTo } from "../close-to.ts";
import { denseMatrix } from "../features/matrices.ts";
import { readReference } from "../reference.ts";
import { assertSameAsOnnx } from "../run-model.ts";

const numbers = v.array(v.number());
const reference = readReference(
  "bayes",
  v.object({
    target: v.array(v.string()),
    weights: numbers,
    matrices: v.record(v.string(), v.object({ columns: v.number(), data: numbers })),
    cases: v.array(
      v.object({
        name: v.string(),
        kind: v.picklist(["gaussian", "multinomial", "complement", "bernoulli", "categorical"]),
        settings: v.object({
          alpha: v.exactOptional(v.number()),
          binarize: v.exactOptional(v.number()),
          fitPrior: v.exactOptional(v.boolean()),
          norm: v.exactOptional(v.boolean()),
          varSmoothing: v.exactOptional(v.number()),
        }),
        matrix: v.string(),
        weighted: v.boolean(),
        probabilities: numbers,
        joint: numbers,
        labels: v.array(v.string()),
      }),
    ),
  }),
);

const estimators = {
  gaussian: gaussianNaiveBayes,
  multinomial: multinomialNaiveBayes,
  complement: complementNaiveBayes,
  bernoulli: bernoulliNaiveBayes,
  categorical: categoricalNaiveBayes,
};

describe("naive Bayes, against scikit-learn", () => {
  for (const expected of reference.cases) {
    it(expected.name, async () => {
      const matrix = reference.matrices[expected.matrix];
      assert.ok(matrix);
      const { data, columns } = matrix;
      const rows = denseMatrix(data, data.length / columns, columns);
      const options = expected.weighted ? { weights: reference.weights } : {};
      const model = await estimators[expected.kind](expected.settings).fit(rows, reference.target, options);
      const joint = await model.jointLogLikelihood(rows);
      assertCloseTo(joint.subarray(0, expected.joint.length), expected.joint, 1e-6, "joint");
      assertCloseTo(await model.predictProbabilities(rows), expected.probabilities, 1e-9, "probabilities");
      assert.deepEqual(await model.predict(rows), expected.labels);
      await assertSameAsOnnx(model, rows);
      const again = loadBayes(JSON.parse(JSON.stringify(model)));
      assert.deepEqual(await again.predictProbabilities(rows), await model.predictProbabilities(rows));
      assert.deepEqual(again.toJSON(), model.toJSON());
    });
  }

  it("classes may be numbers and booleans", async () => {
    const rows = denseMatrix([0, 1, 5, 6, 0.5, 5.5], 6, 1);
    const fitted = async (target: ClassTarget): Promise<void> => {
      const model = await gaussianNaiveBayes().fit(rows, target);
      assert.deepEqual(await model.predict(rows), [...target]);
      await assertSameAsOnnx(model, rows);
      assert.deepEqual(loadBayes(JSON.parse(JSON.stringify(model))).classes, model.classes);
    };
    await fitted([true, true, false, false, true, false]);
    await fitted([-7, -7, 12, 12, -7, 12]);
    await fitted(Uint8Array.of(1, 1, 0, 0, 1, 0));
  });
});
