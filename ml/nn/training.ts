/** @file The training loop of a binary classifier. */
import { encodeOnnx } from "../graph/onnx/encode.ts";
import { lower } from "../graph/lower.ts";
import { Session } from "../graph/runtime/session.ts";
import type { TensorData } from "../graph/runtime/tensor-data.ts";
import { TrainingSession, type Loss, type Parameter } from "../graph/training-session.ts";
import { input, type Value } from "../graph/value.ts";
import { NonFiniteGradientError } from "../graph/optimizers/index.ts";
import type { Random } from "../random.ts";
import { Batcher } from "./batches.ts";
import type { EncodedRows, Encoding } from "./encoding.ts";
import { TrainingDivergedError } from "./errors.ts";
import { FitDisplay, type EpochResult } from "./fit-display.ts";
import { networkLoss } from "./loss.ts";

/** Rows with what happened. */
export interface LabelledRows {
  readonly rows: EncodedRows;
  readonly labels: Float32Array;
}

/** The settings of a training run. */
export interface TrainingOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly positiveWeight: number;
  readonly signal: AbortSignal | undefined;
  readonly onEpoch: ((result: EpochResult) => void) | undefined;
}

/** Trains the parameters in place, in batches of rows shuffled anew for each epoch. */
export async function train(
  encoding: Encoding,
  parameters: readonly Parameter[],
  training: LabelledRows,
  validation: LabelledRows | undefined,
  random: Random,
  options: TrainingOptions,
): Promise<EpochResult[]> {
  const { epochs, batchSize, learningRate, signal } = options;
  const loss = (values: readonly Value[]): Loss => networkLoss(encoding, values, options.positiveWeight);
  const names = encoding.categorical.map(({ name }) => name);
  const batcher = new Batcher(training.rows, training.labels, names, batchSize);
  const order = Uint32Array.from({ length: training.rows.rows }, (_, row) => row);
  const display = new FitDisplay(epochs, Math.ceil(order.length / batchSize));
  const results: EpochResult[] = [];
  await using session = await TrainingSession.create(loss, parameters);
  await using validator =
    validation && (await Validator.create(loss, parameters, validation, names, batchSize));
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const started = performance.now();
    random.shuffle(order);
    let sum = 0;
    for (let start = 0; start < order.length; start += batchSize) {
      signal?.throwIfAborted();
      const rows = order.subarray(start, start + batchSize);
      const where = `in step ${start / batchSize + 1} of epoch ${epoch}`;
      const stepLoss = await finiteStep(session, batcher.batch(rows), learningRate, where);
      sum += stepLoss * rows.length;
      display.step(stepLoss);
    }
    const validationLoss = await validator?.loss(signal);
    const result = {
      epoch,
      loss: sum / order.length,
      validationLoss,
      seconds: (performance.now() - started) / 1000,
    };
    results.push(result);
    display.epoch(result);
    options.onEpoch?.(result);
  }
  return results;
}

async function finiteStep(
  session: TrainingSession,
  batch: Readonly<Record<string, TensorData>>,
  learningRate: number,
  where: string,
): Promise<number> {
  let loss: number;
  try {
    loss = await session.step(batch, learningRate);
  } catch (cause) {
    if (!(cause instanceof NonFiniteGradientError)) throw cause;
    throw new TrainingDivergedError(`${where}, ${cause.message}`, { cause });
  }
  if (!Number.isFinite(loss)) {
    throw new TrainingDivergedError(
      `the loss became ${loss} ${where}: try a lower learning rate than ${learningRate}`,
    );
  }
  return loss;
}

/** The mean loss of fixed rows under parameters that change. */
class Validator implements AsyncDisposable {
  readonly #session: Session;
  readonly #parameters: Readonly<Record<string, TensorData>>;
  readonly #batcher: Batcher;
  readonly #order: Uint32Array;
  readonly #batchSize: number;

  private constructor(
    session: Session,
    parameters: readonly Parameter[],
    batcher: Batcher,
    rows: number,
    batchSize: number,
  ) {
    this.#session = session;
    this.#parameters = Object.fromEntries(
      parameters.map(({ name, data, shape }) => [name, { dtype: "float32", data, shape }] as const),
    );
    this.#batcher = batcher;
    this.#order = Uint32Array.from({ length: rows }, (_, row) => row);
    this.#batchSize = batchSize;
  }

  static async create(
    buildLoss: (parameters: readonly Value[]) => Loss,
    parameters: readonly Parameter[],
    { rows, labels }: LabelledRows,
    categoricalNames: readonly string[],
    batchSize: number,
  ): Promise<Validator> {
    const values = parameters.map(({ name, shape }) => input(name, "float32", shape));
    const { inputs, loss } = buildLoss(values);
    const session = await Session.create(encodeOnnx(lower([...values, ...inputs], { loss }).model));
    return new Validator(
      session,
      parameters,
      new Batcher(rows, labels, categoricalNames, batchSize),
      rows.rows,
      batchSize,
    );
  }

  async loss(signal: AbortSignal | undefined): Promise<number> {
    let sum = 0;
    for (let start = 0; start < this.#order.length; start += this.#batchSize) {
      signal?.throwIfAborted();
      const rows = this.#order.subarray(start, start + this.#batchSize);
      const { loss } = await this.#session.run(
        { ...this.#parameters, ...this.#batcher.batch(rows) },
        { loss: null },
      );
      sum += Number(loss?.data[0]) * rows.length;
    }
    return sum / this.#order.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.close();
  }
}
