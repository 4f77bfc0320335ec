/**
 * @file Training steps: a graph of loss and gradients on ONNX Runtime, the optimizer on typed arrays outside it.
 *
 * Parameters live in their own arrays, which every run reads as inputs and only the optimizer writes; gradients go to
 * other arrays. (One array as both a run's input and output gives silently wrong results.)
 */
import { Adam, type AdamOptions } from "./adam.ts";
import { encodeModel } from "./encode.ts";
import { gradients } from "./gradients.ts";
import { Graph } from "./graph.ts";
import { Session, type TensorData } from "./session.ts";
import type { Value } from "./value.ts";

/** A tensor that training adjusts; its data is updated in place. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Builds a scalar loss from the parameters, given in the same order, and from inputs that it declares. */
export type LossBuilder = (graph: Graph, parameters: readonly Value[]) => Value;

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
    const graph = new Graph();
    const values = parameters.map(({ name, shape }) => graph.input(name, "float32", shape));
    const loss = buildLoss(graph, values);
    const slopes = gradients(graph, loss, values);
    graph.output("loss", loss);
    for (const [index, parameter] of parameters.entries()) {
      const slope = slopes[index];
      if (slope) graph.output(gradientName(parameter), slope);
    }
    return new TrainingSession(await Session.create(encodeModel(graph)), parameters, options);
  }

  /** Computes the loss and its gradients, which {@link gradients} then holds. */
  async evaluate(batch: Readonly<Record<string, TensorData>>): Promise<number> {
    const inputs: Record<string, TensorData> = { ...batch };
    const outputs: Record<string, { data: Float32Array; shape: readonly number[] } | null> = { loss: null };
    for (const [index, parameter] of this.#parameters.entries()) {
      const data = this.#gradients[index];
      inputs[parameter.name] = { type: "float32", data: parameter.data, shape: parameter.shape };
      if (data) outputs[gradientName(parameter)] = { data, shape: parameter.shape };
    }
    const { loss } = await this.#session.run(inputs, outputs);
    return loss?.[0] ?? Number.NaN;
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
