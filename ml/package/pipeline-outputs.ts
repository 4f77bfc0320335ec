/** @file What a pipeline itself, not its graph, says of rows. */
import type { FittedPipeline } from "../pipeline/index.ts";
import type { ModelRow } from "./cell-values.ts";
import type { OutputArray } from "./row-feeds.ts";
import { withRowTable } from "./row-table.ts";
import type { ModelSignature } from "./signature.ts";

/**
 * The outputs of the signature that {@link inferSignature} gives, computed by the pipeline.
 * @throws what the pipeline refuses
 */
export async function predictedByPipeline(
  pipeline: FittedPipeline,
  signature: ModelSignature,
  rows: readonly ModelRow[],
): Promise<ReadonlyMap<string, OutputArray>> {
  return await withRowTable(signature, rows, async (table) =>
    pipeline.task === "regression"
      ? new Map([["prediction", Array.from(await pipeline.predict(table))]])
      : new Map<string, OutputArray>([
          ["label", await pipeline.predict(table)],
          ["probabilities", Array.from(await pipeline.predictProbabilities(table))],
        ]),
  );
}
