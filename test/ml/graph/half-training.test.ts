/**
 * @file Training in float16 with weights in float32, on whichever provider there is: beside float32's, with gradients that
 * vanish or overflow without a scale, and from a checkpoint. A device without float16 must say so.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvalidInputError } from "../../../ml/errors.ts";
import { fromData, tensor } from "../../../ml/graph/create.ts";
import { RuntimeError } from "../../../ml/graph/errors.ts";
import { crossEntropy } from "../../../ml/graph/functions/class-losses.ts";
import { firstScale, nextScale } from "../../../ml/graph/loss-scaling.ts";
import { provider } from "../../../ml/graph/shared-runtime.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { TrainingDivergedError } from "../../../ml/nn/errors.ts";
import {
  adam,
  batchNorm,
  conv2d,
  dataset,
  fit,
  flatten,
  linear,
  relu,
  sequential,
  sgd,
} from "../../../ml/nn/index.ts";
import { Random } from "../../../ml/random.ts";

/** The reason why nothing is computed in float16 here; undefined where it is. */
async function tryFloat16(): Promise<string | undefined> {
  const half = jit((x: Tensor): Tensor => x.cast("float16").matmul(x.cast("float16")).cast("float32"));
  try {
    await (await half(tensor([[1]]) as Tensor)).data();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RuntimeError);
    assert.match(
      error.message,
      /^(?:Cast|MatMul) of .*, failed: the device does not compute float16 \(WebGPU's shader-f16\)$/,
    );
    return error.message;
  }
}

let tried: Promise<string | undefined> | undefined;

/** Whether the machine computes float16 at all: if not, all that can be tested is that it says so. */
async function lacksFloat16(): Promise<boolean> {
  const reason = await (tried ??= tryFloat16());
  if (process.env["TENON_REQUIRE_FLOAT16"] === "1") assert.equal(reason, undefined);
  return reason !== undefined;
}

/** Images of 8 × 8 with a bright row, whose half gives the class. */
function images(count: number): { readonly x: Tensor; readonly kind: Tensor } {
  const random = new Random(4);
  const pixels = Float32Array.from({ length: count * 64 }, () => random.uniform());
  const kinds = new Int32Array(count);
  for (const index of kinds.keys()) {
    const row = Math.floor(random.uniform() * 8);
    for (let column = 0; column < 8; column++) pixels[index * 64 + row * 8 + column]! += 1;
    kinds[index] = row < 4 ? 0 : 1;
  }
  return {
    x: fromData("float32", pixels, [count, 1, 8, 8]) as Tensor,
    kind: fromData("int32", kinds, [count]) as Tensor,
  };
}

