/** @file Convolutions, pooling, resizing, normalisations and losses in float32 against PyTorch's float64 values. */
import assert from "node:assert/strict";
import * as v from "valibot";
import { fromData } from "../../../ml/graph/create.ts";
import * as classLosses from "../../../ml/graph/functions/class-losses.ts";
import * as convolution from "../../../ml/graph/functions/convolution.ts";
import * as losses from "../../../ml/graph/functions/losses.ts";
import * as normalization from "../../../ml/graph/functions/normalization.ts";
import * as pooling from "../../../ml/graph/functions/pooling.ts";
import * as resize from "../../../ml/graph/functions/resize.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { valueAndGrad } from "../../../ml/graph/transforms/grad.ts";
import { jit } from "../../../ml/graph/transforms/jit.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const packed = v.object({ dtype: v.picklist(["float32", "int64"]), shape: numbers, data: numbers });
const setting = v.union([v.number(), v.string(), v.boolean(), numbers]);
const reference = readReference(
  "graph-layers",
  v.object({
    cases: v.array(
      v.object({
        function: v.string(),
        settings: v.record(v.string(), setting),
        inputs: v.array(packed),
        constants: v.number(),
        upstream: packed,
        output: packed,
        gradients: v.array(packed),
      }),
    ),
  }),
);

type Packed = v.InferOutput<typeof packed>;
type Settings = Readonly<Record<string, v.InferOutput<typeof setting>>>;
type Compute = (inputs: readonly Tensor[], settings: Settings) => Tensor;

// Norm-wise, ten times what float32 rounds.
const tolerance = 1e-5;

// SAFETY (of the casts of settings below): the script writes what each function takes.
const one = (call: (x: Tensor, settings: never) => Tensor): Compute => {
  return ([x], settings) => call(x!, settings as never);
};
const two = (call: (a: Tensor, b: Tensor, settings: never) => Tensor): Compute => {
  return ([a, b], settings) => call(a!, b!, settings as never);
};
const three = (call: (a: Tensor, b: Tensor, c: Tensor, settings: never) => Tensor): Compute => {
  return ([a, b, c], settings) => call(a!, b!, c!, settings as never);
};
const withBias = (call: (x: Tensor, weight: Tensor, settings: never) => Tensor): Compute => {
  return ([x, weight, bias], settings) => call(x!, weight!, { ...settings, bias } as never);
};
const withWeight = (call: (x: Tensor, y: Tensor, settings: never) => Tensor): Compute => {
  return ([x, y, weight], settings) => call(x!, y!, { ...settings, weight } as never);
};
const pool = (call: (x: Tensor, size: never, settings: never) => Tensor): Compute => {
  return ([x], { size, ...settings }) => call(x!, size as never, settings as never);
};
const affine = (call: (x: Tensor, first: never, settings: never) => Tensor, first: string): Compute => {
  return ([x, weight, bias], settings) =>
    call(x!, settings[first] as never, { ...settings, weight, bias } as never);
};
const placeholders = (like: Tensor): Tensor =>
  fromData("float32", new Float32Array(like.shape[1]), [like.shape[1]]);

