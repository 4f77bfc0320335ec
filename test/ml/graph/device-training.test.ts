/**
 * @file Optimizers as values of a program, which move parameters where they are, against the references and the CPU's.
 *
 * Sessions are in this thread, so nothing here may start the runtime's: WebGPU's device is no thing for two threads.
 */
import assert from "node:assert/strict";
import { mseLoss } from "../../../ml/graph/functions/losses.ts";
import { adamW, OptimizerStateError, sgd, type Optimizer } from "../../../ml/graph/optimizers/index.ts";
import { bestProvider } from "../../../ml/graph/runtime/choose-provider.ts";
import { DeviceTrainer } from "../../../ml/graph/runtime/device-trainer.ts";
import { MemoryTrainer } from "../../../ml/graph/runtime/memory-trainer.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { encodeOnnx } from "../../../ml/graph/onnx/encode.ts";
import { sum } from "../../../ml/graph/ops/reduce.ts";
import {
  gradientOutput,
  lossOutput,
  type Columns,
  type StepsReport,
  type TrainingPlan,
} from "../../../ml/graph/runtime/training-protocol.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { leaves } from "../../../ml/graph/trees.ts";
import { input } from "../../../ml/graph/value.ts";
import { batchNorm, linear, relu, sequential } from "../../../ml/nn/index.ts";
import { traceLoss } from "../../../ml/nn/training/training-program.ts";
import { Random } from "../../../ml/random.ts";
import { assertNormClose } from "./norm-close.ts";
import { cases, makeOptimizer, makeState, writeGradients } from "./optimizer-reference.ts";

async function planOf(rest: Partial<TrainingPlan>): Promise<TrainingPlan> {
  const plan = {
    parameters: [],
    states: [],
    optimizer: sgd(),
    clipping: undefined,
    isScaled: false,
    seed: 1,
    threads: 1,
  };
  return { ...plan, provider: await bestProvider(), onDevice: true, ...rest };
}

/** A training whose gradients are its batches. */
async function moving(plan: TrainingPlan): Promise<DeviceTrainer> {
  const trainer = new DeviceTrainer(plan);
  const parameters = plan.parameters.map(({ name, shape }) => input(name, "float32", shape));
  const batch = plan.parameters.map(({ name, shape }) => input(`batch ${name}`, "float32", shape));
  const [first] = parameters;
  const outputs = Object.fromEntries(
    plan.parameters.map(({ name }, index) => [gradientOutput(name), batch[index]!] as const),
  );
  const { model } = lower([...parameters, ...batch], { [lossOutput]: sum(first!), ...outputs });
  const planned = { isMeasuring: false, model: encodeOnnx(model), constants: {}, noise: [], metrics: [] };
  await trainer.addProgram(1, planned);
  return trainer;
}

const batchOf = ({ parameters }: TrainingPlan, gradients: readonly (Float32Array | undefined)[]): Columns =>
  Object.fromEntries(
    parameters.map(({ name, shape }, index) => [
      `batch ${name}`,
      { dtype: "float32", data: (gradients[index] ?? new Float32Array()).slice(), shape },
    ]),
  );

describe("optimizers in a program", () => {
  for (const expected of cases) {
    const { kind, options, clipping, learningRate, initialScale } = expected;
    it(`${kind} ${JSON.stringify({ ...options, ...clipping })}${initialScale === 0 ? " from zeros" : ""}: 20 steps as the reference`, async () => {
      const optimizer = makeOptimizer(expected);
      const state = makeState(optimizer, initialScale);
      const parameters = state.specs.map((spec, index) => ({
        ...spec,
        data: state.parameters[index] ?? new Float32Array(),
      }));
      const plan = await planOf({ parameters, optimizer, clipping });
      const trainer = await moving(plan);
      const columns = expected.gradientNorms.map((_, index) => {
        writeGradients(state, index + 1);
        return batchOf(plan, state.gradients);
      });
      const rates = new Float64Array(columns.length).fill(learningRate);
      const { gradientNorms: norms, notFinite } = await trainer.steps(
        1,
        { batches: { columns }, columns: undefined },
        rates,
        0,
      );
      assert.equal(notFinite, undefined);
      const { step, tensors } = (await trainer.snapshot()).optimizer;
      await trainer.close();
      assert.equal(step, 20);
      assertNormClose(norms, expected.gradientNorms, 1e-6, "gradient norms");
      for (const [index, values] of expected.parameters.entries()) {
        const found = tensors[`parameter:p${index}`] ?? [];
        // Float32 rounds at the size that a parameter has on its way, which for one that ends near zero is where it began.
        const largest = Math.max(...[...values, ...(parameters[index]?.data ?? [])].map(Math.abs));
        for (const [at, value] of values.entries())
          assert.ok(
            Math.abs((found[at] ?? Number.NaN) - value) <= 1e-5 * largest,
            `parameter ${index}[${at}]: ${found[at]} is not ${value}`,
          );
      }
    });
  }

  it("move nothing where a gradient is not finite, and name it", async () => {
    const parameters = ["a", "b"].map((name) => ({
      name,
      shape: [2],
      decay: true,
      data: Float32Array.of(1, 2),
    }));
    const plan = await planOf({ parameters, optimizer: adamW() });
    const trainer = await moving(plan);
    const good = batchOf(plan, [Float32Array.of(1, 1), Float32Array.of(1, 1)]);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const columns = [batchOf(plan, [Float32Array.of(1, 1), Float32Array.of(0, bad)]), good];
      const report = await trainer.steps(
        1,
        { batches: { columns }, columns: undefined },
        Float64Array.of(0.1, 0.1),
        0,
      );
      assert.deepEqual(report.notFinite, { gradientOf: "b" });
      assert.equal(report.losses.length, 1);
    }
    const { optimizer, states } = await trainer.snapshot();
    assert.equal(optimizer.step, 0);
    assert.deepEqual(optimizer.tensors["parameter:a"], Float32Array.of(1, 2));
    assert.deepEqual(optimizer.tensors["mean:a"], Float32Array.of(0, 0));
    assert.throws(
      () => trainer.restore({ optimizer: { step: 0, tensors: {} }, states }),
      OptimizerStateError,
    );
    await assert.rejects(
      trainer.steps(1, { batches: { columns: [good] }, columns: undefined }, Float64Array.of(-1), 0),
      /the learning rate must be a number from 0 up/,
    );
    await trainer.close();
  });
});

