/** @file Estimators that learn from some rows of a matrix and predict others. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import type { Classifier, FitOptions, Regressor } from "../../estimator.ts";
import type { ClassTarget, NumericTarget } from "../../target.ts";
import { gathered, matrixRows } from "../../row-selection.ts";
import type { Weights } from "../weights.ts";
import type { ClassPrediction } from "./classification-scorers.ts";
import type { FitRows } from "./score-splits.ts";

/** A classifier's fit on some rows. */
export function fitOfClassifier(
  estimator: Classifier,
  matrix: DenseMatrix,
  target: ClassTarget,
  weights: Weights | undefined,
): FitRows<ClassPrediction> {
  return async (train, signal) => {
    const model = await estimator.fit(
      matrixRows(matrix, train),
      gathered(target, train),
      optionsOf(train, weights, signal),
    );
    return async (rows) => {
      const wanted = matrixRows(matrix, rows);
      return {
        classes: model.classes,
        predicted: await model.predict(wanted),
        probabilities: await model.predictProbabilities(wanted),
      };
    };
  };
}

/** A regressor's fit on some rows. */
export function fitOfRegressor(
  estimator: Regressor,
  matrix: DenseMatrix,
  target: NumericTarget,
  weights: Weights | undefined,
): FitRows<Float64Array> {
  return async (train, signal) => {
    const model = await estimator.fit(
      matrixRows(matrix, train),
      gathered(target, train),
      optionsOf(train, weights, signal),
    );
    return async (rows) => await model.predict(matrixRows(matrix, rows));
  };
}

function optionsOf(
  train: Uint32Array,
  weights: Weights | undefined,
  signal: AbortSignal | undefined,
): FitOptions {
  return { ...(weights && { weights: gathered(weights, train) }), ...(signal && { signal }) };
}
