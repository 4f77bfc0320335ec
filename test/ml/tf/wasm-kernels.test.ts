/** @file The kernels that Tenon gives to the WebAssembly backend: values and gradients of the cpu backend, no leaks. */
import assert from "node:assert/strict";
import { tensorflow, type TensorFlow } from "../../../ml/tf/index.ts";
import { assertCloseTo } from "../close-to.ts";
import { floats, integers } from "./inputs.ts";
import { differentiable, type Operation, plain } from "./operations.ts";

const transposed = [
  [false, true],
  [true, false],
  [true, true],
] as const;

const cases: readonly (readonly [kernel: string, operation: Operation])[] = [
  ...transposed.map(
    ([transposeA, transposeB]) =>
      [
        "BatchMatMul",
        differentiable(
          `matMul of batches, ${transposeA ? "left" : ""}${transposeB ? "right" : ""} transposed`,
          [transposeA ? [2, 9, 7] : [2, 7, 9], transposeB ? [2, 5, 9] : [2, 9, 5]],
          (tf, a, b) => tf.matMul(a, b, transposeA, transposeB),
        ),
      ] as const,
  ),
  [
    "BatchMatMul",
    plain("one vector as a row, then as a column", (tf) => {
      const vector = floats(tf, [8]);
      const [row, column] = [vector.reshape([1, 8]), vector.reshape([8, 1])];
      return [floats(tf, [8, 1], 2).matMul(row), floats(tf, [1, 8], 3).matMul(column)];
    }),
  ],
  ...transposed.map(
    ([transposeA, transposeB]) =>
      [
        "_FusedMatMul",
        plain(`fused, ${transposeA ? "left" : ""}${transposeB ? "right" : ""} transposed`, (tf) =>
          tf.fused.matMul({
            a: floats(tf, transposeA ? [6, 4] : [4, 6]),
            b: floats(tf, transposeB ? [5, 6] : [6, 5], 2),
            bias: floats(tf, [5], 3),
            activation: "relu",
            transposeA,
            transposeB,
          }),
        ),
      ] as const,
  ),
  [
    "Conv2DBackpropFilter",
    differentiable(
      "strides 2 and 1, same",
      [
        [2, 7, 9, 3],
        [3, 4, 3, 5],
      ],
      (tf, x, w) => tf.conv2d(x, w, [2, 1], "same"),
    ),
  ],
  [
    "Conv2DBackpropFilter",
    differentiable(
      "valid, rows left over",
      [
        [3, 8, 8, 2],
        [3, 3, 2, 4],
      ],
      (tf, x, w) => tf.conv2d(x, w, 2, "valid"),
    ),
  ],
  [
    "Conv2DBackpropFilter",
    differentiable(
      "padding given",
      [
        [1, 5, 6, 1],
        [2, 3, 1, 2],
      ],
      (tf, x, w) =>
        tf.conv2d(x, w, 1, [
          [0, 0],
          [2, 1],
          [0, 3],
          [0, 0],
        ]),
    ),
  ],
  [
    "MaxPoolGrad",
    differentiable("overlapping windows of negative numbers", [[2, 7, 6, 3]], (tf, x) =>
      tf.maxPool(x.sub(3), [3, 2], [2, 1], "same"),
    ),
  ],
  [
    "MaxPool3DGrad",
    differentiable("negative numbers", [[4, 4, 4, 2]], (tf, x) => tf.maxPool3d(x.sub(3), 2, 2, "valid")),
  ],
  [
    "MaxPool3D",
    plain("negative numbers", (tf) =>
      tf.maxPool3d(
        tf.tensor4d(
          Array.from({ length: 8 }, (_, at) => at - 9),
          [2, 2, 2, 1],
        ),
        2,
        1,
        "same",
      ),
    ),
  ],
  [
    "UnsortedSegmentSum",
    differentiable("rows of matrices, some of no segment", [[6, 2, 3]], (tf, x) =>
      tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, 3, -1, -1], "int32"), 4),
    ),
  ],
  [
    "UnsortedSegmentSum",
    plain("whole numbers, segments out of range", (tf) =>
      // The cpu backend gives whole numbers as float32.
      tf
        .unsortedSegmentSum(integers(tf, [9], 50), tf.tensor1d([1, 1, 0, 2, 2, 7, 1, 0, 3], "int32"), 3)
        .cast("float32"),
    ),
  ],
  [
    "Cast",
    plain("to booleans", (tf) => [
      tf.tensor1d([0, 0.5, -0.25, 3, 256, -0]).cast("bool"),
      tf.tensor1d([0, 1, 256, -512], "int32").cast("bool"),
    ]),
  ],
  [
    "DepthwiseConv2dNativeBackpropFilter",
    differentiable(
      "two channels for each",
      [
        [2, 7, 7, 3],
        [3, 3, 3, 2],
      ],
      (tf, x, w) => tf.depthwiseConv2d(x, w, 2, "same"),
    ),
  ],
  [
    "DepthwiseConv2dNativeBackpropInput",
    differentiable(
      "one channel for each",
      [
        [1, 6, 5, 2],
        [2, 3, 2, 1],
      ],
      (tf, x, w) => tf.depthwiseConv2d(x, w, 1, "valid"),
    ),
  ],
  [
    "Einsum",
    plain("of three indices", (tf) =>
      tf.einsum("bij,bjk->ik", floats(tf, [3, 4, 5]), floats(tf, [3, 5, 6], 2)),
    ),
  ],
  [
    "StaticRegexReplace",
    plain("of words", (tf) => tf.string.staticRegexReplace(tf.tensor1d(["one", "two"], "string"), "o", "0")),
  ],
];

