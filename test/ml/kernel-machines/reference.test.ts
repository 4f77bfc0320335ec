import assert from "node:assert/strict";
import * as v from "valibot";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { loadKernelMachine, svc, svr, type KernelSettings } from "../../../ml/kernel-machines/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { denseMatrix } from "../features/matrices.ts";
import { readReference } from "../reference.ts";
import { assertSameAsOnnx, numbersOf, runModel } from "../run-model.ts";

const numbers = v.array(v.number());
const texts = v.array(v.string());
const settings = v.pipe(
  v.object({
    kernel: v.picklist(["rbf", "linear", "poly", "sigmoid"]),
    gamma: v.optional(v.union([v.number(), v.literal("auto")])),
    C: v.optional(v.number()),
    degree: v.optional(v.number()),
    coef0: v.optional(v.number()),
    epsilon: v.optional(v.number()),
  }),
  v.transform(({ C, ...others }) => ({ ...others, ...(C !== undefined && { c: C }) })),
);
const reference = readReference(
  "kernel-machines",
  v.object({
    classes: texts,
    sets: v.record(
      v.string(),
      v.object({
        columns: v.number(),
        data: numbers,
        new: numbers,
        codes: numbers,
        target: numbers,
        weights: numbers,
      }),
    ),
    classifications: v.array(
      v.object({
        set: v.string(),
        settings,
        weighted: v.boolean(),
        supportVectors: v.number(),
        decisions: numbers,
        labels: texts,
        probabilities: numbers,
        likeliest: texts,
      }),
    ),
    regressions: v.array(
      v.object({
        set: v.string(),
        settings,
        weighted: v.boolean(),
        supportVectors: v.number(),
        predictions: numbers,
      }),
    ),
  }),
);

const tol = 1e-9;

function setOf(name: string): {
  readonly rows: DenseMatrix;
  readonly fresh: DenseMatrix;
  readonly weights: readonly number[];
  readonly labels: readonly string[];
  readonly target: readonly number[];
} {
  const found = reference.sets[name];
  assert.ok(found);
  const { columns, data, codes, target, weights } = found;
  return {
    rows: denseMatrix(data, data.length / columns, columns),
    fresh: denseMatrix(found.new, found.new.length / columns, columns),
    weights,
    labels: codes.map((code) => reference.classes[code] ?? ""),
    target,
  };
}

/** Without what is absent. */
function given(settings: object): Partial<KernelSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function nameOf({
  set,
  settings,
  weighted,
}: (typeof reference.regressions)[number] | (typeof reference.classifications)[number]): string {
  return `${set}, ${JSON.stringify(settings)}${weighted ? ", weighted" : ""}`;
}

describe("support vector classification, against scikit-learn", () => {
  for (const expected of reference.classifications)
    it(nameOf(expected), async () => {
      const { rows, fresh, labels, weights } = setOf(expected.set);
      const options = expected.weighted ? { weights } : {};
      const estimator = svc({ ...given(expected.settings), tol });
      const plain = await estimator.with({ probability: false }).fit(rows, labels, options);
      assert.equal(plain.supportVectors, expected.supportVectors);
      assertCloseTo(await plain.decisionFunction(fresh), expected.decisions, 1e-5, "decisions");
      assert.deepEqual(await plain.predict(fresh), expected.labels);
      await assertSameAsOnnx(plain, fresh);
      const model = await estimator.fit(rows, labels, options);
      assertCloseTo(await model.predictProbabilities(fresh), expected.probabilities, 1e-4, "probabilities");
      assert.deepEqual(await model.predict(fresh), expected.likeliest);
      await assertSameAsOnnx(model, fresh);
      const again = loadKernelMachine(JSON.parse(JSON.stringify(model)));
      assert.ok(again.kind === "svc");
      assert.deepEqual(await again.predictProbabilities(fresh), await model.predictProbabilities(fresh));
      assert.deepEqual(again.toJSON(), model.toJSON());
    });
});

describe("support vector regression, against scikit-learn", () => {
  for (const expected of reference.regressions)
    it(nameOf(expected), async () => {
      const { rows, fresh, target, weights } = setOf(expected.set);
      const options = expected.weighted ? { weights } : {};
      const model = await svr({ ...given(expected.settings), tol }).fit(rows, target, options);
      assert.equal(model.supportVectors, expected.supportVectors);
      const predictions = await model.predict(fresh);
      // libsvm keeps its kernels in single precision.
      assertCloseTo(predictions, expected.predictions, 2e-5, "predictions");
      const { prediction } = await runModel((features) => model.trace(features), fresh);
      assertCloseTo(numbersOf(prediction), predictions, 1e-5, "ONNX");
      const again = loadKernelMachine(JSON.parse(JSON.stringify(model)));
      assert.deepEqual(await again.predict(fresh), predictions);
      assert.deepEqual(again.toJSON(), model.toJSON());
    });
});
