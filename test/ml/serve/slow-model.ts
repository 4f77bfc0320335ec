/** @file A package whose every row takes some milliseconds, so that it is run in threads and can be asked too much. */
import { tensor } from "../../../ml/graph/create.ts";
import { toOnnx, type Tensor } from "../../../ml/graph/index.ts";
import { writeModel, type ModelSignature } from "../../../ml/package/index.ts";
import { weights } from "./matrix-model.ts";

const signature: ModelSignature = {
  inputs: [{ name: "x", type: "float32", dtype: "float32", required: true, shape: [2] }],
  outputs: [{ name: "y", type: "float32" }],
};

/** Products of a matrix of `size` by itself for each row: some 10 ms a row at 512. */
export async function writeSlowModel(directory: string, size = 512): Promise<void> {
  const spread = tensor(weights(2, size, 1));
  const onnx = toOnnx(
    ({ x }: { readonly x: Tensor }) => {
      const wide: Tensor = x.matmul(spread).tanh();
      const matrix: Tensor = wide.unsqueeze(1).mul(wide.unsqueeze(2));
      return { y: matrix.matmul(matrix).tanh().matmul(matrix).mean(2).mean(1) };
    },
    { x: { dtype: "float32", shape: ["rows", 2] } },
  );
  await writeModel(directory, { onnx, signature });
}

/** A call of it with so many rows, as JSON. */
export function slowCall(rows: number, parameters: Readonly<Record<string, number>> = {}): object {
  const data = Array.from({ length: rows * 2 }, (_, at) => 0.1 + (at % 7) / 10);
  return { inputs: [{ name: "x", shape: [rows, 2], datatype: "FP32", data }], parameters };
}
