/** @file Operations of TensorFlow.js, and gradients through them, that every backend must compute alike. */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "../../../ml/tf/index.ts";
import { floats, integers } from "./inputs.ts";

/** What one operation gives for fixed inputs. */
export interface Operation {
  readonly name: string;
  compute(tf: TensorFlow): Tensor | Tensor[];
}

type TensorOf<Shape> = Shape extends { readonly length: 1 }
  ? Tensor1D
  : Shape extends { readonly length: 2 }
    ? Tensor2D
    : Shape extends { readonly length: 3 }
      ? Tensor3D
      : Tensor4D;
type TensorsOf<Shapes> = { readonly [Index in keyof Shapes]: TensorOf<Shapes[Index]> };

/** An operation on float tensors of these shapes: its value and the gradients of a weighted sum of it by each of them. */
export function differentiable<const Shapes extends readonly (readonly number[])[]>(
  name: string,
  shapes: Shapes,
  f: (tf: TensorFlow, ...inputs: TensorsOf<Shapes>) => Tensor,
): Operation {
  // SAFETY: it is called with tensors of these shapes only.
  const apply = f as (tf: TensorFlow, ...inputs: Tensor[]) => Tensor;
  return {
    name: `${name} and its gradients`,
    compute: (tf) => {
      const inputs = shapes.map((shape, index) => floats(tf, [...shape], index + 1));
      const value = apply(tf, ...inputs);
      const weights = floats(tf, value.shape, 99);
      const gradients = tf.grads((...at: Tensor[]) =>
        apply(tf, ...at)
          .mul(weights)
          .sum(),
      )(inputs);
      return [value, ...gradients];
    },
  };
}

/** An operation whose value alone is compared. */
export function plain(name: string, compute: Operation["compute"]): Operation {
  return { name, compute };
}

const elementwise: Operation[] = [
  differentiable("add of broadcast rows", [[3, 4], [4]], (_, a, b) => a.add(b)),
  differentiable(
    "sub, mul, div",
    [
      [3, 4],
      [3, 4],
    ],
    (_, a, b) => a.sub(b).mul(a).div(b.square().add(1)),
  ),
  differentiable("exp, log, sqrt", [[5, 7]], (_, x) =>
    x.exp().add(x.abs().add(1).log()).add(x.square().add(1).sqrt()),
  ),
  differentiable("sigmoid, tanh, softplus, elu", [[5, 7]], (_, x) =>
    x.sigmoid().add(x.tanh()).add(x.softplus()).add(x.elu()),
  ),
  differentiable("relu, leakyRelu, relu6, selu", [[5, 7]], (_, x) =>
    x.relu().add(x.leakyRelu(0.2)).add(x.mul(9).relu6()).add(x.selu()),
  ),
  differentiable("prelu", [[5, 7], [7]], (_, x, slope) => x.prelu(slope)),
  differentiable("sin, cos, atan", [[5, 7]], (_, x) => x.sin().add(x.cos()).add(x.atan())),
  differentiable("erf", [[5, 7]], (_, x) => x.erf()),
  differentiable("pow", [[5, 7]], (tf, x) => x.abs().add(0.5).pow(tf.scalar(1.7))),
  differentiable(
    "maximum, minimum",
    [
      [5, 7],
      [5, 7],
    ],
    (_, a, b) => a.maximum(b).add(a.minimum(b).mul(2)),
  ),
  differentiable("clipByValue", [[5, 7]], (_, x) => x.clipByValue(-0.5, 0.4)),
  differentiable(
    "where",
    [
      [5, 7],
      [5, 7],
    ],
    (tf, a, b) => tf.where(floats(tf, [5, 7], 3).greater(0), a, b.mul(3)),
  ),
  plain("floor, ceil, round, sign, floorDiv, mod", (tf) => {
    const x = floats(tf, [4, 9]).mul(10);
    const y = floats(tf, [4, 9], 2).mul(3).add(4);
    const [whole, divisor] = [
      integers(tf, [4, 9], 50),
      integers(tf, [4, 9], 6, 2).add(tf.scalar(1, "int32")),
    ];
    return [x.floor(), x.ceil(), x.round(), x.sign(), whole.floorDiv(divisor), x.mod(y)];
  }),
  plain("comparisons and logic", (tf) => {
    const a = integers(tf, [6, 5], 3);
    const b = integers(tf, [6, 5], 3, 2);
    return [
      a.equal(b),
      a.notEqual(b),
      a.less(b),
      a.greaterEqual(b),
      a.less(b).logicalOr(a.equal(tf.scalar(1, "int32"))),
      a.less(b).logicalAnd(b.less(tf.scalar(2, "int32"))),
      a.less(b).logicalNot(),
    ];
  }),
  plain("cast", (tf) => [
    floats(tf, [9]).mul(5).cast("int32"),
    integers(tf, [9], 3).cast("bool"),
    integers(tf, [9], 3).cast("float32"),
  ]),
];

