/** @file What selection asks of a model, whatever it is made with. */
import type { DenseMatrix } from "../../dense-matrix.ts";

/** A model that says how much each column matters. */
export interface ImportanceModel {
  /** Fits on rows and their targets; importances are not negative, one for each column. */
  readonly fit: (
    matrix: DenseMatrix,
    target: Float64Array,
  ) => { readonly importances: ArrayLike<number> } | Promise<{ readonly importances: ArrayLike<number> }>;
}

/** A fitted model that predicts a number for each row. */
export interface PredictingModel {
  readonly predict: (matrix: DenseMatrix) => ArrayLike<number> | Promise<ArrayLike<number>>;
}

/** How good predictions are: higher is better. */
export type Score = (target: Float64Array, predictions: ArrayLike<number>) => number;
