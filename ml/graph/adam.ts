/** The settings of {@link Adam}, with the paper's defaults. */
export interface AdamOptions {
  /** Decay of the gradients' running mean. */
  readonly beta1?: number;
  /** Decay of the squared gradients' running mean. */
  readonly beta2?: number;
  /** Keeps the division defined where gradients vanish. */
  readonly epsilon?: number;
}

/**
 * The Adam optimizer (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1) over parameters
 * that are updated in place.
 */
export class Adam {
  readonly #parameters: readonly Float32Array[];
  readonly #means: readonly Float32Array[];
  readonly #squares: readonly Float32Array[];
  readonly #beta1: number;
  readonly #beta2: number;
  readonly #epsilon: number;
  #steps = 0;

  constructor(
    parameters: readonly Float32Array[],
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {},
  ) {
    this.#parameters = parameters;
    this.#means = parameters.map(({ length }) => new Float32Array(length));
    this.#squares = parameters.map(({ length }) => new Float32Array(length));
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#epsilon = epsilon;
  }

  /** Moves every parameter one step against its gradient. */
  step(gradients: readonly Float32Array[], learningRate: number): void {
    this.#steps++;
    const rate = learningRate / (1 - this.#beta1 ** this.#steps);
    const squareScale = 1 / Math.sqrt(1 - this.#beta2 ** this.#steps);
    for (const [index, parameter] of this.#parameters.entries()) {
      const gradient = gradients[index];
      const mean = this.#means[index];
      const square = this.#squares[index];
      if (gradient && mean && square) this.#update(parameter, gradient, mean, square, rate, squareScale);
    }
  }

  #update(
    parameter: Float32Array,
    gradient: Float32Array,
    means: Float32Array,
    squares: Float32Array,
    rate: number,
    squareScale: number,
  ): void {
    const beta1 = this.#beta1;
    const beta2 = this.#beta2;
    const epsilon = this.#epsilon;
    for (let index = 0; index < parameter.length; index++) {
      const slope = gradient[index] ?? 0;
      const mean = beta1 * (means[index] ?? 0) + (1 - beta1) * slope;
      const square = beta2 * (squares[index] ?? 0) + (1 - beta2) * slope * slope;
      means[index] = mean;
      squares[index] = square;
      parameter[index] =
        (parameter[index] ?? 0) - (rate * mean) / (Math.sqrt(square) * squareScale + epsilon);
    }
  }
}
