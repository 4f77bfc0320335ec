/**
 * @file Training steps: a graph of loss and gradients on ONNX Runtime, the optimizer on typed arrays outside it.
 *
 * Parameters live in their own arrays, which every run reads as inputs and only the optimizer writes; gradients go to
 * other arrays. (One array as both a run's input and output gives silently wrong results.)
 */
import { Adam, type AdamOptions } from "./adam.ts";
import { encodeModel } from "./encode.ts";
import { gradients } from "./gradients.ts";
import { GraphError } from "./errors.ts";
import { lower } from "./lower.ts";
import { Session } from "./runtime/session.ts";
import type { TensorData } from "./runtime/tensor-data.ts";
import { input, type Value } from "./value.ts";

/** A tensor that training adjusts; its data is updated in place. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A scalar loss, with the inputs that it declares beside the parameters. */
export interface Loss {
  readonly inputs: readonly Value[];
  readonly loss: Value;
}

/** Builds a loss from the parameters, given in the same order. */
export type LossBuilder = (parameters: readonly Value[]) => Loss;

const gradientName = (parameter: Parameter): string => `gradient of ${parameter.name}`;

/** Loss, gradients and Adam for one loss function. */
export class TrainingSession implements AsyncDisposable {
  readonly #session: Session;
  readonly #parameters: readonly Parameter[];
  readonly #gradients: readonly Float32Array[];
  readonly #optimizer: Adam;

  private constructor(session: Session, parameters: readonly Parameter[], options: AdamOptions) {
    this.#session = session;
    this.#parameters = parameters;
    this.#gradients = parameters.map(({ data }) => new Float32Array(data.length));
    this.#optimizer = new Adam(
      parameters.map(({ data }) => data),
      options,
    );
  }

  /** Builds and loads the graph of a loss and of its gradients. */
  static async create(
    buildLoss: LossBuilder,
    parameters: readonly Parameter[],
    options: AdamOptions = {},
  ): Promise<TrainingSession> {
    const values = parameters.map(({ name, shape }) => input(name, "float32", shape));
    const { inputs, loss } = buildLoss(values);
    const slopes = gradients(loss, values);
    const outputs: Record<string, Value> = { loss };
    for (const [index, parameter] of parameters.entries()) {
      const slope = slopes[index];
      if (!slope) throw new GraphError(`the loss does not depend on "${parameter.name}"`);
      outputs[gradientName(parameter)] = slope;
    }
    const { model } = lower([...values, ...inputs], outputs);
    return new TrainingSession(await Session.create(encodeModel(model)), parameters, options);
  }

  /** Computes the loss and its gradients, which {@link gradients} then holds. */
  async evaluate(batch: Readonly<Record<string, TensorData>>): Promise<number> {
    const inputs: Record<string, TensorData> = { ...batch };
    const outputs: Record<string, TensorData | null> = { loss: null };
    for (const [index, parameter] of this.#parameters.entries()) {
      const data = this.#gradients[index];
      inputs[parameter.name] = { dtype: "float32", data: parameter.data, shape: parameter.shape };
      if (data) outputs[gradientName(parameter)] = { dtype: "float32", data, shape: parameter.shape };
    }
    const { loss } = await this.#session.run(inputs, outputs);
    return Number(loss?.data[0]);
  }

  /** One training step: the loss of the batch before the parameters moved. A loss that isn't finite moves nothing. */
  async step(batch: Readonly<Record<string, TensorData>>, learningRate: number): Promise<number> {
    const loss = await this.evaluate(batch);
    if (Number.isFinite(loss)) this.#optimizer.step(this.#gradients, learningRate);
    return loss;
  }

  /** The gradients of the last {@link evaluate}, in the order of the parameters. */
  get gradients(): readonly Float32Array[] {
    return this.#gradients;
  }

  /** Releases the graph. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
