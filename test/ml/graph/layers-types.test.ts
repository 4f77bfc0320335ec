/**
 * @file Shapes of layers in types: right programs have the type they say, and each marked line is an error of the type
 * checker, which `npm run typecheck` verifies by refusing a mark without one. They run too, where the same mistake is an
 * error of the program.
 */
import assert from "node:assert/strict";
import { ones, tensor, zeros } from "../../../ml/graph/create.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { crossEntropy, nllLoss } from "../../../ml/graph/functions/class-losses.ts";
import { conv1d, conv2d, convTranspose2d } from "../../../ml/graph/functions/convolution.ts";
import {
  binaryCrossEntropyWithLogits,
  mseLoss,
  tripletMarginLoss,
} from "../../../ml/graph/functions/losses.ts";
import { batchNormTraining, groupNorm, layerNorm } from "../../../ml/graph/functions/normalization.ts";
import { adaptiveAvgPool2d, globalAvgPool, maxPool2d } from "../../../ml/graph/functions/pooling.ts";
import type { Tensor } from "../../../ml/graph/tensor.ts";

describe("shapes of layers in types", () => {
  const x = ones([2, 3, 8, 8]);

  it("right programs have the type they say", () => {
    const h: Tensor<readonly [2, 6, number, number], "float32"> = conv2d(x, ones([6, 3, 3, 3]), {
      bias: zeros([6]),
      padding: "same",
    });
    const grouped: Tensor<readonly [2, 6, number, number], "float32"> = conv2d(x, ones([6, 1, 3, 3]), {
      groups: 3,
    });
    const grown: Tensor<readonly [2, 4, number, number], "float32"> = convTranspose2d(x, ones([3, 4, 2, 2]));
    const pooled: Tensor<readonly [2, 6], "float32"> = globalAvgPool(maxPool2d(h, 2));
    const parts: Tensor<readonly [2, 3, 4, 2], "float32"> = adaptiveAvgPool2d(x, [4, 2]);
    const normal: Tensor<readonly [2, 3, 8, 8], "float32"> = layerNorm(x, [8, 8]);
    const loss: Tensor<readonly [], "float32"> = crossEntropy(pooled, tensor([1, 5], "int64"));
    const each: Tensor<readonly [2], "float32"> = nllLoss(pooled, tensor([1, 5], "int64"), {
      reduction: "none",
    });
    const shapes = [h, grouped, grown, pooled, parts, normal, loss, each].map(({ shape }) => shape);
    assert.deepEqual(shapes, [
      [2, 6, 8, 8],
      [2, 6, 6, 6],
      [2, 4, 9, 9],
      [2, 6],
      [2, 3, 4, 2],
      [2, 3, 8, 8],
      [],
      [2],
    ]);
  });

  it("mistakes do not compile", () => {
    const running = { mean: zeros([3]), variance: ones([3]) };
    const logits = ones([2, 5]);
    const mistakes: readonly (() => unknown)[] = [
      // @ts-expect-error a weight for other channels
      () => conv2d(x, ones([6, 4, 3, 3])),
      // @ts-expect-error an image for a sequence
      () => conv1d(x, ones([6, 3, 3])),
      // @ts-expect-error a bias of another size
      () => conv2d(x, ones([6, 3, 3, 3]), { bias: zeros([5]) }),
      // @ts-expect-error a weight with its channels the other way round
      () => convTranspose2d(x, ones([4, 3, 2, 2])),
      // @ts-expect-error three strides for two axes
      () => conv2d(x, ones([6, 3, 3, 3]), { stride: [1, 1, 1] }),
      // @ts-expect-error a vector has no windows
      () => maxPool2d(ones([8]), 2),
      // @ts-expect-error a scale of other channels
      () => batchNormTraining(x, running, { weight: ones([4]) }),
      // @ts-expect-error a scale of other channels
      () => groupNorm(x, 3, { weight: ones([8]) }),
      // @ts-expect-error a scale of other sizes than those normalised
      () => layerNorm(x, [8], { weight: ones([4]) }),
      // @ts-expect-error as many class numbers as classes
      () => crossEntropy(logits, tensor([0, 1, 2, 3, 4], "int64")),
      // @ts-expect-error a weight for each example instead of each class
      () => nllLoss(logits, tensor([0, 1], "int64"), { weight: ones([2]) }),
      // @ts-expect-error targets with an axis less
      () => mseLoss(ones([4, 1]), ones([4])),
      // @ts-expect-error labels of another element type
      () => binaryCrossEntropyWithLogits(ones([4]), tensor([1, 0, 1, 0], "int64")),
      // @ts-expect-error vectors of another size
      () => tripletMarginLoss(ones([4, 3]), ones([4, 3]), ones([4, 2])),
    ];
    for (const mistake of mistakes) assert.throws(mistake, GraphError, mistake.toString());
  });
});
