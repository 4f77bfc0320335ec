/**
 * @file A forest as the tables that the kernels read, at the addresses that they have in a memory.
 *
 * Small trees are cut into blocks whose tests are all evaluated, for 16 or 8 rows at once; large ones are walked, eight
 * rows at once. Both read places among thresholds (`columns.ts`).
 */
import { NodeRule, type Forest } from "../forest.ts";
import { placeForest, type PlacedForest } from "./columns.ts";
import { Layout } from "./layout.ts";
import { writeRowProgram, type RowProgram } from "./row-program.ts";
import { cutTree, planBlocks, type BlockPlan } from "./tree-blocks.ts";

/** What a chunk's run needs to know of the memory. */
export interface Program {
  readonly placeBytes: 1 | 2 | 4;
  /** Rows of a chunk, at most. */
  readonly chunkRows: number;
  /** Bytes of the memory. */
  readonly memoryBytes: number;
  readonly rows: number;
  readonly sums: number;
  readonly leafNumbers: number;
  readonly featureTable: number;
  readonly featureCount: number;
  readonly setTable: number;
  readonly setCount: number;
  readonly treeTable: number;
  readonly treeCount: number;
  /** Absent for forests so large that one row is walked without kernels. */
  readonly single: RowProgram | undefined;
  readonly constantsAt: number;
  readonly constants: Uint8Array;
}

/** A tree has at most as many leaves, and blocks, to be cut. */
const mostLeaves = 256;
const mostBlocks = 128;
const blockBytes = 96;
/** One row of more nodes costs as much by walking, most of it for reading them. */
const mostNodesForRows = 2 ** 18;
/** A limit that every place is below. */
const beyondPlaces = 0x7fff_ffff;
/** Beyond that a memory would not hold it, or not be worth it. */
const mostBytes = 2 ** 30;

/** The program of a checked forest; undefined where it is too large for a memory. */
export function writeProgram(forest: Forest): Program | undefined {
  const placed = placeForest(forest);
  const { placeBytes } = placed;
  const width = forest.featureNames.length;
  const valueBytes = forest.precision === "float32" ? 4 : 8;
  const chunkRows = chunkRowsOf(forest, width * valueBytes);
  // Address 0 stands for none.
  let end = 64;
  const take = (bytes: number): number => {
    const address = end;
    end += Math.ceil(bytes / 64) * 64;
    return address;
  };
  const results = take(mostBlocks * 16);
  const leafNumbers = take(mostLeaves * 16);
  const found = take(32);
  const rows = take(chunkRows * width * valueBytes);
  const columns = take(Math.max(placed.columnCount, 1) * chunkRows * placeBytes);
  const sums = take(forest.outputs * chunkRows * 8);
  const size = end + forest.rules.length * 48 + forest.leafValues.length * 16;
  if (size > mostBytes) return undefined;
  const layout = new Layout(end);
  const writer = new TableWriter(forest, placed, layout, {
    results,
    leafNumbers,
    found,
    columns,
    columnBytes: chunkRows * placeBytes,
  });
  const featureTable = writer.features(valueBytes);
  const setTable = writer.sets(placeBytes);
  const treeTable = writer.trees();
  const isSmall = forest.rules.length <= mostNodesForRows;
  const single = isSmall ? writeRowProgram(forest, placed, writer.bits, layout) : undefined;
  return {
    placeBytes,
    chunkRows,
    memoryBytes: end + layout.bytes.length,
    rows,
    sums,
    leafNumbers,
    featureTable,
    featureCount: placed.features.length,
    setTable,
    setCount: placed.sets.length,
    treeTable,
    treeCount: forest.roots.length,
    single,
    constantsAt: end,
    constants: layout.bytes,
  };
}

/** Trees that don't fit in a cache are to be read for many rows at once, if those do. */
function chunkRowsOf({ rules }: Forest, rowBytes: number): number {
  if (rules.length > 50_000 && rowBytes <= 512) return 4096;
  return rowBytes > 8192 ? 32 : 256;
}

interface Places {
  readonly results: number;
  readonly leafNumbers: number;
  readonly found: number;
  readonly columns: number;
  readonly columnBytes: number;
}

class TableWriter {
  readonly #forest: Forest;
  readonly #placed: PlacedForest;
  readonly #layout: Layout;
  readonly #at: Places;
  /** Where the bits of all sets are. */
  readonly bits: number;

  constructor(forest: Forest, placed: PlacedForest, layout: Layout, at: Places) {
    this.#forest = forest;
    this.#placed = placed;
    this.#layout = layout;
    this.#at = at;
    this.bits = layout.reserve(forest.sets.length * 4);
    this.#words(this.bits, forest.sets);
  }

