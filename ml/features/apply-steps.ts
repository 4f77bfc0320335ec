/** @file Fitted steps applied to a matrix of features. */
import { InvalidInputError } from "../errors.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";
import type { FittedStep } from "./fitted-route.ts";
import { isSparse, toDense } from "../sparse-matrix.ts";
import { findStep } from "./step-registry.ts";
import type { Matrix, MatrixStep } from "./step.ts";

/** The features that steps make of features, as float32. */
export function applySteps(steps: readonly FittedStep[], features: FeatureMatrix): FeatureMatrix {
  if (steps.length === 0) return features;
  const made = steps.reduce<Matrix>(
    (matrix, { kind, state }) => matrixStep(kind).apply(state, matrix),
    features,
  );
  const { data, rows, columns } = isSparse(made) ? toDense(made) : made;
  return { data: data instanceof Float32Array ? data : Float32Array.from(data), rows, columns };
}

/** How a kind of step works on matrices. Throws {@link InvalidInputError} for one that doesn't. */
// oxlint-disable-next-line typescript/no-explicit-any -- the unknown settings and state
export function matrixStep(kind: string): MatrixStep<any, any> {
  const { matrix } = findStep(kind);
  if (!matrix) throw new InvalidInputError(`${kind} works on columns, not on all features together`);
  return matrix;
}
