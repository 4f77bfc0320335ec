/** @file What tells kinds of naive Bayes apart: how likely a row is together with each class. */
import type { DenseMatrix } from "../dense-matrix.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Features as a batch of a program in doubles. */
export type DoubleFeatures = Tensor<readonly ["rows", number], "float64">;

/** The likelihood of rows and classes together, up to what all classes of a row share. */
export interface Likelihood {
  /** The method's name in the estimator and in the JSON. */
  readonly kind: string;
  /**
   * Writes the logarithms for rows `from` to `to`, `classes` of them for each row from the start of `joint` on.
   * @throws InvalidInputError for rows that the method can't take
   */
  logarithms(rows: DenseMatrix, from: number, to: number, joint: Float64Array): void;
  /** The same as a tensor program: `[rows, classes]`. */
  trace(features: DoubleFeatures): DoubleFeatures;
  /** What was learnt, as JSON. */
  parameters(): Readonly<Record<string, unknown>>;
}
