/** @file `tenon/nn`: neural networks: layers over trees of parameters, training, and models that leave as ONNX. */
export { binaryClassifier } from "./binary-classifier.ts";
export type {
  BinaryClassifier,
  BinaryClassifierOptions,
  EpochResult,
  FitOptions,
} from "./binary-classifier.ts";
export type { CategoryColumn, FeatureColumns, Features, NumericColumn } from "./features.ts";
export type { BinaryLabels } from "../labels.ts";
export { loadPredictor } from "./predictor.ts";
export type { Predictor } from "./predictor.ts";
export { categoriesOf, fromTable, streamTable, type TableStreamSettings } from "./tables/from-table.ts";
export type { CategoryValue, RowFeatures, SelectedRows, TableSelection } from "./tables/table-selection.ts";
export { layer } from "./layers/layer.ts";
export type { Apply, Layer, LayerDefinition, NoParameters, Outcome } from "./layers/layer.ts";
export { inference } from "./layers/mode.ts";
export type { Mode } from "./layers/mode.ts";
export { activation, relu, sigmoid, tanh } from "./layers/activations.ts";
export { embedding } from "./layers/embedding.ts";
export type { Embedding, EmbeddingParameters } from "./layers/embedding.ts";
export { conv1d, conv2d, convTranspose2d } from "./layers/convolution.ts";
export type {
  ConvolutionParameters,
  ConvolutionSettings,
  TransposedConvolutionSettings,
} from "./layers/convolution.ts";
export { avgPool2d, flatten, globalAvgPool, maxPool1d, maxPool2d } from "./layers/pooling.ts";
export type { PoolingSettings, SpatialLayer } from "./layers/pooling.ts";
export { batchNorm, groupNorm, layerNorm, rmsNorm } from "./layers/normalization.ts";
export type {
  AffineParameters,
  BatchNormParameters,
  BatchNormSettings,
  RmsNormParameters,
} from "./layers/normalization.ts";
export { multiHeadAttention, transformerBlock } from "./layers/attention.ts";
export type {
  AttentionParameters,
  AttentionSettings,
  Steps,
  TransformerParameters,
  TransformerSettings,
} from "./layers/attention.ts";
export { bidirectionalGru, bidirectionalLstm, gru, lastStep, lstm, rnn } from "./layers/recurrent.ts";
export type {
  DirectionParameters,
  RecurrentNetwork,
  RecurrentParameters,
  RecurrentSettings,
} from "./layers/recurrent.ts";
export { residual } from "./layers/residual.ts";
export { dropout } from "./layers/dropout.ts";
export { linear } from "./layers/linear.ts";
export type { LinearOptions, LinearParameters } from "./layers/linear.ts";
export { sequential } from "./layers/sequential.ts";
export type { AnyLayer, Sequential, SequentialParameters } from "./layers/sequential.ts";
export * as initialisers from "./layers/initialisers.ts";
export { Dataset, dataset } from "./training/dataset.ts";
export type { BatchOf, RowsOf } from "./training/dataset.ts";
export { adagrad, adam, adamW, lamb, learningRateAt, lion, rmsProp, sgd } from "../graph/optimizers/index.ts";
export type * from "../graph/optimizers/index.ts";
export { stream } from "./training/stream.ts";
export type { Stream, StreamDefinition } from "./training/stream.ts";
export { StateDict } from "./state-dict.ts";
export type { RecurrentModule } from "./state-dict.ts";
export { saveTfjsModel } from "./tfjs/save-tfjs.ts";
export { loadTfjsModel } from "./tfjs/load-tfjs.ts";
export { loadParameters, saveParameters } from "./parameters-file.ts";
export { fit } from "./training/fit.ts";
export type { Fitted } from "./training/fit.ts";
export type { EarlyStopping, FitSettings } from "./training/fit-settings.ts";
export type { Epoch, Measures } from "./training/epoch.ts";
export type { LossFunction, LossResult } from "./training/training-program.ts";
export { ModelFileError, NotFittedError, TrainingDivergedError } from "./errors.ts";
export type { NonFiniteOrigin } from "./errors.ts";
