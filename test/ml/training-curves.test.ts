/** @file The weights and batches that PyTorch was given, drawn again; `nn/training-curves.test.ts` trains on them. */
import assert from "node:assert/strict";
import { assertCloseTo } from "./close-to.ts";
import { curveBatches, initialParameters, trainingCurves } from "./training-curves.ts";

const total = (numbers: Iterable<number>): number => [...numbers].reduce((sum, each) => sum + each, 0);

describe("training curves: what PyTorch was given", () => {
  for (const curve of trainingCurves.cases) {
    it(`${curve.name}: the same initial weights`, () => {
      const parameters = initialParameters(curve);
      assertCloseTo(
        parameters.map(({ data }) => total(data)),
        curve.parameterSums,
        1e-9,
        "sum of a parameter",
      );
    });

    it(`${curve.name}: the same batches`, () => {
      const batches = curveBatches(curve);
      assertCloseTo(
        batches.map(({ x }) => total(x)),
        curve.batchSums,
        1e-9,
        "sum of a batch",
      );
      assert.deepEqual(
        batches.map(({ labels }) => total(labels)),
        curve.labelSums,
      );
    });
  }
});
