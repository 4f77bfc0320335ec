import assert from "node:assert/strict";
import { InvalidInputError } from "../../../ml/errors.ts";
import {
  adagrad,
  adam,
  adamW,
  lamb,
  lion,
  OptimizerState,
  OptimizerStateError,
  ParameterMemoryError,
  rmsProp,
  sgd,
} from "../../../ml/graph/optimizers/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { cases, makeOptimizer, makeState, writeGradients } from "./optimizer-reference.ts";

describe("optimizers", () => {
  for (const expected of cases) {
    const { kind, options, clipping, learningRate, initialScale } = expected;
    const settings = JSON.stringify({ ...options, ...clipping });
    it(`${kind} ${settings}${initialScale === 0 ? " from zeros" : ""}: 20 steps as the reference`, () => {
      const state = makeState(makeOptimizer(expected), initialScale);
      const initial = state.parameters.map((values) => Float32Array.from(values));
      const norms: number[] = [];
      for (let step = 1; step <= expected.gradientNorms.length; step++) {
        writeGradients(state, step);
        norms.push(state.step(learningRate, clipping).gradientNorm);
      }
      assert.equal(norms.length, 20);
      assertCloseTo(norms, expected.gradientNorms, 1e-6 * Math.max(...norms), "gradient norm");
      for (const [index, values] of expected.parameters.entries()) {
        // Float32 rounds at the size that a parameter has on its way, which for one that ends near zero is where it began.
        const largest = Math.max(...[...values, ...(initial[index] ?? [])].map(Math.abs));
        assertCloseTo(state.parameters[index] ?? [], values, 1e-6 * largest, `parameter ${index}`);
      }
    });
  }

  it("are plain data that a file holds as it is", () => {
    for (const optimizer of cases.map(makeOptimizer))
      assert.deepEqual(JSON.parse(JSON.stringify(optimizer)), optimizer);
  });

  it("refuse settings that mean nothing", () => {
    for (const make of [
      () => sgd({ momentum: -1 }),
      () => sgd({ nesterov: true }),
      () => sgd({ momentum: 0.9, nesterov: true, dampening: 0.1 }),
      () => adam({ betas: [0.9, 1] }),
      () => adam({ eps: 1e-60 }),
      () => adamW({ weightDecay: Number.NaN }),
      () => rmsProp({ alpha: 1 }),
      () => adagrad({ initialAccumulatorValue: -1 }),
      () => lamb({ betas: [-0.1, 0.9] }),
      () => lion({ weightDecay: Number.POSITIVE_INFINITY }),
    ]) {
      assert.throws(make, InvalidInputError);
    }
    assert.throws(
      () => adam({ betas: [0.9, 1] }),
      /betas\[1\] must be a number from 0 up and below 1, not 1/,
    );
  });
});

