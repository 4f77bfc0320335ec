/** @file Steps on texts computed as sparse rows: a text has few of the words that are features. */
import type { FittedRoute } from "./fitted-route.ts";
import { isSparse } from "../sparse-matrix.ts";
import { findStep } from "./step-registry.ts";
import type { Matrix } from "./step.ts";

/**
 * What a route makes of texts, where its first step computes sparse rows and all others take matrices; undefined for
 * other routes, whose tensor program computes them.
 */
export function featuresOfTexts({ steps }: FittedRoute): ((texts: readonly string[]) => Matrix) | undefined {
  const [first, ...others] = steps.map(({ kind, state }) => ({ definition: findStep(kind), state }));
  const ofTexts = first?.definition.ofTexts;
  if (!first || !ofTexts || others.some(({ definition }) => !definition.matrix)) return undefined;
  return (texts) =>
    others.reduce<Matrix>(
      (matrix, { definition, state }) => definition.matrix?.apply(state, matrix) ?? matrix,
      ofTexts(first.state, texts),
    );
}

/** Writes features into a matrix of `width` columns, from a row and a column on. */
export function writeFeatures(
  data: Float32Array,
  width: number,
  row: number,
  start: number,
  features: Matrix,
): void {
  const { rows, columns } = features;
  for (let each = 0; each < rows; each++) {
    const to = (row + each) * width + start;
    if (isSparse(features)) {
      for (let at = features.starts[each] ?? 0; at < (features.starts[each + 1] ?? 0); at++)
        data[to + (features.indexes[at] ?? 0)] = features.data[at] ?? 0;
    } else {
      const from = each * columns.length;
      for (let at = 0; at < columns.length; at++) data[to + at] = features.data[from + at] ?? 0;
    }
  }
}
