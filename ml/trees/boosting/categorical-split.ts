/**
 * @file The best split of a node by a feature of categories: a set of them goes left.
 *
 * Sorted by the value that each would have as a leaf, the best set of two sides is a prefix (Fisher, "On grouping for
 * maximum homogeneity", 1958). As in XGBoost, few categories are tried one against the others, and no set has more than 64.
 */
import type { Split } from "./grown-tree.ts";
import { missingBin } from "./feature-bins.ts";
import type { NodeSums } from "./node-sums.ts";
import type { BoostingSettings } from "./settings.ts";

/** Fewer categories than these are tried one against the others. */
const fewCategories = 4;
const mostInSet = 64;

interface Side {
  readonly gradient: number;
  readonly second: number;
}

/**
 * The best set of the first `categories` bins of a feature's histogram (pairs of sums). Bins without rows here are in no
 * set. Undefined where no split has sides that are heavy enough.
 */
export function findCategoricalSplit(
  pairs: Float64Array,
  categories: number,
  node: NodeSums,
  settings: BoostingSettings,
): Split | undefined {
  const sideOf = (bin: number): Side => ({ gradient: pairs[2 * bin] ?? 0, second: pairs[2 * bin + 1] ?? 0 });
  const missing = sideOf(missingBin);
  const hasMissing = missing.gradient !== 0 || missing.second !== 0;
  const present: { readonly bin: number; readonly side: Side; readonly value: number }[] = [];
  for (let bin = 0; bin < categories; bin++) {
    const side = sideOf(bin);
    if (side.gradient === 0 && side.second === 0) continue;
    present.push({ bin, side, value: -side.gradient / (side.second + settings.lambda) });
  }
  let best: Split | undefined;
  const attempt = (bins: () => readonly number[], left: Side, missingLeft: boolean): void => {
    const gain = gainOf(left, node, settings);
    if (!(gain > (best?.gain ?? Number.NEGATIVE_INFINITY))) return;
    const { gradient: leftGradient, second: leftSecond } = left;
    best = { feature: 0, gain, leftGradient, leftSecond, missingLeft, lastBin: -1, bins: bins() };
  };
  const attemptBoth = (bins: () => readonly number[], left: Side): void => {
    attempt(bins, left, false);
    if (hasMissing) attempt(bins, sum(left, missing), true);
  };
  if (present.length < fewCategories) {
    for (const { bin, side } of present) attemptBoth(() => [bin], side);
    return best;
  }
  present.sort((a, b) => a.value - b.value || a.bin - b.bin);
  for (const ordered of [present, present.toReversed()]) {
    let left: Side = { gradient: 0, second: 0 };
    for (const [at, { side }] of ordered.slice(0, mostInSet).entries()) {
      left = sum(left, side);
      attemptBoth(() => ordered.slice(0, at + 1).map(({ bin }) => bin), left);
    }
  }
  return best;
}

function sum(a: Side, b: Side): Side {
  return { gradient: a.gradient + b.gradient, second: a.second + b.second };
}

function gainOf(left: Side, node: NodeSums, { lambda, alpha, minChildWeight }: BoostingSettings): number {
  const right: Side = { gradient: node.gradient - left.gradient, second: node.second - left.second };
  if (left.second < minChildWeight || right.second < minChildWeight) return Number.NEGATIVE_INFINITY;
  if (left.second <= 0 || right.second <= 0) return Number.NEGATIVE_INFINITY;
  let gain = 0;
  for (const { gradient, second } of [left, right]) {
    const shrunk = Math.sign(gradient) * Math.max(0, Math.abs(gradient) - alpha);
    const value = Math.max(node.low, Math.min(node.high, -shrunk / (second + lambda)));
    gain -= 2 * gradient * value + (second + lambda) * value * value + 2 * alpha * Math.abs(value);
  }
  return gain;
}