// No bias stands before the norm: its gradient is zero but for rounding, and Adam moves by the sign.
const model = sequential(linear(6, 16), relu(), batchNorm(16), linear(16, 3));
const batchSize = 16;
const steps = 20;

const floats = (count: number, seed: number): Float32Array => {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => random.normal());
};
const columns: Columns = {
  "batch.0": { dtype: "float32", shape: [steps * batchSize, 6], data: floats(steps * batchSize * 6, 1) },
  "batch.1": { dtype: "float32", shape: [steps * batchSize, 3], data: floats(steps * batchSize * 3, 2) },
};

const placeholder = <const S extends readonly number[]>(name: string, shape: S): Tensor<S, "float32"> =>
  new Tensor(input(`batch.${name}`, "float32", shape));

async function train(
  onDevice: boolean,
  optimizer: Optimizer,
): Promise<{ report: StepsReport; arrays: Readonly<Record<string, Float32Array>> }> {
  const parameters = model.init(3);
  const form: readonly [Tensor<readonly [16, 6], "float32">, Tensor<readonly [16, 3], "float32">] = [
    placeholder("0", [16, 6]),
    placeholder("1", [16, 3]),
  ];
  const traced = traceLoss(
    (weights: typeof parameters, [x, y]: typeof form, mode) => mseLoss(model.apply(weights, x, mode), y),
    parameters,
    form,
    false,
  );
  const values = new Map(leaves(parameters).map(([path, tensor]) => [path, tensor]));
  const dataOf = async (path: string): Promise<Float32Array> =>
    Float32Array.from(await values.get(path)!.data(), Number);
  const shapeOf = (path: string): number[] => values.get(path)!.shape.map(Number);
  const plan = await planOf({
    onDevice,
    optimizer,
    clipping: { maxNorm: 1 },
    parameters: await Promise.all(
      traced.trained.map(async (name) => ({
        name,
        shape: shapeOf(name),
        decay: true,
        data: await dataOf(name),
      })),
    ),
    states: await Promise.all(
      traced.updated.map(async (name) => ({
        name,
        value: { dtype: "float32" as const, shape: shapeOf(name), data: await dataOf(name) },
      })),
    ),
  });
  const trainer = onDevice ? new DeviceTrainer(plan) : new MemoryTrainer(plan);
  const { model: bytes, metrics, noise } = traced;
  await trainer.addProgram(1, { isMeasuring: false, model: bytes, constants: {}, noise, metrics });
  const rows = Uint32Array.from({ length: steps * batchSize }, (_, index) => index);
  const rates = new Float64Array(steps).fill(0.01);
  const half = rows.length / 2;
  const first = { data: 1, rows: rows.subarray(0, half), batchSize };
  const second = { data: 1, rows: rows.subarray(half), batchSize };
  const before = await trainer.steps(1, { batches: first, columns }, rates, 0);
  // What was saved is gone on with.
  const saved = await trainer.snapshot();
  await trainer.steps(1, { batches: first, columns }, rates, 0);
  trainer.restore(saved);
  const after = await trainer.steps(1, { batches: second, columns }, rates, steps / 2);
  const { optimizer: state, states } = await trainer.snapshot();
  await trainer.close();
  return {
    report: {
      losses: Float64Array.of(...before.losses, ...after.losses),
      gradientNorms: Float64Array.of(...before.gradientNorms, ...after.gradientNorms),
      metrics: [],
    },
    arrays: { ...state.tensors, ...states },
  };
}

describe("training on a device", () => {
  for (const optimizer of [adamW(), sgd({ momentum: 0.9 })])
    it(`with ${optimizer.kind}: losses, parameters and running means of 20 steps as on the CPU`, async () => {
      const expected = await train(false, optimizer);
      const found = await train(true, optimizer);
      assertNormClose(found.report.losses, expected.report.losses, 1e-5, "losses");
      assertNormClose(found.report.gradientNorms, expected.report.gradientNorms, 1e-5, "gradient norms");
      assert.deepEqual(Object.keys(found.arrays), Object.keys(expected.arrays));
      for (const [name, values] of Object.entries(expected.arrays))
        assertNormClose(found.arrays[name] ?? [], values, 1e-5, name);
      assert.ok((found.report.losses.at(-1) ?? Number.NaN) < (found.report.losses[0] ?? 0));
    });
});