const reductions: Operation[] = [
  differentiable("sum, mean by axis", [[3, 4, 5]], (_, x) => x.sum(1).add(x.mean(1))),
  differentiable("max, min by axis", [[4, 30]], (_, x) => x.max(1).add(x.min(1))),
  differentiable("prod", [[3, 4]], (_, x) => x.add(2).prod(1)),
  differentiable("logSumExp", [[4, 6]], (_, x) => x.logSumExp(1)),
  differentiable("softmax", [[6, 10]], (_, x) => x.softmax()),
  differentiable("logSoftmax", [[6, 10]], (_, x) => x.logSoftmax()),
  differentiable("norm", [[6, 10]], (_, x) => x.norm()),
  differentiable("variance", [[6, 10]], (tf, x) => tf.moments(x, 0).variance),
  differentiable("cumsum", [[4, 6]], (_, x) => x.cumsum(1)),
  plain("argMax, argMin, any, all", (tf) => {
    const x = floats(tf, [7, 9]);
    return [x.argMax(1), x.argMin(0), x.greater(0.9).any(1), x.greater(-0.9).all(1)];
  }),
  plain("topk", (tf) => {
    const { values, indices } = tf.topk(floats(tf, [5, 12]), 4);
    return [values, indices];
  }),
];

const products: Operation[] = [
  differentiable(
    "matMul",
    [
      [13, 70],
      [70, 5],
    ],
    (_, a, b) => a.matMul(b),
  ),
  differentiable(
    "matMul of transposed matrices",
    [
      [70, 13],
      [5, 70],
    ],
    (_, a, b) => a.matMul(b, true, true),
  ),
  differentiable(
    "matMul of batches",
    [
      [3, 7, 8],
      [3, 9, 8],
    ],
    (_, a, b) => a.matMul(b, false, true),
  ),
  plain("matMul of one matrix with a batch", (tf) => floats(tf, [1, 7, 8]).matMul(floats(tf, [3, 8, 9], 2))),
  differentiable("fused matMul with bias and relu", [[6, 8], [8, 9], [9]], (tf, a, b, bias) =>
    tf.fused.matMul({ a, b, bias, activation: "relu" }),
  ),
  differentiable("one vector as a column and as a row", [[8], [8]], (tf, a, b) =>
    a.dot(b).add(tf.outerProduct(a, b).sum()),
  ),
  plain("einsum", (tf) => tf.einsum("bij,bjk->bik", floats(tf, [3, 4, 5]), floats(tf, [3, 5, 6], 2))),
];

