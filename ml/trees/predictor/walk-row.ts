/** @file One row through a forest, node by node: what the kernels must equal. */
import { NodeRule, type Forest } from "../forest.ts";

type Numbers = Float32Array | Float64Array;

/**
 * The leaf that a row ends at.
 * @param start where the row begins among `rows`
 */
export function leafOf(forest: Forest, root: number, rows: Numbers, start: number): number {
  const { rules, features, thresholds, left, right, missingLeft, zeroAsMissing } = forest;
  const isFloat32 = forest.precision === "float32";
  const zero = zeroAsMissing ?? -1;
  let node = root;
  for (;;) {
    const rule = rules[node];
    if (rule === NodeRule.leaf) return node;
    const given = rows[start + (features[node] ?? 0)] ?? Number.NaN;
    const value = isFloat32 ? Math.fround(given) : given;
    let goesLeft: boolean;
    if (rule === NodeRule.inSet)
      goesLeft = Number.isNaN(value) ? missingLeft[node] === 1 : isInSet(forest, node, value);
    else if (Number.isNaN(value) || Math.abs(value) <= zero) goesLeft = missingLeft[node] === 1;
    else if (rule === NodeRule.below) goesLeft = value < (thresholds[node] ?? 0);
    else goesLeft = value <= (thresholds[node] ?? 0);
    node = (goesLeft ? left[node] : right[node]) ?? 0;
  }
}

/** Whether a node's set holds a category; fractions are cut off. */
function isInSet({ setStarts, setWords, sets }: Forest, node: number, value: number): boolean {
  if (!(value >= 0 && value < (setWords[node] ?? 0) * 32)) return false;
  const category = Math.trunc(value);
  return (((sets[(setStarts[node] ?? 0) + (category >> 5)] ?? 0) >>> (category & 31)) & 1) === 1;
}

/** Adds the leaves of a row to its sums, which begin at `to` among `sums`. */
export function addLeaves(
  forest: Forest,
  rows: Numbers,
  start: number,
  sums: Float64Array,
  to: number,
): void {
  const { roots, treeOutputs, outputs, leafStarts, leafValues } = forest;
  for (let tree = 0; tree < roots.length; tree++) {
    const from = leafStarts[leafOf(forest, roots[tree] ?? 0, rows, start)] ?? 0;
    const output = treeOutputs[tree] ?? 0;
    if (output >= 0) {
      sums[to + output] = (sums[to + output] ?? 0) + (leafValues[from] ?? 0);
      continue;
    }
    for (let at = 0; at < outputs; at++) sums[to + at] = (sums[to + at] ?? 0) + (leafValues[from + at] ?? 0);
  }
}
