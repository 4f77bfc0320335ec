/** @file Whether a packaged model still answers as when it was packaged. */
import { InvalidInputError } from "../errors.ts";
import type { PackagedModel } from "./packaged-model.ts";
import { predictedByPipeline } from "./pipeline-outputs.ts";
import { compareRecorded, type Comparison, type Difference } from "./recorded-rows.ts";

/** What a replay of the recorded rows found. */
export interface Verification {
  /** Whether all answers are the recorded ones. */
  readonly passed: boolean;
  /** How many rows were replayed. */
  readonly rows: number;
  /** How much a number may differ, relative to it beyond 1. */
  readonly tolerance: number;
  /** The largest difference that there was. */
  readonly largest: number;
  /** The answers that differ by more, of the graph and of the pipeline. */
  readonly differences: readonly (Difference & { readonly by: "graph" | "pipeline" })[];
}

/**
 * Replays the recorded rows through the model's graph, and through its pipeline where the package has one.
 * @throws {@link InvalidInputError} where no rows were recorded
 */
export async function verifyModel(model: PackagedModel): Promise<Verification> {
  const { recorded, signature, pipeline } = model;
  if (!recorded)
    throw new InvalidInputError(`no rows were recorded for ${model.directory}: there is nothing to replay`);
  const byGraph = compareRecorded(signature, recorded, await model.outputs(recorded.rows));
  const byPipeline: Comparison = pipeline
    ? compareRecorded(signature, recorded, await predictedByPipeline(pipeline, signature, recorded.rows))
    : { differences: [], largest: 0 };
  const differences = [
    ...byGraph.differences.map((each) => ({ ...each, by: "graph" as const })),
    ...byPipeline.differences.map((each) => ({ ...each, by: "pipeline" as const })),
  ];
  return {
    passed: differences.length === 0,
    rows: recorded.rows.length,
    tolerance: recorded.tolerance,
    largest: Math.max(byGraph.largest, byPipeline.largest),
    differences,
  };
}