const convolutions: Operation[] = [
  differentiable(
    "conv2d, same",
    [
      [2, 9, 8, 3],
      [3, 3, 3, 4],
    ],
    (tf, x, w) => tf.conv2d(x, w, 1, "same"),
  ),
  differentiable(
    "conv2d, valid, strides 2 and 3",
    [
      [2, 12, 11, 3],
      [3, 2, 3, 4],
    ],
    (tf, x, w) => tf.conv2d(x, w, [2, 3], "valid"),
  ),
  differentiable(
    "conv1d",
    [
      [2, 12, 3],
      [5, 3, 4],
    ],
    (tf, x, w) => tf.conv1d(x, w, 2, "same"),
  ),
  differentiable(
    "conv2dTranspose",
    [
      [2, 5, 5, 4],
      [3, 3, 3, 4],
    ],
    (tf, x, w) => tf.conv2dTranspose(x, w, [2, 10, 10, 3], 2, "same"),
  ),
  differentiable(
    "depthwiseConv2d",
    [
      [2, 8, 8, 3],
      [3, 3, 3, 2],
    ],
    (tf, x, w) => tf.depthwiseConv2d(x, w, 1, "same"),
  ),
  differentiable("maxPool", [[2, 8, 8, 3]], (tf, x) => tf.maxPool(x, 2, 2, "valid")),
  differentiable("maxPool of negative numbers", [[2, 7, 7, 3]], (tf, x) =>
    tf.maxPool(x.sub(2), 3, 2, "same"),
  ),
  differentiable("avgPool", [[2, 9, 9, 3]], (tf, x) => tf.avgPool(x, 3, 2, "valid")),
  differentiable("batchNorm", [[2, 4, 4, 3], [3], [3]], (tf, x, mean, scale) =>
    tf.batchNorm(x, mean, tf.tensor1d([0.5, 1, 2]), tf.tensor1d([0, 1, -1]), scale),
  ),
  differentiable("resizeBilinear", [[1, 4, 4, 2]], (tf, x) => tf.image.resizeBilinear(x, [7, 6])),
];

const shapes: Operation[] = [
  differentiable("reshape, transpose", [[3, 4, 5]], (_, x) => x.transpose([2, 0, 1]).reshape([15, 4])),
  differentiable(
    "concat",
    [
      [3, 4],
      [3, 2],
    ],
    (tf, a, b) => tf.concat([a, b], 1),
  ),
  differentiable(
    "stack, unstack",
    [
      [3, 4],
      [3, 4],
    ],
    (tf, a, b) => tf.stack([...tf.unstack(a, 1), b.sum(1)]),
  ),
  differentiable("slice", [[5, 6]], (tf, x) => tf.slice(x, [1, 2], [3, 2])),
  differentiable("split", [[4, 6]], (tf, x) => tf.split(x, [2, 4], 1)[1] ?? x),
  differentiable("pad", [[3, 4]], (tf, x) =>
    tf.pad(
      x,
      [
        [1, 2],
        [0, 3],
      ],
      0.5,
    ),
  ),
  differentiable("tile", [[2, 3]], (tf, x) => tf.tile(x, [2, 3])),
  differentiable("reverse", [[4, 5]], (_, x) => x.reverse(1)),
  differentiable("gather", [[7, 5]], (tf, x) => tf.gather(x, tf.tensor1d([6, 0, 6, 3, 6], "int32"))),
  differentiable("gather by columns", [[5, 7]], (tf, x) =>
    tf.gather(
      x,
      tf.tensor2d(
        [
          [6, 0],
          [6, 3],
        ],
        [2, 2],
        "int32",
      ),
      1,
    ),
  ),
  plain("gatherND", (tf) =>
    tf.gatherND(floats(tf, [4, 5]), tf.tensor2d([3, 1, 0, 4, 3, 1], [3, 2], "int32")),
  ),
  differentiable("unsortedSegmentSum", [[6, 3]], (tf, x) =>
    tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 3, 1, 2], "int32"), 5),
  ),
  plain("scatterND, oneHot, range, linspace, eye", (tf) => [
    tf.scatterND(tf.tensor2d([[1], [3], [1]], [3, 1], "int32"), floats(tf, [3, 2]), [5, 2]),
    tf.oneHot(integers(tf, [6], 4), 4),
    tf.range(0, 10, 3),
    tf.linspace(0, 1, 7),
    tf.eye(4),
  ]),
  plain("stridedSlice", (tf) => floats(tf, [6, 7]).stridedSlice([5, 1], [0, 7], [-2, 3])),
  plain("resizeNearestNeighbor, cropAndResize", (tf) => [
    tf.image.resizeNearestNeighbor(floats(tf, [1, 4, 4, 2]).as4D(1, 4, 4, 2), [6, 7]),
    tf.image.cropAndResize(
      floats(tf, [1, 8, 8, 2]).as4D(1, 8, 8, 2),
      tf.tensor2d([[0.1, 0.2, 0.8, 0.9]]),
      tf.tensor1d([0], "int32"),
      [3, 4],
    ),
  ]),
];

/** All of them. */
export const operations: readonly Operation[] = [
  ...elementwise,
  ...reductions,
  ...products,
  ...convolutions,
  ...shapes,
];
