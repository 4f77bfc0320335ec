/** @file Predictions of a forest for a matrix. */
import { checkWidth, type DenseMatrix } from "../dense-matrix.ts";
import { Turns } from "../turns.ts";
import type { Forest } from "./forest.ts";
import { compileForest, type ForestPredictor } from "./predictor/compile-forest.ts";
import { applyLink } from "./predictor/link.ts";

/** How a forest's predictions are made. */
export interface PredictOptions {
  /** Gives the sums over the trees, before the link. */
  readonly margins?: boolean;
  /** Stops it; it then throws the signal's reason. The running cell's where absent. */
  readonly signal?: AbortSignal;
}

/** Rows between two looks at the clock. */
const blockRows = 4096;

/** The predictors of forests that were used, which go with them. */
const predictors = new WeakMap<Forest, ForestPredictor>();

/**
 * What a forest makes of each row, row-major: `rows` by `forest.outputs` numbers. Gives the event loop turns.
 * @throws {@link InvalidInputError} for another number of columns, or what is no forest
 */
export async function predictForest(
  forest: Forest,
  matrix: DenseMatrix,
  { margins = false, signal }: PredictOptions = {},
): Promise<Float64Array> {
  checkWidth(matrix, forest.featureNames);
  let predictor = predictors.get(forest);
  if (!predictor) predictors.set(forest, (predictor = compileForest(forest)));
  const { outputs, link } = forest;
  const turns = new Turns(signal);
  const numbers = new Float64Array(matrix.rows * outputs);
  for (let start = 0; start < matrix.rows; start += blockRows) {
    const count = Math.min(blockRows, matrix.rows - start);
    predictor.predictRange(matrix.data, start, count, numbers);
    if (!margins && link !== "identity")
      for (let row = start; row < start + count; row++) applyLink(link, numbers, row * outputs, outputs);
    if (turns.due) await turns.give();
  }
  return numbers;
}
