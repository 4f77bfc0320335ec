/** @file One tree, grown depth first from its rows. */
import type { Turns } from "../../turns.ts";
import type { FeatureColumns } from "./feature-columns.ts";
import type { NodeList } from "./node-list.ts";
import type { OpenNode, Split, Splitter, TreeSample } from "./splitter.ts";
import type { TreeTarget } from "./tree-target.ts";

/** What ends a tree's branches. */
export interface GrowthLimits {
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly minImpurityDecrease: number;
  /** Whether a node whose rows all have one target is split further. */
  readonly splitsPureNodes: boolean;
}

/** What a tree is grown with. */
export interface Growth {
  readonly features: FeatureColumns;
  readonly target: TreeTarget;
  readonly splitter: Splitter;
  readonly limits: GrowthLimits;
  readonly nodes: NodeList;
  /** A leaf's numbers, put into `into`. */
  readonly leafValues: (leaf: OpenNode, depth: number, into: Float64Array) => void;
  readonly turns: Turns;
}

interface Waiting {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly parent: number;
  readonly isLeft: boolean;
}

/** Rows between two looks at the clock. */
const rowsBetweenLooks = 20_000;

/** Grows a tree on rows, which are put in another order, and gives its root. */
export async function growTree(growth: Growth, sample: TreeSample, rows: Uint32Array): Promise<number> {
  const { features, target, splitter, limits, nodes, leafValues, turns } = growth;
  const spare = new Uint32Array(rows.length);
  const values = new Float64Array(Math.max(target.slotCount, 1));
  const sums = new Float64Array(target.slotCount);
  const root = nodes.count;
  let [total, seen] = [0, 0];
  splitter.begin(sample);
  const waiting: Waiting[] = [{ start: 0, end: rows.length, depth: 0, parent: -1, isLeft: true }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { start, end, depth, parent, isLeft } = next;
    const { weight, isPure } = sumUp(target, sample, rows, start, end, sums);
    if (parent < 0) total = weight;
    const node: OpenNode = { rows, start, end, sums, weight };
    const isLeaf =
      depth >= limits.maxDepth ||
      end - start < limits.minSamplesSplit ||
      end - start < 2 * limits.minSamplesLeaf ||
      (isPure && !limits.splitsPureNodes);
    const split = isLeaf ? undefined : splitter.find(node);
    const isWorth = split !== undefined && split.gain / total + Number.EPSILON >= limits.minImpurityDecrease;
    let at: number;
    if (isWorth) {
      const middle = partition(split, features.columns[split.feature], rows, spare, start, end);
      // What was never missing goes the way of most.
      const missingLeft = split.missingLeft ?? middle - start > end - middle;
      at = nodes.split(split.feature, split.threshold, missingLeft, weight, Math.max(split.gain, 0));
      waiting.push(
        { start: middle, end, depth: depth + 1, parent: at, isLeft: false },
        { start, end: middle, depth: depth + 1, parent: at, isLeft: true },
      );
    } else {
      leafValues(node, depth, values);
      at = nodes.leaf(values, weight);
    }
    if (parent >= 0) nodes.adopt(parent, at, isLeft);
    seen += end - start;
    if (seen < rowsBetweenLooks) continue;
    seen = 0;
    if (turns.due) await turns.give();
  }
  return root;
}

function sumUp(
  { slots, amounts, isClasses }: TreeTarget,
  { weights, additions }: TreeSample,
  rows: Uint32Array,
  start: number,
  end: number,
  sums: Float64Array,
): { readonly weight: number; readonly isPure: boolean } {
  sums.fill(0);
  let weight = 0;
  if (isClasses) {
    for (let at = start; at < end; at++) {
      const row = rows[at] ?? 0;
      const slot = slots[row] ?? 0;
      sums[slot] = (sums[slot] ?? 0) + (additions[row] ?? 0);
    }
    let used = 0;
    for (const sum of sums) {
      weight += sum;
      if (sum > 0) used++;
    }
    return { weight, isPure: used <= 1 };
  }
  const first = amounts[rows[start] ?? 0] ?? 0;
  let isPure = true;
  let total = 0;
  for (let at = start; at < end; at++) {
    const row = rows[at] ?? 0;
    weight += weights[row] ?? 0;
    total += additions[row] ?? 0;
    if (amounts[row] !== first) isPure = false;
  }
  sums[0] = total;
  return { weight, isPure };
}

/** Puts the rows that go left before the others, in their order; gives where those begin. */
function partition(
  { threshold, missingLeft }: Split,
  column: Float32Array | undefined,
  rows: Uint32Array,
  spare: Uint32Array,
  start: number,
  end: number,
): number {
  let left = start;
  let right = 0;
  if (!column) return end;
  for (let at = start; at < end; at++) {
    const row = rows[at] ?? 0;
    const value = column[row] ?? 0;
    // Only NaN is not above a number and not up to it.
    if (value <= threshold || (missingLeft === true && !(value > threshold))) rows[left++] = row;
    else spare[right++] = row;
  }
  for (let at = 0; at < right; at++) rows[left + at] = spare[at] ?? 0;
  return left;
}