  features(valueBytes: 4 | 8): number {
    const { features } = this.#placed;
    const layout = this.#layout;
    const table = layout.reserve(features.length * 20);
    const write = valueBytes === 4 ? "float32" : "float64";
    for (const [index, { feature, thresholds, leftColumn, rightColumn }] of features.entries()) {
      const size = 2 ** Math.ceil(Math.log2(thresholds.length + 1));
      const list = layout.reserve(size * valueBytes);
      for (let at = 0; at < size; at++) layout[write](list + at * valueBytes, thresholds[at] ?? Number.NaN);
      this.#words(table + index * 20, [
        feature,
        list,
        size / 2,
        leftColumn === -1 ? 0 : this.#column(leftColumn),
        rightColumn === -1 ? 0 : this.#column(rightColumn),
      ]);
    }
    return table;
  }

  sets(placeBytes: 1 | 2 | 4): number {
    const { sets } = this.#placed;
    const table = this.#layout.reserve(sets.length * 20);
    const largest = placeBytes === 4 ? 0x7fff_fffe : 2 ** (8 * placeBytes) - 1;
    for (const [index, { feature, start, words, missingLeft, column }] of sets.entries()) {
      const missing = missingLeft ? 0 : largest;
      this.#words(table + index * 20, [
        feature,
        this.bits + start * 4,
        words * 32,
        missing,
        this.#column(column),
      ]);
    }
    return table;
  }

  trees(): number {
    const { roots, treeOutputs, outputs } = this.#forest;
    const plan = planBlocks(this.#forest);
    const table = this.#layout.reserve(roots.length * 28);
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree] ?? 0;
      const output = treeOutputs[tree] ?? 0;
      const size = output === -1 ? outputs : 1;
      const words = isWalked(plan, root, this.#placed.placeBytes)
        ? this.#walked(root, size)
        : this.#cut(plan, root, size);
      this.#words(table + tree * 28, [...words, Math.max(output, 0), size]);
    }
    return table;
  }

  #cut(plan: BlockPlan, root: number, size: number): readonly number[] {
    const { results, leafNumbers } = this.#at;
    const layout = this.#layout;
    const { blocks, leaves } = cutTree(this.#forest, plan, root);
    const start = layout.reserve(blocks.length * blockBytes);
    for (const [index, { tests, operands }] of blocks.entries()) {
      const block = start + index * blockBytes;
      for (const [at, node] of tests.entries()) {
        layout.uint32(block + at * 8, this.#column(node === -1 ? 0 : (this.#placed.nodeColumns[node] ?? 0)));
        layout.uint32(block + at * 8 + 4, node === -1 ? 0 : (this.#placed.nodeLimits[node] ?? 0));
      }
      for (const [at, from] of operands.entries())
        layout.uint32(block + 56 + at * 4, from < 0 ? results + ~from * 16 : leafNumbers + from * 16);
      layout.uint32(block + 88, results + index * 16);
    }
    const values = layout.reserve(leaves.length * size * 8);
    for (const [number, leaf] of leaves.entries()) this.#values(values + number * size * 8, leaf, size);
    return [0, start, start + blocks.length * blockBytes, values, results + (blocks.length - 1) * 16];
  }

  #walked(root: number, size: number): readonly number[] {
    const { rules, left, right } = this.#forest;
    const layout = this.#layout;
    const { nodeColumns, nodeLimits } = this.#placed;
    const start = layout.reserve(16);
    const nodes = [root];
    const addresses = [start];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const address = addresses.pop() ?? start;
      if (rules[node] === NodeRule.leaf) {
        const values = layout.reserve(size * 8);
        this.#values(values, node, size);
        layout.uint32(address, this.#column(0));
        layout.uint32(address + 4, beyondPlaces);
        layout.uint32(address + 8, address);
        layout.uint32(address + 12, values);
        continue;
      }
      const children = layout.reserve(32);
      layout.uint32(address, this.#column(nodeColumns[node] ?? 0));
      layout.uint32(address + 4, nodeLimits[node] ?? 0);
      layout.uint32(address + 8, children);
      nodes.push(right[node] ?? 0, left[node] ?? 0);
      addresses.push(children + 16, children);
    }
    return [1, start, 0, this.#at.found, 0];
  }

  #values(address: number, leaf: number, size: number): void {
    const { leafStarts, leafValues } = this.#forest;
    for (let at = 0; at < size; at++)
      this.#layout.float64(address + at * 8, leafValues[(leafStarts[leaf] ?? 0) + at] ?? 0);
  }

  #column(column: number): number {
    return this.#at.columns + column * this.#at.columnBytes;
  }

  #words(address: number, values: Iterable<number>): void {
    let to = address;
    for (const value of values) {
      this.#layout.uint32(to, value);
      to += 4;
    }
  }
}

/** Whether walking a tree is faster than its blocks. */
function isWalked({ blocks, leaves, depths }: BlockPlan, root: number, placeBytes: number): boolean {
  const leafCount = leaves[root] ?? 0;
  const blockCount = blocks[root] ?? 0;
  const depth = (depths[root] ?? 0) / leafCount;
  return leafCount > mostLeaves || blockCount > mostBlocks || blockCount * placeBytes > 2.5 * depth + 4;
}
