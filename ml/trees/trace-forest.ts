/** @file A forest as a tensor program, and so as ONNX. */
import type { FeatureTensor } from "../estimator.ts";
import { tensor } from "../graph/create.ts";
import { concat } from "../graph/functions/arrange.ts";
import { abs, exp, isNaN as isMissing, where } from "../graph/functions/elementwise.ts";
import { take } from "../graph/functions/indexing.ts";
import { sigmoid, softmax } from "../graph/functions/activations.ts";
import { treeEnsemble } from "../graph/ops/tree-ensemble.ts";
import { Tensor } from "../graph/tensor.ts";
import { nextDown } from "./predictor/next-number.ts";
import { ensembleOf, setsOf, type NodeSet } from "./ensemble-nodes.ts";
import type { Forest } from "./forest.ts";

/** What a forest gives as a tensor program. */
export type ForestTensor = Tensor<readonly ["rows", number], "float32">;

/** How a forest is traced. */
export interface TraceForestOptions {
  /** Gives the sums over the trees, before the link. */
  readonly margins?: boolean;
}

/**
 * What a forest makes of each row as a tensor program, `[rows, outputs]`: one TreeEnsembleRegressor (ai.onnx.ml 3), the
 * link behind it. It equals {@link predictForest} for rows of float32, but that it adds in float32: thresholds that are
 * doubles are rounded to the float32 that parts the same float32 values. A categorical test becomes a column before the
 * trees, 0 where the feature's value is in the set and 1 where it isn't.
 */
export function traceForest(
  forest: Forest,
  features: FeatureTensor,
  { margins = false }: TraceForestOptions = {},
): ForestTensor {
  const sets = setsOf(forest);
  const compared = withoutZeros(forest, features);
  const columns = sets.length === 0 ? compared : concat([compared, ...membership(forest, features, sets)], 1);
  const trees = treeEnsemble(columns.value, ensembleOf(forest, sets));
  // The operator's own base stays out of targets that no tree adds to.
  const sums = new Tensor<readonly ["rows", number], "float32">(trees).add(tensor(Array.from(forest.base)));
  if (margins) return sums;
  switch (forest.link) {
    case "sigmoid":
      return sigmoid(sums);
    case "softmax":
      return softmax(sums);
    case "exp":
      return exp(sums);
    default:
      return sums;
  }
}

/** The features with NaN for what counts as missing. */
function withoutZeros({ zeroAsMissing }: Forest, features: FeatureTensor): Tensor {
  if (zeroAsMissing === undefined) return features;
  return where(abs(features).lessOrEqual(roundedDown(zeroAsMissing)), Number.NaN, features);
}

/** The largest float32 that is at most a number from 0 up. */
function roundedDown(value: number): number {
  const rounded = Math.fround(value);
  return rounded > value ? nextDown(rounded, "float32") : rounded;
}

/** For the sets of each feature, whether the feature's value is outside of them: `[rows, sets]`, NaN where it is missing. */
function membership(forest: Forest, features: FeatureTensor, sets: readonly NodeSet[]): Tensor[] {
  const tensors: Tensor[] = [];
  for (let start = 0; start < sets.length;) {
    const feature = sets[start]?.feature ?? 0;
    let end = start;
    while (sets[end]?.feature === feature) end++;
    tensors.push(outside(forest, features.slice(null, feature), sets.slice(start, end)));
    start = end;
  }
  return tensors;
}

function outside({ sets: bits }: Forest, x: Tensor, sets: readonly NodeSet[]): Tensor {
  const categories = 32 * sets.reduce((most, { words }) => Math.max(most, words), 0);
  // Rows of the table: the categories, one that is in no set, and the missing one.
  const rows: number[][] = Array.from({ length: categories }, (_, category) =>
    sets.map(({ start, words }) =>
      category < words * 32 && (((bits[start + (category >> 5)] ?? 0) >>> (category & 31)) & 1) === 1 ? 0 : 1,
    ),
  );
  rows.push(
    sets.map(() => 1),
    sets.map(() => Number.NaN),
  );
  const isKnown = x.greaterOrEqual(0).and(x.less(categories));
  const place = where(isKnown, x, categories);
  return take(tensor(rows), where(isMissing(x), categories + 1, place).cast("int64"));
}