const functions: Readonly<Record<string, Compute>> = {
  conv1d: withBias(convolution.conv1d),
  conv2d: withBias(convolution.conv2d),
  conv3d: withBias(convolution.conv3d),
  convTranspose1d: withBias(convolution.convTranspose1d),
  convTranspose2d: withBias(convolution.convTranspose2d),
  maxPool1d: pool(pooling.maxPool1d),
  maxPool2d: pool(pooling.maxPool2d),
  avgPool1d: pool(pooling.avgPool1d),
  avgPool2d: pool(pooling.avgPool2d),
  adaptiveAvgPool1d: pool(pooling.adaptiveAvgPool1d),
  adaptiveAvgPool2d: pool(pooling.adaptiveAvgPool2d),
  globalAvgPool: one(pooling.globalAvgPool),
  globalMaxPool: one(pooling.globalMaxPool),
  upsampleNearest2d: ([x], { factor }) => resize.upsampleNearest2d(x!, Number(factor)),
  resizeBilinear: pool(resize.resizeBilinear),
  batchNorm: ([x, weight, bias, mean, variance]) =>
    normalization.batchNorm(x!, { mean: mean!, variance: variance! }, { weight, bias }),
  batchNormTraining: ([x, weight, bias], { epsilon }) => {
    const running = { mean: placeholders(x!), variance: placeholders(x!) };
    const settings = { weight, bias, epsilon: Number(epsilon) };
    return normalization.batchNormTraining(x!, running, settings).output;
  },
  running: ([x, mean, variance], { part, momentum }) => {
    const settings = { momentum: Number(momentum) };
    const { running } = normalization.batchNormTraining(x!, { mean: mean!, variance: variance! }, settings);
    return part === "mean" ? running.mean : running.variance;
  },
  layerNorm: affine(normalization.layerNorm, "sizes"),
  groupNorm: affine(normalization.groupNorm, "groups"),
  instanceNorm: ([x, weight, bias]) => normalization.instanceNorm(x!, { weight, bias }),
  rmsNorm: ([x, weight], settings) => normalization.rmsNorm(x!, { ...settings, weight }),
  crossEntropy: withWeight(classLosses.crossEntropy),
  nllLoss: withWeight(classLosses.nllLoss),
  klDiv: two(classLosses.klDiv),
  mseLoss: two(losses.mseLoss),
  l1Loss: two(losses.l1Loss),
  huberLoss: two(losses.huberLoss),
  smoothL1Loss: two(losses.smoothL1Loss),
  binaryCrossEntropyWithLogits: two(losses.binaryCrossEntropyWithLogits),
  binaryCrossEntropy: two(losses.binaryCrossEntropy),
  sigmoidFocalLoss: two(losses.sigmoidFocalLoss),
  hingeLoss: two(losses.hingeLoss),
  hingeEmbeddingLoss: two(losses.hingeEmbeddingLoss),
  tripletMarginLoss: three(losses.tripletMarginLoss),
  cosineEmbeddingLoss: three(losses.cosineEmbeddingLoss),
};

function unpack({ dtype, shape, data }: Packed): Tensor {
  return dtype === "int64"
    ? fromData(dtype, BigInt64Array.from(data, BigInt), shape)
    : fromData(dtype, Float32Array.from(data), shape);
}

function assertNear(actual: ArrayLike<number | bigint>, { data }: Packed, what: string): void {
  assert.equal(actual.length, data.length, `${what}: the number of elements`);
  let [error, size] = [0, 0];
  for (const [index, expected] of data.entries()) {
    error += (Number(actual[index]) - expected) ** 2;
    size += expected ** 2;
  }
  // Where nothing is expected but 0, rounding is all that may be there.
  const relative = Math.sqrt(error) / (size === 0 ? 1 : Math.sqrt(size));
  assert.ok(
    relative <= tolerance,
    `${what} is off by ${relative}: ${Array.from(actual).slice(0, 8).join(", ")}`,
  );
}

const titles = new Map<string, number>();
function titleOf(name: string, settings: Settings, inputs: readonly Packed[]): string {
  const shapes = inputs.map(({ shape }) => `[${shape.join(", ")}]`).join(" ");
  const title = `${name} of ${shapes} ${JSON.stringify(settings)}`;
  const seen = titles.get(title) ?? 0;
  titles.set(title, seen + 1);
  return seen === 0 ? title : `${title} (${seen + 1})`;
}

describe("layers and losses, against PyTorch", () => {
  for (const {
    function: name,
    settings,
    inputs,
    constants,
    upstream,
    output,
    gradients,
  } of reference.cases) {
    it(titleOf(name, settings, inputs), async () => {
      const compute = functions[name];
      assert.ok(compute, `the script calls ${name}, which this test does not know`);
      const run = jit((all: readonly Tensor[], weights: Tensor) => {
        const variable = all.flatMap(({ dtype }, index) =>
          dtype === "int64" || index >= all.length - constants ? [] : [index],
        );
        let result: Tensor | undefined;
        const weighed = (chosen: readonly Tensor[]): Tensor<readonly []> => {
          const used = all.map((each, index) => chosen[variable.indexOf(index)] ?? each);
          result = compute(used, settings);
          return result.mul(weights).sum();
        };
        const { gradient } = valueAndGrad(weighed)(variable.map((index) => all[index]!));
        assert.ok(result);
        return { result, gradient };
      });
      const { result, gradient } = await run(inputs.map(unpack), unpack(upstream));
      assert.deepEqual(result.shape, output.shape);
      assertNear(await result.data(), output, "the result");
      assert.equal(gradient.length, gradients.length);
      for (const [index, expected] of gradients.entries())
        assertNear(await gradient[index]!.data(), expected, `gradient ${index}`);
    });
  }
});
