/** @file Fits the steps that stand on all features together, on the matrix that the features of the table are. */
import { matrixStep } from "./apply-steps.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";
import type { FittedStep } from "./fitted-route.ts";
import type { ClassTarget } from "../target.ts";
import type { Matrix } from "./step.ts";
import type { MatrixTransformer } from "./transformer.ts";

/** Fits steps, each on what the one before gives. */
export async function fitOnFeatures(
  steps: readonly MatrixTransformer[],
  features: FeatureMatrix,
  target: ClassTarget | undefined,
): Promise<readonly FittedStep[]> {
  const fitted: FittedStep[] = [];
  let matrix: Matrix = features;
  for (const { kind, settings } of steps) {
    const step = matrixStep(kind);
    const state: unknown = await step.fit(settings, matrix, target);
    fitted.push({ kind, state });
    if (fitted.length < steps.length) matrix = step.apply(state, matrix);
  }
  return fitted;
}
