/** @file Whether layers train or infer, and what they tell beside their result. */
import type { Tensor } from "../../graph/tensor.ts";

/** How layers are applied. */
export interface Mode {
  /** Whether this is a step of training: noise is added, statistics are those of the batch. */
  readonly isTraining: boolean;
  /** In training: gives a parameter that no gradient moves, such as a running mean, its value after the step. */
  readonly update: (parameter: Tensor, value: Tensor) => void;
}

/** Layers as they are applied after training. */
export const inference: Mode = {
  isTraining: false,
  update: () => undefined,
};

/** Layers as they are applied in a step of training; it gathers what they tell. */
export class TrainingMode implements Mode {
  readonly isTraining = true;
  readonly #updates = new Map<Tensor, Tensor>();

  /** The values that parameters are given after the step. */
  get updates(): ReadonlyMap<Tensor, Tensor> {
    return this.#updates;
  }

  readonly update = (parameter: Tensor, value: Tensor): void => {
    this.#updates.set(parameter, value);
  };
}
