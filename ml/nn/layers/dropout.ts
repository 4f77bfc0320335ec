/** @file Dropout as a layer. */
import { InvalidInputError } from "../../errors.ts";
import { dropout as drop } from "../../graph/functions/random.ts";
import type { Shape } from "../../graph/shape.ts";
import { layer, type Layer, type NoParameters } from "./layer.ts";

/**
 * In training, makes each element 0 with a probability and scales the others so that the mean stays; afterwards nothing
 * (Srivastava and others, "Dropout", 2014). What is dropped is drawn from the training's seed and step.
 * @throws {@link InvalidInputError} for a rate outside [0, 1)
 */
export function dropout(rate: number): Layer<NoParameters, Shape, "same"> {
  if (!(rate >= 0 && rate < 1))
    throw new InvalidInputError(`a rate of dropout lies in [0, 1), not at ${rate}`);
  return layer<NoParameters, Shape, "same">({
    init: () => [],
    apply: (_parameters, x, { isTraining }) => (isTraining && rate > 0 ? drop(x, rate) : x),
  });
}
