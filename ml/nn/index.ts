/** @file `tenon/nn`: neural networks that learn from columns and leave as ONNX. */
export { binaryClassifier } from "./binary-classifier.ts";
export type { BinaryClassifier, BinaryClassifierOptions, FitOptions } from "./binary-classifier.ts";
export type { CategoryColumn, FeatureColumns, Features, NumericColumn } from "./features.ts";
export type { BinaryLabels } from "../labels.ts";
export type { EpochResult } from "./fit-display.ts";
export { loadPredictor } from "./predictor.ts";
export type { Predictor } from "./predictor.ts";
export { ModelFileError, NotFittedError, TrainingDivergedError } from "./errors.ts";
