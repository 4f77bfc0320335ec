import assert from "node:assert/strict";
import { fromData, randn, tensor } from "../../../ml/graph/create.ts";
import { GraphError } from "../../../ml/graph/errors.ts";
import { gradients } from "../../../ml/graph/gradients.ts";
import { lower } from "../../../ml/graph/lower.ts";
import { binaryCrossEntropy } from "../../../ml/graph/ops/losses.ts";
import * as op from "../../../ml/graph/ops/elementwise.ts";
import { gather } from "../../../ml/graph/ops/gather.ts";
import { affine, gemm, matmul } from "../../../ml/graph/ops/matmul.ts";
import { max, mean, min, product, sum } from "../../../ml/graph/ops/reduce.ts";
import {
  broadcastTo,
  concat,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from "../../../ml/graph/ops/shape-ops.ts";
import { Tensor } from "../../../ml/graph/tensor.ts";
import { grad } from "../../../ml/graph/transforms/grad.ts";
import { constant, input, type Value } from "../../../ml/graph/value.ts";
import { assertCloseTo } from "../close-to.ts";
import { checkGradients, normals, type Float64 } from "./check-gradients.ts";

type Case = readonly [name: string, shapes: readonly (readonly number[])[], (...inputs: Value[]) => Value];

const int64 = (...numbers: number[]): Value =>
  constant(
    "int64",
    BigInt64Array.from(numbers, (n) => BigInt(n)),
    [numbers.length],
  );

const cases: readonly Case[] = [
  ["add, broadcast", [[4, 3], [3], [4, 1]], (a, b, c) => op.square(op.add(op.add(a, b), c))],
  ["subtract, broadcast", [[3], [4, 3]], (a, b) => op.square(op.subtract(a, b))],
  [
    "multiply, broadcast",
    [
      [4, 3],
      [4, 1],
    ],
    (a, b) => op.multiply(a, b),
  ],
  ["divide, broadcast", [[4, 3], [3]], (a, b) => op.divide(a, op.add(op.square(b), 1))],
  ["power", [[4, 3], [3]], (a, b) => op.power(op.add(op.square(a), 0.5), b)],
  ["maximum and minimum", [[4, 3], [3]], (a, b) => op.subtract(op.maximum(a, b), op.minimum(a, b))],
  ["a value used twice", [[4, 3]], (a) => op.multiply(a, op.add(a, a))],
  ["negate, abs", [[4, 3]], (a) => op.negate(op.abs(a))],
  ["exp, log, sqrt, reciprocal", [[4, 3]], (a) => op.reciprocal(op.sqrt(op.log(op.add(op.exp(a), 1))))],
  ["sin, cos", [[4, 3]], (a) => op.multiply(op.sin(a), op.cos(op.multiply(a, 2)))],
  [
    "tanh, sigmoid, softplus, relu",
    [[4, 3]],
    (a) => op.softplus(op.relu(op.tanh(op.multiply(op.sigmoid(a), a)))),
  ],
  ["where", [[4, 3], [3]], (a, b) => op.where(op.greater(a, 0), op.square(a), b)],
  [
    "sum, mean over axes",
    [[2, 3, 4]],
    (a) => op.multiply(sum(op.square(a), { axes: [0, 2] }), mean(a, { axes: -1, keepAxes: true })),
  ],
  ["max, min over axes", [[3, 4]], (a) => op.add(max(a, { axes: 1 }), min(a))],
  [
    "product, with a zero",
    [[2, 3]],
    (a) =>
      product(op.multiply(a, constant("float64", Float64Array.of(1, 1, 1, 0, 1, 1), [2, 3])), { axes: 1 }),
  ],
  [
    "matmul",
    [
      [4, 3],
      [3, 2],
    ],
    (a, b) => matmul(a, b),
  ],
  [
    "matmul of a batch by a matrix",
    [
      [2, 4, 3],
      [3, 2],
    ],
    (a, b) => matmul(a, b),
  ],
  [
    "matmul of batches, broadcast",
    [
      [2, 1, 4, 3],
      [5, 3, 2],
    ],
    (a, b) => matmul(a, b),
  ],
  ["matmul of vectors", [[3], [3, 2], [2]], (a, b, c) => matmul(matmul(a, b), c)],
  [
    "gemm, all orientations",
    [
      [4, 3],
      [4, 2],
    ],
    (a, b) =>
      op.add(
        gemm(a, b, undefined, { transposeA: true }),
        transpose(gemm(b, a, undefined, { transposeA: true })),
      ),
  ],
  ["gemm, transposed right", [[4, 3], [2, 3], [2]], (a, b, c) => gemm(a, b, c, { transposeB: true })],
  [
    "gemm, both transposed",
    [
      [3, 4],
      [2, 3],
    ],
    (a, b) => gemm(a, b, undefined, { transposeA: true, transposeB: true }),
  ],
  ["affine", [[2, 4, 3], [3, 2], [2]], (x, w, b) => affine(x, w, b)],
  [
    "reshape, transpose, squeeze, unsqueeze",
    [[2, 3, 4]],
    (a) => squeeze(unsqueeze(transpose(reshape(a, [6, -1]), [1, 0]), 1), 1),
  ],
  ["broadcastTo", [[3, 1]], (a) => broadcastTo(a, [2, 3, 4])],
  [
    "concat, split",
    [
      [4, 3],
      [4, 1],
    ],
    (a, b) => {
      const [left, right] = split(concat([a, b, a], 1), [5, 2], 1);
      return op.multiply(left!, sum(right!, { axes: 1, keepAxes: true }));
    },
  ],
  ["split, one part unused", [[4, 6]], (a) => split(a, [1, 2, 3], 1)[1]!],
  [
    "slice with steps, forwards and backwards",
    [[7, 5]],
    (a) =>
      slice(a, [
        { axis: 0, start: 1, end: -1, step: 2 },
        { axis: 1, start: -1, step: -2 },
      ]),
  ],
  ["slice from the end", [[5]], (a) => slice(a, [{ axis: 0, start: -3 }])],
  ["pad", [[2, 3]], (a) => pad(a, [1, 0], [0, 2])],
  [
    "gather along the first axis, rows repeated and left out",
    [[4, 3]],
    (a) => gather(a, int64(2, 0, 2, 2, 1)),
  ],
  ["gather by int32 positions", [[4, 3]], (a) => gather(a, constant("int32", Int32Array.of(2, 0, 2), [3]))],
  ["gather along the last axis", [[2, 4]], (a) => gather(a, int64(3, 3, 0), 1)],
  [
    "binaryCrossEntropy",
    [[4, 1]],
    (z) => binaryCrossEntropy(z, constant("float64", Float64Array.of(1, 0, 1, 0), [4, 1])),
  ],
];

describe("gradients, against finite differences", () => {
  for (const [name, shapes, compute] of cases) {
    const inputs = shapes.map((shape, index) => normals(shape, index + 1));
    it(name, () =>
      checkGradients((...tensors) => new Tensor(compute(...tensors.map(({ value }) => value))), inputs),
    );
  }

  it("of gradients: the second derivative", async () => {
    await checkGradients((x) => grad((y: Float64) => op2(y))(x), [normals([4, 3], 1)]);
  });

  it("binary cross-entropy stays finite for logits far out", async () => {
    const z = tensor([500, -500, 500, -500]);
    const labels = tensor([1, 0, 0, 1]);
    const loss = (x: Tensor): Tensor<readonly []> =>
      new Tensor(mean(binaryCrossEntropy(x.value, labels.value)));
    assertCloseTo([await loss(z).item()], [250], 1e-3);
    assertCloseTo(await grad(loss)(z).data(), [0, 0, 0.25, -0.25], 1e-6);
  });
});

function op2(x: Float64): Tensor<readonly []> {
  const y = x.tanh().matmul(x.square().transpose());
  return y.sigmoid().sum();
}

describe("programs that cannot be", () => {
  const x = (shape: readonly (number | string)[]): Value => input("x", "float32", shape);
  const invalid: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["shapes that do not broadcast", () => op.add(x(["batch", 3]), x([2])), /\[batch, 3\] and \[2\]/],
    ["matrices that do not fit", () => matmul(x([2, 3]), x([4, 5])), /do not fit: 3 columns against 4 rows/],
    ["element types that differ", () => op.add(x([2]), int64(1, 2)), /float32 \[2\] and int64 \[2\] differ/],
    ["data of the wrong size", () => fromData("float32", new Float32Array(5), [2, 3]), /6 elements, not 5/],
    [
      "data in an array of another type",
      () => fromData("float32", new Float64Array(2) as never, [2]),
      /elements of float32 are held in a Float32Array, not in a Float64Array/,
    ],
    ["a shape of another size", () => reshape(x([2, 3]), [4, 2]), /6 elements, \[4, 2\] has 8/],
    ["an axis that is not there", () => sum(x([2, 3]), { axes: 2 }), /no axis 2/],
    ["an input declared twice", () => lower([x([]), x([])], {}), /two inputs or outputs are named "x"/],
    ["an input that is not declared", () => lower([], { y: op.negate(x([])) }), /needs the input "x"/],
    [
      "a gradient of what is no scalar",
      () => gradients(x([2]), []),
      /only a scalar has a gradient, not \[2\]/,
    ],
  ];
  for (const [name, construct, message] of invalid) {
    it(name, () => {
      assert.throws(construct, (error) => error instanceof GraphError && message.test(error.message));
    });
  }

  it("what a scalar does not depend on has no gradient", () => {
    const a = x([2]);
    const b = input("b", "float32", [2]);
    const [found, none] = gradients(mean(a), [a, b]);
    assert.deepEqual(found?.shape, [2]);
    assert.equal(none, undefined);
  });

  it("the graph writes equal computations once and leaves out what nothing needs", () => {
    const a = x([2, 2]);
    const twice = op.add(op.exp(transpose(transpose(a))), op.multiply(op.exp(a), 1));
    const { model } = lower([a], { twice });
    assert.deepEqual(
      model.graph.nodes.map(({ operator }) => operator),
      ["Exp", "Add", "Identity"],
    );
    assert.equal(model.graph.initializers.length, 0);
  });
});

describe("tensors", () => {
  it("lie on Node's buffers as on plain bytes", async () => {
    const bytes = fromData("uint8", Buffer.from([1, 2, 3]), [3]);
    assert.deepEqual(await bytes.cast("float32").mul(2).data(), Float32Array.of(2, 4, 6));
  });

  it("keep what a run computed", async () => {
    const x = randn([64, 64], { seed: 3 });
    const product = x.matmul(x);
    assert.equal(await product.data(), await product.data());
  });
});
