/** @file Truncated singular value decomposition as a step. */
import * as v from "valibot";
import { readMatrix } from "../column-matrix.ts";
import { singularDirections } from "../decomposition/truncated-svd.ts";
import type { Matrix, StepDefinition } from "../step.ts";
import type { MatrixTransformer } from "../transformer.ts";
import { isProjection, projectMatrix, projectSql, projectTensor, rowsOf } from "./projection.ts";

/** How {@link truncatedSvd} reduces. */
export interface TruncatedSvdOptions {
  /** How many components. */
  readonly components: number;
  /** For the random projection; 0 where absent. */
  readonly seed?: number;
}

const numbers = v.array(v.number());
const state = v.pipe(
  v.object({
    columns: v.array(v.string()),
    /** Orthonormal directions, one for each component. */
    directions: v.array(numbers),
    explainedVariance: numbers,
    explainedVarianceRatio: numbers,
    singularValues: numbers,
  }),
  v.check((stored) => isProjection(stored, stored), "directions must be of the columns"),
);

/** What {@link truncatedSvd} finds: see scikit-learn's attributes of the same names. */
export type TruncatedSvdState = v.InferOutput<typeof state>;

/**
 * Directions of largest sum of squares, as scikit-learn's TruncatedSVD: features `svd0`, `svd1`, …. It doesn't subtract
 * means, so that it can follow texts, whose features are mostly zero (latent semantic analysis).
 * @example columns({ review: [tfidfVectorizer(), truncatedSvd({ components: 100 })] })
 */
export function truncatedSvd(options: TruncatedSvdOptions): MatrixTransformer {
  return { kind: "truncatedSvd", settings: { ...options } };
}

/** The kind of step behind {@link truncatedSvd}. */
export const truncatedSvdStep: StepDefinition<TruncatedSvdOptions, TruncatedSvdState> = {
  kind: "truncatedSvd",
  state,
  takes: "number",
  fit: async (options, columns, queries) => fitMatrix(options, (await readMatrix(columns, queries)).matrix),
  names: ({ directions }) => directions.map((_, at) => `svd${at}`),
  sql: projectSql,
  trace: projectTensor,
  matrix: {
    fit: fitMatrix,
    apply: (fitted, matrix) =>
      projectMatrix(fitted, matrix, fitted.columns, truncatedSvdStep.names(fitted, matrix.columns)),
  },
};

function fitMatrix({ components, seed }: TruncatedSvdOptions, matrix: Matrix): TruncatedSvdState {
  const found = singularDirections(matrix, components, seed);
  return {
    columns: [...matrix.columns],
    directions: rowsOf(found.components, matrix.columns.length),
    explainedVariance: [...found.explainedVariance],
    explainedVarianceRatio: [...found.explainedVarianceRatio],
    singularValues: [...found.singularValues],
  };
}
