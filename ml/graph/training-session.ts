/**
 * @file Training steps: a graph of loss and gradients on ONNX Runtime, the optimizer in WebAssembly outside it.
 *
 * Parameters live in the caller's arrays, which every run reads as inputs; a step takes them into the optimizer's memory and
 * back. Gradients go straight to that memory. (One array as both a run's input and output gives silently wrong results.)
 */
import { encodeOnnx } from "./onnx/encode.ts";
import { gradients } from "./gradients.ts";
import { GraphError } from "./errors.ts";
import { lower } from "./lower.ts";
import { Session } from "./runtime/session.ts";
import type { TensorData } from "./runtime/tensor-data.ts";
import { input, type Value } from "./value.ts";
import { adam, NonFiniteGradientError, OptimizerState, type Optimizer } from "./optimizers/index.ts";

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

/** Loss, gradients and optimizer for one loss function. */
export class TrainingSession implements AsyncDisposable {
  readonly #session: Session;
  readonly #parameters: readonly Parameter[];
  readonly #state: OptimizerState;

  private constructor(session: Session, parameters: readonly Parameter[], state: OptimizerState) {
    this.#session = session;
    this.#parameters = parameters;
    this.#state = state;
  }

  /** Builds and loads the graph of a loss and of its gradients. Weight decay reaches every parameter. */
  static async create(
    buildLoss: LossBuilder,
    parameters: readonly Parameter[],
    optimizer: Optimizer = adam(),
  ): Promise<TrainingSession> {
    const state = new OptimizerState(
      parameters.map(({ name, shape }) => ({ name, shape, decay: true })),
      optimizer,
    );
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
    return new TrainingSession(await Session.create(encodeOnnx(model)), parameters, state);
  }

  /** Computes the loss and its gradients, which {@link gradients} then holds. */
  async evaluate(batch: Readonly<Record<string, TensorData>>): Promise<number> {
    const inputs: Record<string, TensorData> = { ...batch };
    const outputs: Record<string, TensorData | null> = { loss: null };
    for (const [index, parameter] of this.#parameters.entries()) {
      const data = this.#state.gradients[index];
      inputs[parameter.name] = { dtype: "float32", data: parameter.data, shape: parameter.shape };
      if (data) outputs[gradientName(parameter)] = { dtype: "float32", data, shape: parameter.shape };
    }
    const { loss } = await this.#session.run(inputs, outputs);
    return Number(loss?.data[0]);
  }

  /**
   * One training step: the loss of the batch before the parameters moved. A loss that isn't finite moves nothing.
   * @throws {@link NonFiniteGradientError} where the loss is finite and a gradient is not; nothing has moved then either
   */
  async step(batch: Readonly<Record<string, TensorData>>, learningRate: number): Promise<number> {
    const loss = await this.evaluate(batch);
    if (!Number.isFinite(loss)) return loss;
    for (const [index, { data }] of this.#parameters.entries()) this.#state.parameters[index]?.set(data);
    const { nonFinite } = this.#state.step(learningRate);
    if (nonFinite !== undefined) {
      throw new NonFiniteGradientError(
        `the gradient of "${nonFinite}" holds NaN or an infinity though the loss is ${loss}: try a lower learning rate than ${learningRate}`,
      );
    }
    for (const [index, { data }] of this.#parameters.entries()) {
      const moved = this.#state.parameters[index];
      if (moved) data.set(moved);
    }
    return loss;
  }

  /** The gradients of the last {@link evaluate}, in the order of the parameters. */
  get gradients(): readonly Float32Array[] {
    return this.#state.gradients;
  }

  /** Releases the graph. */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
