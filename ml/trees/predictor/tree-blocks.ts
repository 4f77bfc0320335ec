/**
 * @file Trees cut into blocks of up to three levels, seven tests each, which the kernel evaluates all for many rows at
 * once: which cuts give the fewest blocks.
 */
import { NodeRule, type Forest } from "../forest.ts";

/** Levels of a block. */
const levels = 3;

/** What each node's subtree would take, for all nodes of a forest. */
export interface BlockPlan {
  /** Blocks of a subtree that begins a block. */
  readonly blocks: Float64Array;
  /** More blocks of a subtree within a block that has so many levels left, `node * 3 + levels`; see {@link isCut}. */
  readonly within: Float64Array;
  readonly leaves: Float64Array;
  /** The sum of the depths of a subtree's leaves. */
  readonly depths: Float64Array;
}

/** Plans from the last node to the first, since children stand behind their parents. */
export function planBlocks({ rules, left, right }: Forest): BlockPlan {
  const count = rules.length;
  const plan: BlockPlan = {
    blocks: new Float64Array(count),
    within: new Float64Array(count * levels),
    leaves: new Float64Array(count),
    depths: new Float64Array(count),
  };
  const { blocks, within, leaves, depths } = plan;
  for (let node = count - 1; node >= 0; node--) {
    if (rules[node] === NodeRule.leaf) {
      leaves[node] = 1;
      continue;
    }
    const [l, r] = [left[node] ?? 0, right[node] ?? 0];
    leaves[node] = (leaves[l] ?? 0) + (leaves[r] ?? 0);
    depths[node] = (depths[l] ?? 0) + (depths[r] ?? 0) + (leaves[node] ?? 0);
    within[node * levels] = (blocks[l] ?? 0) + (blocks[r] ?? 0);
    for (let below = 1; below < levels; below++)
      within[node * levels + below] = least(plan, l, below - 1) + least(plan, r, below - 1);
    blocks[node] = 1 + (within[node * levels + levels - 1] ?? 0);
  }
  return plan;
}

function least({ blocks, within }: BlockPlan, node: number, levelsLeft: number): number {
  return Math.min(blocks[node] ?? 0, within[node * levels + levelsLeft] ?? 0);
}

/** Whether a node that no leaf is begins a block of its own rather than use one of the levels that are left. */
export function isCut({ blocks, within }: BlockPlan, node: number, levelsLeft: number): boolean {
  return levelsLeft < 0 || (blocks[node] ?? 0) < (within[node * levels + levelsLeft] ?? 0);
}

/** One block: seven tests in the order of a heap, −1 for none, and eight operands. */
export interface Block {
  readonly tests: Int32Array;
  /** A leaf's number within its tree, or the complement (`~`) of a block's number. */
  readonly operands: Int32Array;
}

/** A tree's blocks, each behind those that it uses, and its leaves by number. */
export interface TreeBlocks {
  readonly blocks: readonly Block[];
  readonly leaves: readonly number[];
}

/** Cuts a tree into blocks; a tree that is one leaf is one block. */
export function cutTree({ rules, left, right }: Forest, plan: BlockPlan, root: number): TreeBlocks {
  const blocks: Block[] = [];
  const leaves: number[] = [];
  const begin = (node: number): number => {
    const block = { tests: new Int32Array(7).fill(-1), operands: new Int32Array(8) };
    include(block, node, 0, levels - 1);
    return ~(blocks.push(block) - 1);
  };
  const include = (block: Block, node: number, place: number, levelsLeft: number): void => {
    const isLeaf = rules[node] === NodeRule.leaf;
    if (isLeaf || (place > 0 && isCut(plan, node, levelsLeft))) {
      const first = (place + 1) << (levelsLeft + 1);
      block.operands.fill(
        isLeaf ? leaves.push(node) - 1 : begin(node),
        first - 8,
        first - 8 + (1 << (levelsLeft + 1)),
      );
      return;
    }
    block.tests[place] = node;
    include(block, left[node] ?? 0, 2 * place + 1, levelsLeft - 1);
    include(block, right[node] ?? 0, 2 * place + 2, levelsLeft - 1);
  };
  begin(root);
  return { blocks, leaves };
}
