/** @file Fits the steps that stand on all features together, on the matrix that the features of the table are. */
import type { TableSource } from "../data/table-source.ts";
import { matrixStep } from "./apply-steps.ts";
import { targetColumn } from "./fit-routes.ts";
import type { FittedFeatures } from "./fitted-features.ts";
import type { FittedStep } from "./fitted-route.ts";
import type { ClassTarget } from "./selection/target.ts";
import type { Matrix } from "./step.ts";
import type { MatrixTransformer } from "./transformer.ts";

/** Fits further steps on fitted features. */
export async function fitOnFeatures(
  features: FittedFeatures,
  steps: readonly MatrixTransformer[],
  table: TableSource,
  target: string | undefined,
): Promise<FittedFeatures> {
  const y = target === undefined ? undefined : targetColumn(table, target);
  const { matrix, carried } = await features.transformWith(
    table,
    y ? [["y", y.sql]] : [],
    y ? { y: y.isText ? "string" : "float64" } : {},
  );
  const fitted: FittedStep[] = [];
  let now: Matrix = matrix;
  for (const { kind, settings } of steps) {
    const step = matrixStep(kind);
    const given: ClassTarget | undefined = carried["y"];
    const state: unknown = await step.fit(settings, now, given);
    fitted.push({ kind, state });
    if (fitted.length < steps.length) now = step.apply(state, now);
  }
  return features.withPiped(fitted);
}
