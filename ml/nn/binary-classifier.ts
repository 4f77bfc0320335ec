/**
 * @file A classifier of two classes by a small network over named columns.
 *
 * What it predicts with is the ONNX model that it saves: training and serving cannot differ. Fitting with the same data,
 * options and seed gives the same model, bit for bit, on the same machine.
 */
import { InvalidInputError } from "../errors.ts";
import { observed } from "../fit-observer.ts";
import { binaryLabel, type BinaryLabels } from "../labels.ts";
import { adam } from "../graph/optimizers/index.ts";
import { Random } from "../random.ts";
import { encodeRows, learnEncoding, type Encoding } from "./encoding.ts";
import { NotFittedError } from "./errors.ts";
import type { FeatureColumns, Features } from "./features.ts";
import { encodeInferenceModel } from "./inference-model.ts";
import { networkDataset, networkLoss, networkParameters, type LabelledRows } from "./loss.ts";
import { initialParameters } from "./network.ts";
import { Predictor } from "./predictor.ts";
import type { Epoch } from "./training/epoch.ts";
import { fit } from "./training/fit.ts";

/** One epoch of a fit. */
export interface EpochResult {
  /** Counted from 1. */
  readonly epoch: number;
  /** The mean loss of the epoch's training batches. */
  readonly loss: number;
  /** The mean loss of the validation rows after the epoch, where there are any. */
  readonly validationLoss: number | undefined;
  /** How long the epoch took. */
  readonly seconds: number;
}

/** The inputs and the size of a network. */
export interface BinaryClassifierOptions<Numeric extends string, Categorical extends string> {
  /** Columns of numbers; they are standardised inside the model. */
  readonly numeric: readonly Numeric[];
  /** Columns of categories; each category gets an embedding. One that training has not seen counts as neutral. */
  readonly categorical?: readonly Categorical[];
  /** Units of each hidden layer; `[]` makes it a logistic regression. */
  readonly hidden?: readonly number[];
}

/** How a network is fitted. */
export interface FitOptions<Numeric extends string, Categorical extends string> {
  /** Passes over the rows; 5 where absent. */
  readonly epochs?: number;
  /** Rows of a step; 1024 where absent. */
  readonly batchSize?: number;
  /** Adam's step size; 0.001 where absent. */
  readonly learningRate?: number;
  /** Weight of the positive class in the loss; 1 where absent. Any other shifts the probabilities. */
  readonly positiveWeight?: number;
  /** Fixes the initial weights and the order of rows; 0 where absent. */
  readonly seed?: number;
  /** Rows whose loss is computed after each epoch; they do not influence the fit. */
  readonly validation?: { readonly features: Features<Numeric, Categorical>; readonly labels: BinaryLabels };
  /** Called after each epoch. */
  readonly onEpoch?: (result: EpochResult) => void;
  /** Stops the fit, which then throws the signal's reason; the running notebook cell's where absent. */
  readonly signal?: AbortSignal;
}

/** Makes a classifier; its columns are part of its type. */
export function binaryClassifier<const Numeric extends string, const Categorical extends string = never>(
  options: BinaryClassifierOptions<Numeric, Categorical>,
): BinaryClassifier<Numeric, Categorical> {
  return new BinaryClassifier(options);
}

/** See {@link binaryClassifier}. */
export class BinaryClassifier<Numeric extends string, Categorical extends string> {
  readonly #numeric: readonly Numeric[];
  readonly #categorical: readonly Categorical[];
  readonly #hidden: readonly number[];
  #predictor: Predictor | undefined;

  /** @internal */
  constructor({
    numeric,
    categorical = [],
    hidden = [64, 32],
  }: BinaryClassifierOptions<Numeric, Categorical>) {
    const names = [...numeric, ...categorical];
    if (names.length === 0) throw new InvalidInputError("a classifier needs at least one column");
    if (new Set<string>(names).size < names.length) {
      throw new InvalidInputError("a column is named twice among a classifier's inputs");
    }
    for (const units of hidden) requirePositiveInteger("a hidden layer's size", units);
    this.#numeric = numeric;
    this.#categorical = categorical;
    this.#hidden = hidden;
  }

