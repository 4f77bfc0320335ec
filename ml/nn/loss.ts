/** @file What a classifier's network learns from, and its loss: as `fit` takes them. */
import { fromData } from "../graph/create.ts";
import { binaryCrossEntropy } from "../graph/ops/losses.ts";
import { mean } from "../graph/ops/reduce.ts";
import { Tensor } from "../graph/tensor.ts";
import type { EncodedRows, Encoding } from "./encoding.ts";
import { network, type Parameter } from "./network.ts";
import { dataset, type Dataset } from "./training/dataset.ts";

/** Rows with what happened. */
export interface LabelledRows {
  readonly rows: EncodedRows;
  readonly labels: Float32Array;
}

/** Rows as columns of tensors. */
export type NetworkRows = {
  /** float32 `[rows, numeric columns]`; none where there are no such columns. */
  readonly numeric: readonly Tensor[];
  /** int64 `[rows]` for each categorical column. */
  readonly categories: readonly Tensor[];
  /** float32 `[rows, 1]`. */
  readonly labels: Tensor;
};

/** A network's parameters by their names. */
export type NetworkParameters = { readonly [name: string]: Tensor };

/** Encoded rows as a dataset. */
export function networkDataset({ rows, labels }: LabelledRows): Dataset<NetworkRows> {
  const { rows: count, numeric, categories } = rows;
  return dataset<NetworkRows>({
    numeric: numeric.length === 0 ? [] : [fromData("float32", numeric, [count, numeric.length / count])],
    categories: categories.map((numbers) => fromData("int64", BigInt64Array.from(numbers, BigInt), [count])),
    labels: fromData("float32", labels, [count, 1]),
  });
}

/** Parameters as tensors by their names. */
export function networkParameters(parameters: readonly Parameter[]): NetworkParameters {
  return Object.fromEntries(
    parameters.map(({ name, shape, data }) => [name, fromData("float32", data, shape)]),
  );
}

/** The mean loss of a network over a batch of {@link networkDataset} under {@link networkParameters}. */
export function networkLoss(
  encoding: Encoding,
  parameters: NetworkParameters,
  { numeric: [numbers], categories, labels }: NetworkRows,
  positiveWeight: number,
): Tensor<readonly []> {
  const values = Object.values(parameters).map(({ value }) => value);
  const numbersOfCategories = categories.map(({ value }) => value);
  const logits = network(encoding, numbers?.value, numbersOfCategories, values);
  return new Tensor<readonly []>(mean(binaryCrossEntropy(logits, labels.value, positiveWeight)));
}
