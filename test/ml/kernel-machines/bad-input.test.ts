import assert from "node:assert/strict";
import { loadKernelMachine, svc, svr } from "../../../ml/kernel-machines/index.ts";
import { Random } from "../../../ml/random.ts";
import { assertCloseTo } from "../close-to.ts";
import { denseMatrix } from "../features/matrices.ts";
import { refused } from "../refused.ts";
import { numbersOf, runModel } from "../run-model.ts";

describe("kernel machines refuse", () => {
  const rows = denseMatrix([0, 1, 2, 3, 4, 5, 7, 7], 4, 2);
  const target = ["a", "b", "a", "b"];
  const plain = svc({ probability: false });

  it("what they can't learn from", async () => {
    await refused(() => plain.fit(denseMatrix([], 0, 2), []), /no rows/);
    await refused(() => plain.fit(denseMatrix([1, 2], 1, 2), ["a"]), /1 classes/);
    await refused(() => plain.fit(rows, ["a", "a", "a", "a"]), /1 classes/);
    await refused(
      () => plain.fit(denseMatrix([0, 1, 2, Number.NaN], 2, 2), ["a", "b"]),
      /"c1" holds NaN in row 1/,
    );
    await refused(() => plain.fit(rows, target, { weights: [1, 0, 1, 0] }), /class b have weight 0/);
    await refused(() => svc().fit(rows, target), /need 5 rows of each class, and there are 2/);
    const ten = denseMatrix([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10, 1);
    const halves = Array.from({ length: 10 }, (_, row) => row > 4);
    const weights = [1, 1, 1, 1, 1, 1, 0, 0, 0, 0];
    await refused(() => svc().fit(ten, halves, { weights }), /two rows with weight of each class/);
    await refused(() => svr().fit(denseMatrix([], 0, 2), []), /no rows/);
    await refused(() => svr().fit(rows, [1, 2, Infinity, 4]), /row 2 is Infinity/);
    await refused(() => svr().fit(rows, [1, 2, 3, 4], { weights: [0, 0, 0, 0] }), /all weights are 0/);
    const large = denseMatrix([1e200, 1, 2e200, 3, -1e200, 2], 3, 2);
    await refused(() => svr({ kernel: "poly", gamma: 1 }).fit(large, [1, 2, 3]), /too large: scale/);
    await refused(
      () => plain.with({ kernel: "poly", gamma: 1 }).fit(large, ["a", "b", "a"]),
      /too large: scale/,
    );
  });

  it("settings out of range", async () => {
    await refused(() => svc({ c: 0 }), /c must be/);
    await refused(() => svc({ gamma: 0 }), /gamma/);
    await refused(() => svc({ degree: 1.5 }), /degree/);
    await refused(() => svc({ coef0: Number.NaN }), /coef0/);
    await refused(() => svr({ epsilon: -1 }), /epsilon/);
    await refused(() => svr({ tol: 0 }), /tol/);
    // SAFETY: there is none: settings of cells that weren't checked must be refused.
    await refused(() => svr({ kernel: "cubic" as never }), /kernel must be one of/);
    await refused(() => svr({ gamma: "wide" as never }), /gamma must be/);
  });

  it("what they can't predict", async () => {
    for (const model of [await plain.fit(rows, target), await svr().fit(rows, [1, 2, 3, 4])]) {
      await refused(() => model.predict(denseMatrix([1, 2, 3], 1, 3)), /fitted on 2 columns/);
      await refused(() => model.predict(denseMatrix([1, Number.NaN], 1, 2)), /"c1" holds NaN/);
      assert.equal((await model.predict(denseMatrix([], 0, 2))).length, 0);
    }
  });

  it("what is no kernel machine", async () => {
    const classes = await plain.fit(rows, target);
    const numbers = await svr().fit(rows, [1, 2, 3, 4]);
    const changed = (model: object, parts: object): unknown => ({
      ...JSON.parse(JSON.stringify(model)),
      ...parts,
    });
    const doubles = (...values: number[]): object => ({
      type: "float64",
      base64: Buffer.from(Float64Array.from(values).buffer).toString("base64"),
    });
    await refused(() => loadKernelMachine([]), /no kernel machine/);
    await refused(() => loadKernelMachine(changed(classes, { kind: "toString" })), /kind/);
    await refused(
      () => loadKernelMachine(changed(classes, { classes: ["a", "b", "c"] })),
      /not of its classes/,
    );
    await refused(() => loadKernelMachine(changed(classes, { sigmoids: [{ slope: 1 }] })), /sigmoids/);
    await refused(() => loadKernelMachine(changed(classes, { intercepts: doubles() })), /not of its classes/);
    await refused(
      () => loadKernelMachine(changed(numbers, { coefficients: doubles(1) })),
      /not of its columns/,
    );
    await refused(() => loadKernelMachine(changed(numbers, { intercepts: doubles(Number.NaN) })), /finite/);
    const kernel = { kernel: "rbf", gamma: -1, degree: 3, coef0: 0 };
    await refused(() => loadKernelMachine(changed(numbers, { kernel })), /gamma/);
  });

  it("a fit that is stopped while it runs", async () => {
    const random = new Random(1);
    const many = denseMatrix(
      Array.from({ length: 16_000 }, () => random.normal()),
      4000,
      4,
    );
    const codes = Array.from({ length: 4000 }, () => random.uniform() > 0.5);
    const controller = new AbortController();
    const fit = svc({ c: 1000 }).fit(many, codes, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("stopped")), 50);
    await assert.rejects(async () => fit, /stopped/);
    const signal = AbortSignal.abort(new Error("stopped before"));
    await assert.rejects(svr().fit(rows, [1, 2, 3, 4], { signal }), /stopped before/);
  });

  it("a constant target is predicted as it is, without support vectors, also in ONNX", async () => {
    const model = await svr().fit(rows, [3, 3, 3, 3]);
    assert.equal(model.supportVectors, 0);
    assert.deepEqual(Array.from(await model.predict(rows)), [3, 3, 3, 3]);
    const { prediction } = await runModel((features) => model.trace(features), rows);
    assertCloseTo(numbersOf(prediction), [3, 3, 3, 3], 1e-6);
    assert.deepEqual(prediction?.shape, [4, 1]);
    const again = loadKernelMachine(JSON.parse(JSON.stringify(model)));
    assert.deepEqual(Array.from(await again.predict(rows)), [3, 3, 3, 3]);
  });
});
