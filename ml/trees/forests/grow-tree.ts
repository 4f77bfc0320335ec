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
      at = nodes.split(split.feature, split.threshold, split.missingLeft, weight, Math.max(split.gain, 0));
      const middle = partition(split, features.columns[split.feature], rows, spare, start, end);
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
  { slots, amounts }: TreeTarget,
  { weights, additions }: TreeSample,
  rows: Uint32Array,
  start: number,
  end: number,
  sums: Float64Array,
): { readonly weight: number; readonly isPure: boolean } {
  sums.fill(0);
  const first = rows[start] ?? 0;
  const [firstSlot, firstAmount] = [slots[first], amounts[first]];
  let weight = 0;
  let isPure = true;
  for (let at = start; at < end; at++) {
    const row = rows[at] ?? 0;
    const slot = slots[row] ?? 0;
    weight += weights[row] ?? 0;
    sums[slot] = (sums[slot] ?? 0) + (additions[row] ?? 0);
    if (slot !== firstSlot || amounts[row] !== firstAmount) isPure = false;
  }
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
  for (let at = start; at < end; at++) {
    const row = rows[at] ?? 0;
    const value = column?.[row] ?? 0;
    if (value <= threshold || (missingLeft && Number.isNaN(value))) rows[left++] = row;
    else spare[right++] = row;
  }
  rows.set(spare.subarray(0, right), left);
  return left;
}
