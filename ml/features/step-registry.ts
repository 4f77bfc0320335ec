/** @file All kinds of steps, by name. */
import { InvalidInputError } from "../errors.ts";
import type { AnyStepDefinition } from "./step.ts";
import { imputerStep } from "./steps/imputer.ts";
import { oneHotStep } from "./steps/one-hot.ts";
import { ordinalStep } from "./steps/ordinal.ts";
import { pcaStep } from "./steps/pca.ts";
import { maxAbsScalerStep, minMaxScalerStep, robustScalerStep } from "./steps/range-scalers.ts";
import {
  recursiveEliminationStep,
  selectFromLassoStep,
  selectFromLogisticStep,
} from "./steps/select-from-model.ts";
import { selectKBestStep } from "./steps/select-k-best.ts";
import { standardScalerStep } from "./steps/standard-scaler.ts";
import { truncatedSvdStep } from "./steps/truncated-svd.ts";
import { varianceThresholdStep } from "./steps/variance-threshold.ts";

const definitions = new Map<string, AnyStepDefinition>(
  [
    imputerStep,
    maxAbsScalerStep,
    minMaxScalerStep,
    oneHotStep,
    ordinalStep,
    pcaStep,
    recursiveEliminationStep,
    robustScalerStep,
    selectFromLassoStep,
    selectFromLogisticStep,
    selectKBestStep,
    standardScalerStep,
    truncatedSvdStep,
    varianceThresholdStep,
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
