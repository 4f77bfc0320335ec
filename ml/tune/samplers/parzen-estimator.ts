/** @file A density of some parameters together, made of the values that were observed: a mixture of products of kernels. */
import type { Random } from "../../random.ts";
import type { NamedParameter } from "../space.ts";
import { parameterKernels, type ParameterKernels } from "./parzen-kernels.ts";

/** From how many observations on old ones weigh less. */
const fullWeights = 25;

/** A mixture with a component for each observation, and one for the prior. */
export class ParzenEstimator {
  readonly #kernels: readonly ParameterKernels[];
  readonly #weights: Float64Array;
  readonly #logWeights: Float64Array;

  /**
   * @param observations the values of each observation, oldest first, in the order of the parameters
   */
  constructor(parameters: readonly NamedParameter[], observations: readonly (readonly number[])[]) {
    this.#kernels = parameters.map(({ distribution }, at) =>
      parameterKernels(
        distribution,
        Float64Array.from(observations, (values) => values[at] ?? 0),
      ),
    );
    this.#weights = componentWeights(observations.length);
    this.#logWeights = this.#weights.map(Math.log);
  }

  /** A value of each parameter. */
  sample(random: Random): number[] {
    let rest = random.uniform();
    let component = 0;
    while (component < this.#weights.length - 1 && rest >= (this.#weights[component] ?? 0))
      rest -= this.#weights[component++] ?? 0;
    return this.#kernels.map((kernels) => kernels.sample(component, random));
  }

  /** The log density of a value of each parameter. */
  logDensity(values: readonly number[]): number {
    const sums = this.#logWeights.slice();
    for (const [at, kernels] of this.#kernels.entries()) kernels.addLogDensities(values[at] ?? 0, sums);
    let largest = Number.NEGATIVE_INFINITY;
    for (const sum of sums) largest = Math.max(largest, sum);
    if (largest === Number.NEGATIVE_INFINITY) return largest;
    let total = 0;
    for (const sum of sums) total += Math.exp(sum - largest);
    return largest + Math.log(total);
  }
}

/** The newest observations and the prior weigh the same; those before rise from 1 / count to that. The sum is 1. */
function componentWeights(count: number): Float64Array {
  const weights = new Float64Array(count + 1).fill(1);
  const older = count - fullWeights;
  for (let index = 0; index < older; index++)
    weights[index] = older === 1 ? 1 / count : 1 / count + (index / (older - 1)) * (1 - 1 / count);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