  /**
   * Learns from rows, by Adam on the mean binary cross-entropy. Steps run in a thread of their own and leave the event
   * loop free, so a notebook's Stop ends it. A fit that fails or is stopped leaves the model as it was.
   *
   * @returns the losses of each epoch
   * @throws {@link InvalidInputError} for data that cannot be learnt from: no rows, unequal lengths, NaN, one class only
   */
  async fit(
    features: Features<Numeric, Categorical>,
    labels: BinaryLabels,
    options: FitOptions<Numeric, Categorical> = {},
  ): Promise<EpochResult[]> {
    const { epochs = 5, batchSize = 1024, learningRate = 0.001, positiveWeight = 1, seed = 0 } = options;
    const columns = { numeric: this.#numeric, categorical: this.#categorical, hidden: this.#hidden };
    const parameters = { ...columns, epochs, batchSize, learningRate, positiveWeight, seed };
    return await observed(
      () => ({ type: "fit", name: "binaryClassifier", parameters, data: { target: labels } }),
      async () => await this.#fit(features, labels, options),
    );
  }

  async #fit(
    features: Features<Numeric, Categorical>,
    labels: BinaryLabels,
    options: FitOptions<Numeric, Categorical>,
  ): Promise<EpochResult[]> {
    const { epochs = 5, batchSize = 1024, learningRate = 0.001, positiveWeight = 1, seed = 0 } = options;
    requirePositiveInteger("epochs", epochs);
    requirePositiveInteger("batchSize", batchSize);
    requirePositive("learningRate", learningRate);
    requirePositive("positiveWeight", positiveWeight);
    const encoding = learnEncoding(features, this.#numeric, this.#categorical);
    const training = labelledRows(features, labels, encoding);
    const positives = training.labels.reduce((sum, label) => sum + label, 0);
    if (positives === 0 || positives === training.rows.rows) {
      throw new InvalidInputError(
        `all ${training.rows.rows} labels are ${positives === 0 ? 0 : 1}: both classes are needed`,
      );
    }
    const { validation } = options;
    const validationRows = validation && labelledRows(validation.features, validation.labels, encoding);
    const baseRate = positives / training.rows.rows;
    const parameters = initialParameters(encoding, this.#hidden, baseRate, new Random(seed));
    const { onEpoch, signal } = options;
    const { parameters: tensors, history } = await fit({
      parameters: networkParameters(parameters),
      loss: (current, batch) => networkLoss(encoding, current, batch, positiveWeight),
      data: networkDataset(training),
      ...(validationRows && { validation: networkDataset(validationRows) }),
      optimizer: adam(),
      learningRate,
      epochs,
      batchSize,
      // A seed may be any integer, of which 32 bits count.
      seed: seed >>> 0,
      onEpoch: (epoch) => onEpoch?.(resultOf(epoch)),
      ...(signal && { signal }),
    });
    const learnt = await Promise.all(
      parameters.map(async ({ name, shape }) => {
        const data = await tensors[name]?.data();
        if (!(data instanceof Float32Array)) throw new Error(`the training gave no "${name}"`);
        return { name, shape, data };
      }),
    );
    const fitted = await Predictor.create(encodeInferenceModel(encoding, learnt));
    await this.#predictor?.close();
    this.#predictor = fitted;
    return history.map(resultOf);
  }

  /** The probability of the positive class for each row. Throws {@link NotFittedError} before {@link fit}. */
  async predict(features: Features<Numeric, Categorical>): Promise<Float32Array> {
    return this.#fitted().predict(features);
  }

  /** Writes the model as an ONNX file that takes the raw columns by name. */
  async save(path: string): Promise<void> {
    await this.#fitted().save(path);
  }

  #fitted(): Predictor {
    if (!this.#predictor) throw new NotFittedError("the classifier has not been fitted yet: call fit first");
    return this.#predictor;
  }
}

function resultOf({ epoch, loss, validation, seconds }: Epoch): EpochResult {
  return { epoch, loss, validationLoss: validation?.loss, seconds };
}

function labelledRows(features: FeatureColumns, labels: BinaryLabels, encoding: Encoding): LabelledRows {
  const rows = encodeRows(features, encoding);
  if (rows.rows === 0) throw new InvalidInputError("there are no rows");
  if (labels.length !== rows.rows) {
    throw new InvalidInputError(
      `there are ${rows.rows} rows and ${labels.length} labels: they must be equal`,
    );
  }
  return { rows, labels: Float32Array.from(labels, binaryLabel) };
}

function requirePositiveInteger(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidInputError(`${what} must be a whole number from 1, not ${value}`);
}

function requirePositive(what: string, value: number): void {
  if (!Number.isFinite(value) || value <= 0)
    throw new InvalidInputError(`${what} must be greater than 0, not ${value}`);
}