describe("optimizer state", () => {
  it("is aligned, exact in size, and zero at first", () => {
    const state = new OptimizerState(
      [
        { name: "bias", shape: [3], decay: false },
        { name: "scalar", shape: [], decay: true },
        { name: "none", shape: [0, 4], decay: true },
        { name: "weight", shape: [5, 7], decay: true },
      ],
      adam(),
    );
    assert.deepEqual(
      state.parameters.map(({ length }) => length),
      [3, 1, 0, 35],
    );
    for (const view of [...state.parameters, ...state.gradients]) {
      assert.equal(view.byteOffset % 64, 0);
      assert.ok(view.every((value) => value === 0));
    }
    assert.equal(state.byteLength, 65_536);
    const large = new OptimizerState([{ name: "p", shape: [1024, 1024], decay: true }], lion());
    assert.equal(large.byteLength, 3 * 4 * 1024 * 1024);
  });

  it("moves every entry of odd lengths, and no other parameter's", () => {
    for (const length of [1, 2, 5, 15, 16, 17, 31, 33]) {
      const specs = ["a", "b", "c"].map((name) => ({ name, shape: [length], decay: name !== "b" }));
      const state = new OptimizerState(specs, sgd());
      for (const [at, gradient] of state.gradients.entries()) gradient.fill(at + 1);
      state.step(0.5);
      for (const [at, parameter] of state.parameters.entries()) {
        assert.deepEqual(
          [...parameter],
          Array.from({ length }, () => -0.5 * (at + 1)),
        );
      }
    }
  });

  it("weight decay reaches only what decays", () => {
    for (const optimizer of [
      sgd({ weightDecay: 0.1 }),
      adam({ weightDecay: 0.1 }),
      adamW({ weightDecay: 0.1 }),
      rmsProp({ weightDecay: 0.1 }),
      adagrad({ weightDecay: 0.1 }),
      lamb({ weightDecay: 0.1 }),
      lion({ weightDecay: 0.1 }),
    ]) {
      const state = new OptimizerState(
        [
          { name: "bias", shape: [2], decay: false },
          { name: "weight", shape: [2], decay: true },
        ],
        optimizer,
      );
      for (const parameter of state.parameters) parameter.fill(1);
      state.step(0.01);
      assert.deepEqual([...(state.parameters[0] ?? [])], [1, 1], optimizer.kind);
      assert.ok(
        state.parameters[1]?.every((value) => value < 1),
        optimizer.kind,
      );
    }
  });

  it("clips in place as PyTorch does, and says the norm before", () => {
    const clipped = (clipping: Parameters<OptimizerState["step"]>[1]): [number, number[]] => {
      const state = new OptimizerState([{ name: "p", shape: [2], decay: true }], sgd());
      state.gradients[0]?.set([3, -4]);
      const { gradientNorm } = state.step(1, clipping);
      assert.deepEqual(
        [...(state.parameters[0] ?? [])],
        [...(state.gradients[0] ?? [])].map((g) => -g),
      );
      return [gradientNorm, [...(state.gradients[0] ?? [])]];
    };
    const factor = Math.fround(1 / (5 + 1e-6));
    assert.deepEqual(clipped({ maxNorm: 1 }), [5, [Math.fround(3 * factor), Math.fround(-4 * factor)]]);
    assert.deepEqual(clipped({ maxNorm: 6 }), [5, [3, -4]]);
    assert.deepEqual(clipped({ maxValue: 3.5 }), [5, [3, -3.5]]);
    assert.deepEqual(clipped(undefined), [5, [3, -4]]);
  });

  it("adds up squares that float32 cannot hold", () => {
    const state = new OptimizerState([{ name: "p", shape: [4], decay: true }], sgd());
    state.gradients[0]?.fill(1e30);
    assertCloseTo([state.step(0).gradientNorm / 2e30], [1], 1e-6);
  });

  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    it(`moves nothing where a gradient holds ${bad}, and names the first`, () => {
      for (const optimizer of cases.map(makeOptimizer)) {
        const state = makeState(optimizer);
        writeGradients(state, 1);
        state.step(0.01);
        const before = state.save();
        writeGradients(state, 2);
        const [, second, third] = state.gradients;
        second?.fill(bad, 2);
        third?.fill(Number.NaN, 16);
        for (const clipping of [undefined, { maxNorm: 1 }, { maxValue: 1 }])
          assert.equal(state.step(0.01, clipping).nonFinite, "p1");
        assert.deepEqual(state.save(), before);
      }
    });
  }

  it("goes on bit for bit from what was saved", () => {
    for (const optimizer of cases.map(makeOptimizer)) {
      const run = (state: OptimizerState, from: number, to: number): void => {
        for (let step = from; step <= to; step++) {
          writeGradients(state, step);
          state.step(0.01, { maxNorm: 10 });
        }
      };
      const whole = makeState(optimizer);
      run(whole, 1, 9);
      const interrupted = makeState(optimizer);
      run(interrupted, 1, 4);
      const saved = structuredClone(interrupted.save());
      run(interrupted, 5, 6);
      const resumed = makeState(optimizer, 0);
      resumed.restore(saved);
      assert.equal(resumed.steps, 4);
      run(resumed, 5, 9);
      assert.deepEqual(resumed.save(), whole.save(), optimizer.kind);
    }
  });

  it("refuses a saved state that is not its own, and stays as it was", () => {
    const state = makeState(adam());
    writeGradients(state, 1);
    state.step(0.01);
    const own = state.save();
    const { "mean:p1": _left, ...lacking } = own.tensors;
    for (const [saved, message] of [
      [makeState(sgd()).save(), /lacks "mean:p0"/],
      [{ step: -1, tensors: own.tensors }, /number of steps: -1/],
      [{ step: 1, tensors: lacking }, /lacks "mean:p1"/],
      [{ step: 1, tensors: { ...own.tensors, "square:p2": new Float32Array(16) } }, /16 numbers .* 17 here/],
      [{ step: 1, tensors: { ...own.tensors, "velocity:p0": new Float32Array(1) } }, /"velocity:p0"/],
    ] as const) {
      assert.throws(
        () => state.restore(saved),
        (error) => error instanceof OptimizerStateError && message.test(error.message),
      );
    }
    assert.deepEqual(state.save(), own);
  });

  it("works above 2 GiB, and says plainly what does not fit", () => {
    // Reading takes no memory of the system; only what is written does.
    const specs = [
      { name: "table", shape: [300_000_000], decay: true },
      { name: "last", shape: [3], decay: true },
    ];
    const state = new OptimizerState(specs, sgd());
    assert.ok(state.byteLength > 2 ** 31);
    state.gradients[1]?.set([0, 0, Number.NaN]);
    assert.equal(state.step(0.1).nonFinite, "last");
    assert.throws(
      () => new OptimizerState(specs, adam()),
      (error) => error instanceof ParameterMemoryError && error.message.includes("4.47 GiB"),
    );
  });

  it("refuses names used twice, shapes that are none, and rates that are none", () => {
    const spec = { name: "p", shape: [2], decay: true };
    assert.throws(() => new OptimizerState([spec, spec], sgd()), /two parameters are named "p"/);
    for (const shape of [[-1], [1.5], [Number.NaN]])
      assert.throws(() => new OptimizerState([{ ...spec, shape }], sgd()), InvalidInputError);
    const state = new OptimizerState([spec], sgd());
    for (const rate of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => state.step(rate), /the learning rate must be/);
    assert.throws(() => state.step(1, { maxNorm: 0 }), /maxNorm must be/);
    assert.throws(() => state.step(1, { maxValue: -1 }), /maxValue must be/);
    assert.equal(state.steps, 0);
  });
});
