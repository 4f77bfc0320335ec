/** @file What a model's graph says of rows. */
import type { Session } from "../graph/runtime/session.ts";
import type { ModelRow } from "./cell-values.ts";
import { outputArray, rowFeeds, type OutputArray } from "./row-feeds.ts";
import type { ModelSignature } from "./signature.ts";

/**
 * The outputs of the signature, computed by ONNX Runtime.
 * @throws {@link InvalidInputError} for rows that don't fit the signature, {@link RuntimeError} where the graph fails
 */
export async function predictedByGraph(
  session: Session,
  signature: ModelSignature,
  rows: readonly ModelRow[],
): Promise<ReadonlyMap<string, OutputArray>> {
  const wanted = Object.fromEntries(signature.outputs.map(({ name }) => [name, null]));
  const found = await session.run(rowFeeds(signature, rows), wanted);
  return new Map(
    signature.outputs.map((output) => [output.name, outputArray(output, found[output.name], rows.length)]),
  );
}
