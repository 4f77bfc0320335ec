/** @file All kinds of steps, by name. */
import { InvalidInputError } from "../errors.ts";
import type { AnyStepDefinition } from "./step.ts";
import { binningStep } from "./steps/binning.ts";
import { crossStep } from "./steps/cross.ts";
import { dateCyclesStep, datePartsStep } from "./steps/dates.ts";
import { hashingStep } from "./steps/hashing.ts";
import { hashingVectorizerStep } from "./steps/hashing-vectorizer.ts";
import { imputerStep } from "./steps/imputer.ts";
import { oneHotStep } from "./steps/one-hot.ts";
import { ordinalStep } from "./steps/ordinal.ts";
import { passthroughStep } from "./steps/passthrough.ts";
import { pcaStep } from "./steps/pca.ts";
import { polynomialStep } from "./steps/polynomial.ts";
import { powerScalerStep } from "./steps/power-scaler.ts";
import { quantileScalerStep } from "./steps/quantile-scaler.ts";
import { targetEncoderStep } from "./steps/target-encoder.ts";
import { tensorFunctionStep } from "./steps/tensor-function.ts";
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
import { countVectorizerStep, tfidfVectorizerStep } from "./steps/word-vectorizers.ts";

const definitions = new Map<string, AnyStepDefinition>(
  [
    binningStep,
    countVectorizerStep,
    crossStep,
    dateCyclesStep,
    datePartsStep,
    hashingStep,
    hashingVectorizerStep,
    imputerStep,
    maxAbsScalerStep,
    minMaxScalerStep,
    oneHotStep,
    ordinalStep,
    passthroughStep,
    pcaStep,
    polynomialStep,
    powerScalerStep,
    quantileScalerStep,
    recursiveEliminationStep,
    robustScalerStep,
    selectFromLassoStep,
    selectFromLogisticStep,
    selectKBestStep,
    targetEncoderStep,
    tensorFunctionStep,
    standardScalerStep,
    tfidfVectorizerStep,
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
