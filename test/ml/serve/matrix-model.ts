/** @file A network of ml/nn as a package that takes tensors. */
import { toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import { tensor } from "../../../ml/graph/create.ts";
import { writeModel, type ModelSignature } from "../../../ml/package/index.ts";
import { Random } from "../../../ml/random.ts";

/** What {@link writeMatrixModel} takes and gives. */
export const matrixSignature: ModelSignature = {
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [32] }],
  outputs: [{ name: "y", type: "float32", shape: [3] }],
};

/** The weights of a layer. */
export function weights(inputs: number, outputs: number, seed: number): number[][] {
  const random = new Random(seed);
  return Array.from({ length: inputs }, () =>
    Array.from({ length: outputs }, () => Math.fround(random.normal() / Math.sqrt(inputs))),
  );
}

/** `softmax(tanh(x · w1) · w2)` of rows of 32 numbers. */
export async function writeMatrixModel(directory: string): Promise<void> {
  const [first, second] = [tensor(weights(32, 16, 1)), tensor(weights(16, 3, 2))];
  const onnx = toOnnx(({ x }: { readonly x: Tensor }) => ({ y: x.matmul(first).tanh().matmul(second) }), {
    x: { dtype: "float32", shape: ["rows", 32] },
  });
  await writeModel(directory, { onnx, signature: matrixSignature });
}

/** What the model gives for a row. */
export function matrixAnswer(row: readonly number[]): number[] {
  const product = (values: readonly number[], by: readonly (readonly number[])[]): number[] =>
    Array.from({ length: by[0]?.length ?? 0 }, (_, column) =>
      values.reduce((sum, value, at) => sum + value * (by[at]?.[column] ?? 0), 0),
    );
  return product(product(row, weights(32, 16, 1)).map(Math.tanh), weights(16, 3, 2));
}
