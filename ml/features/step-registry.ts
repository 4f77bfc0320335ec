/** @file All kinds of steps, by name. */
import { InvalidInputError } from "../errors.ts";
import type { AnyStepDefinition } from "./step.ts";
import { imputerStep } from "./steps/imputer.ts";
import { oneHotStep } from "./steps/one-hot.ts";
import { ordinalStep } from "./steps/ordinal.ts";
import { maxAbsScalerStep, minMaxScalerStep, robustScalerStep } from "./steps/range-scalers.ts";
import { standardScalerStep } from "./steps/standard-scaler.ts";

const definitions = new Map<string, AnyStepDefinition>(
  [
    imputerStep,
    maxAbsScalerStep,
    minMaxScalerStep,
    oneHotStep,
    ordinalStep,
    robustScalerStep,
    standardScalerStep,
  ].map((definition: AnyStepDefinition) => [definition.kind, definition]),
);

/** The kind of step of that name. Throws {@link InvalidInputError} for one that this version doesn't know. */
export function findStep(kind: string): AnyStepDefinition {
  const found = definitions.get(kind);
  if (!found)
    throw new InvalidInputError(
      `the transformer "${kind}" is not known; there are: ${[...definitions.keys()].join(", ")}`,
    );
  return found;
}
