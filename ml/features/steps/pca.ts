/** @file Principal component analysis as a step. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { readMatrix, rowsWithoutMissing } from "../column-matrix.ts";
import { columnMoments } from "../column-moments.ts";
import {
  componentsOfMoments,
  isTall,
  principalComponents,
  type PrincipalComponents,
} from "../decomposition/principal-components.ts";
import { toNumber } from "../fit-queries.ts";
import { isSparse } from "../../sparse-matrix.ts";
import type { StepDefinition } from "../step.ts";
import type { MatrixTransformer } from "../transformer.ts";
import {
  isProjection,
  projectMatrix,
  projectSql,
  projectTensor,
  rowsOf,
  type Projection,
} from "./projection.ts";

/** How {@link pca} reduces. */
export interface PcaOptions {
  /** How many components: a number, or a share below 1 of the variance to be explained; as many as there can be where absent. */
  readonly components?: number;
  /** Whether components are scaled to variance 1. */
  readonly whiten?: boolean;
  /** For the random projection of large data; 0 where absent. */
  readonly seed?: number;
}

const numbers = v.array(v.number());
const state = v.pipe(
  v.object({
    columns: v.array(v.string()),
    means: numbers,
    /** Orthonormal directions, one for each component. */
    directions: v.array(numbers),
    whiten: v.boolean(),
    explainedVariance: numbers,
    explainedVarianceRatio: numbers,
    singularValues: numbers,
    noiseVariance: v.number(),
  }),
  v.check(
    (stored) => isProjection(stored, { ...stored, scales: stored.explainedVariance }),
    "directions, means and variances must be of the columns",
  ),
);

/** What {@link pca} finds: see scikit-learn's attributes of the same names. */
export type PcaState = v.InferOutput<typeof state>;

/**
 * Directions of largest variance of several columns, as scikit-learn's PCA: features `pca0`, `pca1`, …. Scale the columns
 * before it, unless their units are the same. Missing values are an error in the fit and make all components missing later.
 * @example columns({ size: from(["length", "width", "height"], standardScaler(), pca({ components: 2 })) })
 */
export function pca(options: PcaOptions = {}): MatrixTransformer {
  return { kind: "pca", settings: { ...options } };
}

/** The kind of step behind {@link pca}. */
export const pcaStep: StepDefinition<PcaOptions, PcaState> = {
  kind: "pca",
  state,
  takes: "number",
  fit: async (options, columns, queries) => {
    const names = columns.map(({ name }) => name);
    const [count] = await queries.aggregate(["count(*)"]);
    if (isTall(toNumber(count), columns.length))
      return stateOf(
        names,
        componentsOfMoments(await columnMoments("pca", columns, queries), options.components),
        options,
      );
    await rowsWithoutMissing("pca", columns, queries);
    const { matrix } = await readMatrix(columns, queries);
    return stateOf(names, principalComponents(matrix, options), options);
  },
  names: ({ directions }) => directions.map((_, at) => `pca${at}`),
  sql: (fitted, columns) => projectSql(projectionOf(fitted), columns),
  trace: (fitted, columns) => projectTensor(projectionOf(fitted), columns),
  matrix: {
    fit: (options, matrix) => {
      if (isSparse(matrix))
        throw new InvalidInputError("pca would fill the zeros of texts' features: use truncatedSvd");
      return stateOf(matrix.columns, principalComponents(matrix, options), options);
    },
    apply: (fitted, matrix) =>
      projectMatrix(projectionOf(fitted), matrix, fitted.columns, pcaStep.names(fitted, matrix.columns)),
  },
};

function projectionOf({ means, directions, whiten, explainedVariance }: PcaState): Projection {
  if (!whiten) return { means, directions };
  // As scikit-learn: a direction without variance isn't blown up.
  const scales = explainedVariance.map((variance) => Math.max(Math.sqrt(variance), Number.EPSILON));
  return { means, directions, scales };
}

function stateOf(
  columns: readonly string[],
  found: PrincipalComponents,
  { whiten = false }: PcaOptions,
): PcaState {
  return {
    columns: [...columns],
    means: [...found.means],
    directions: rowsOf(found.components, columns.length),
    whiten,
    explainedVariance: [...found.explainedVariance],
    explainedVarianceRatio: [...found.explainedVarianceRatio],
    singularValues: [...found.singularValues],
    noiseVariance: found.noiseVariance,
  };
}