describe("training in float16", () => {
  const network = sequential(
    conv2d(1, 6, { kernel: 3 }),
    batchNorm(6),
    relu(),
    flatten(),
    linear(6 * 6 * 6, 2),
  );
  const trained = async (precision: "float16" | undefined) =>
    fit({
      parameters: network.init(1),
      // SAFETY: shapes are those of the images.
      loss: (parameters, { x, kind }, mode) =>
        crossEntropy(network.apply(parameters, x as never, mode) as Tensor, kind),
      data: dataset(images(256)),
      optimizer: adam(),
      learningRate: 0.01,
      batchSize: 64,
      epochs: 6,
      ...(precision && { precision }),
    });

  it("follows float32's losses, or says that the device has no float16", async () => {
    if (await lacksFloat16()) {
      await assert.rejects(trained("float16"), (error) => {
        assert.ok(error instanceof RuntimeError);
        assert.match(error.message, /the device does not compute float16/);
        return true;
      });
      return;
    }
    const [half, whole] = [await trained("float16"), await trained(undefined)];
    const losses = half.history.map(({ loss }) => loss);
    for (const [epoch, { loss }] of whole.history.entries())
      assert.ok(
        Math.abs((losses[epoch] ?? Number.NaN) - loss) < 0.02,
        `${losses.join()}: ${loss} in ${epoch}`,
      );
    assert.ok((losses.at(-1) ?? 1) < 0.6 * (losses[0] ?? 0), losses.join());
    assert.equal(half.parameters[0].weight.dtype, "float32");
  }).timeout(120_000);

  /** A product whose weights' gradient is `size` times the sum of columns, computed in halves. */
  const pulled = async (size: number, epochs: number, settings: object = {}) => {
    const rows = fromData("float32", Float32Array.from([1, 2, 3, 4, 5, 6]), [3, 2]);
    return fit({
      parameters: { w: fromData("float32", new Float32Array(2), [2, 1]) },
      loss: ({ w }, { x }) => x.matmul(w).mul(size).sum(),
      data: dataset({ x: rows }),
      optimizer: sgd(),
      learningRate: 1 / size,
      batchSize: 3,
      epochs,
      precision: "float16",
      ...settings,
    });
  };

  it("moves by gradients that vanish in float16", async () => {
    if (await lacksFloat16()) return;
    const { parameters } = await pulled(2 ** -30, 3);
    assert.deepEqual([...(await parameters.w.data())], [-27, -36]);
  });

  it("leaves out steps whose gradients overflow, until the factor is small enough", async () => {
    if (await lacksFloat16()) return;
    // Twelve times the size and a factor of 65,536 is too much for float16 by six halvings. The CPU computes in float32,
    // where it is so by three.
    const [size, skipped] = (await provider()) === "cpu" ? [2 ** 111, 3] : [3, 6];
    const { parameters, history } = await pulled(size, 10);
    assert.ok(history.every(({ loss }) => Number.isFinite(loss)));
    const moves = 10 - skipped;
    assert.deepEqual([...(await parameters.w.data())], [-9 * moves, -12 * moves]);
  });

  it("ends where gradients are not finite without any factor", async () => {
    if (await lacksFloat16()) return;
    const root = fit({
      parameters: { w: fromData("float32", new Float32Array(2), [2, 1]) },
      // The root's slope at 0 is infinite, the loss is not.
      loss: ({ w }, { x }) => x.matmul(w).sqrt().sum(),
      data: dataset({ x: fromData("float32", new Float32Array(4).fill(1), [2, 2]) }),
      optimizer: sgd(),
      learningRate: 0.1,
      epochs: 40,
      precision: "float16",
    });
    await assert.rejects(root, (error) => {
      assert.ok(error instanceof TrainingDivergedError);
      assert.match(error.message, /the gradient of "w" is not finite/);
      assert.equal(error.epoch, 17, "16 halvings from 65,536 to 1");
      return true;
    });
  });

  it("goes on from a checkpoint with the factor that it had", async () => {
    if (await lacksFloat16()) return;
    const folder = mkdtempSync(join(tmpdir(), "half-training-"));
    try {
      const size = (await provider()) === "cpu" ? 2 ** 111 : 3;
      const checkpoint = join(folder, "training.safetensors");
      await pulled(size, 2, { checkpoint });
      const resumed = await pulled(size, 12, { checkpoint });
      const whole = await pulled(size, 12);
      assert.deepEqual([...(await resumed.parameters.w.data())], [...(await whole.parameters.w.data())]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("refuses a precision that there is not", async () => {
    await assert.rejects(
      pulled(1, 1, { precision: "float8" }),
      (error) => error instanceof InvalidInputError && error.message.startsWith('precision is "float8"'),
    );
  });

  it("halves, counts and doubles its factor", () => {
    assert.deepEqual(nextScale({ factor: firstScale, steps: 7 }, false), { factor: 2 ** 15, steps: 0 });
    assert.deepEqual(nextScale({ factor: firstScale, steps: 7 }, true), { factor: 2 ** 16, steps: 8 });
    assert.deepEqual(nextScale({ factor: firstScale, steps: 1999 }, true), { factor: 2 ** 17, steps: 0 });
    assert.deepEqual(nextScale({ factor: 2 ** 127, steps: 1999 }, true), { factor: 2 ** 127, steps: 0 });
  });
});