describe("kernels of the WebAssembly backend", () => {
  let tf: TensorFlow;
  before(async () => {
    await tensorflow({ backend: "cpu" });
    tf = await tensorflow({ backend: "wasm" });
  });

  for (const [kernel, operation] of cases)
    it(`${kernel}: ${operation.name}`, async () => {
      await tf.setBackend("cpu");
      const expected = compute(operation);
      await tf.setBackend("wasm");
      const data = tf.engine().backend.numDataIds();
      const tensors = tf.memory().numTensors;
      const { kernelNames } = await tf.profile(() => compute(operation));
      assert.ok(kernelNames.includes(kernel), `ran ${kernelNames.join(", ")}`);
      const actual = compute(operation);
      assert.equal(tf.memory().numTensors, tensors);
      assert.equal(tf.engine().backend.numDataIds(), data, "data left on the heap");
      assert.deepEqual(
        actual.map(({ shape, dtype }) => [shape, dtype]),
        expected.map(({ shape, dtype }) => [shape, dtype]),
      );
      for (const [index, { values }] of expected.entries()) {
        const given = actual[index]?.values ?? [];
        if (typeof values[0] === "string") assert.deepEqual(given, values);
        else assertCloseTo(given.map(Number), values.map(Number), 1e-4, `result ${index}`);
      }
    });

  function compute(operation: Operation): { shape: number[]; dtype: string; values: (number | string)[] }[] {
    return tf.tidy(() =>
      [operation.compute(tf)].flat().map((tensor) => ({
        shape: tensor.shape,
        dtype: tensor.dtype,
        values: Array.from<number | string>(tensor.dataSync()),
      })),
    );
  }

  it("says when segments and rows differ in number", () => {
    assert.throws(() => tf.unsortedSegmentSum(floats(tf, [3]).as1D(), tf.tensor1d([0, 1], "int32"), 2), {
      name: "BackendError",
      message: /one segment for each of 3 rows/,
    });
  });

  it("leaves the process's handling of rejections as it was", () => {
    for (const listener of process.rawListeners("unhandledRejection"))
      assert.doesNotMatch(String(listener), /throw reason/);
  });
});
