/**
 * @file A tree grown on binned rows: each node's histogram, its best split, its rows' partition.
 *
 * Of two children only the one with fewer rows gets its histogram added up; the other's is the difference. Nodes are split
 * the smaller child first, so that there are few histograms at a time; the tree is the same in any order.
 */
import type { Turns } from "../../turns.ts";
import type { BinnedRows } from "./binned-rows.ts";
import { padded } from "./binned-rows.ts";
import { missingBin, type FeatureBins } from "./feature-bins.ts";
import { rangesOf, type Crew } from "./crew.ts";
import type { GrownNode, GrownTree, Split } from "./grown-tree.ts";
import type { Pointer } from "./kernels.ts";
import type { TrainingMemory } from "./memory.ts";
import { featureBytes, type NodeSums } from "./node-sums.ts";
import type { BoostingSettings } from "./settings.ts";
import { leafValue, SplitFinder } from "./split-finder.ts";

/** Which features a node may be split by, given those that the splits above it used. */
export type AllowedFeatures = (used: readonly number[]) => readonly number[];

/** What a tree is grown on. */
export interface Growth {
  readonly pairs: Pointer;
  /** The numbers of rows; ordered by leaf afterwards. */
  readonly rows: Pointer;
  readonly count: number;
  /** Whether these are all rows in order. */
  readonly isAll: boolean;
  readonly allowed: AllowedFeatures;
}

/** A node that waits to be split. */
interface Waiting extends NodeSums {
  readonly node: GrownNode;
  readonly place: number;
  readonly depth: number;
  readonly sums: Pointer;
  readonly used: readonly number[];
}

/** Nodes of fewer rows are not cut into parts of rows: adding the parts' histograms up takes longer. */
const rowsWorthSharing = 3072;
/** Nodes of fewer rows are not even worth telling others of. */
const rowsWorthTelling = 256;
const scratchBytes = 24 * 1024;

/** Grows trees on the same rows. */
export class TreeGrower {
  readonly #memory: TrainingMemory;
  readonly #crew: Crew;
  readonly #binned: BinnedRows;
  readonly #features: readonly FeatureBins[];
  readonly #monotone: readonly number[];
  readonly #settings: BoostingSettings;
  readonly #finder: SplitFinder;
  readonly #width: number;
  readonly #spare: Pointer;
  readonly #table: Pointer;
  readonly #tableBytes: Uint8Array;
  readonly #scratch: Pointer;
  /** A histogram for each thread but the first. */
  readonly #parts: readonly Pointer[];
  readonly #free: Pointer[] = [];

  constructor(
    memory: TrainingMemory,
    crew: Crew,
    binned: BinnedRows,
    features: readonly FeatureBins[],
    monotone: readonly number[],
    settings: BoostingSettings,
  ) {
    this.#memory = memory;
    this.#crew = crew;
    this.#binned = binned;
    this.#features = features;
    this.#monotone = monotone;
    this.#settings = settings;
    this.#finder = new SplitFinder(memory, crew, features, monotone, settings);
    this.#width = padded(features.length, 4);
    this.#spare = memory.reserve(4 * binned.rows + 64);
    this.#table = memory.reserve(256);
    this.#tableBytes = memory.bytes(this.#table, 256);
    this.#scratch = memory.reserve(scratchBytes * crew.threads);
    const bytes = this.#width * featureBytes;
    this.#parts = Array.from({ length: crew.threads - 1 }, () => memory.reserve(bytes));
  }

  /** Grows one tree. */
  async grow(growth: Growth, turns: Turns): Promise<GrownTree> {
    const nodes: GrownNode[] = [];
    const tables: Uint8Array[] = [];
    const { maxDeltaStep, maxDepth } = this.#settings;
    const bound = maxDeltaStep > 0 ? maxDeltaStep : Number.POSITIVE_INFINITY;
    const rootSums = this.#histogram(growth, 0, growth.count, growth.isAll);
    const total = { ...this.#total(rootSums), low: -bound, high: bound };
    const root = newNode(total.second, 0, growth.count);
    nodes.push(root);
    const waiting: Waiting[] = [{ ...total, node: root, place: 0, depth: 0, sums: rootSums, used: [] }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (turns.due) await turns.give();
      const { node, depth, sums, place } = next;
      const split = sums === 0 ? undefined : this.#finder.find(sums, next, growth.allowed(next.used));
      if (!split) {
        if (sums !== 0) this.#free.push(sums);
        node.value = Math.fround(leafValue(next, this.#settings) * this.#settings.learningRate);
        continue;
      }
      const table = this.#tableOf(split, node.cover);
      tables[place] = table;
      const at = growth.rows + 4 * node.begin;
      const leftCount = this.#partition(split.feature, table, at, node.count);
      const [left, right] = childrenOf(next, split, this.#monotone[split.feature] ?? 0, this.#settings);
      node.split = split;
      node.left = nodes.length;
      node.right = nodes.length + 1;
      const leftNode = newNode(left.second, node.begin, leftCount);
      const rightNode = newNode(right.second, node.begin + leftCount, node.count - leftCount);
      nodes.push(leftNode, rightNode);
      const used = next.used.includes(split.feature) ? next.used : [...next.used, split.feature];
      const pair = [
        { ...left, node: leftNode, place: node.left, depth: depth + 1, used },
        { ...right, node: rightNode, place: node.right, depth: depth + 1, used },
      ].sort((a, b) => a.node.count - b.node.count);
      const mayBeSplit = pair.map(
        (child) =>
          child.depth < maxDepth && child.node.count > 1 && child.second >= 2 * this.#settings.minChildWeight,
      );
      const [smaller, larger] = pair;
      if (!smaller || !larger) continue;
      let smallerSums = 0;
      let largerSums = 0;
      if (mayBeSplit.includes(true)) {
        smallerSums = this.#histogram(growth, smaller.node.begin, smaller.node.count, false);
        if (mayBeSplit[1] === true) {
          largerSums = sums;
          this.#memory.kernels.subtract(largerSums, smallerSums, this.#width * featureBytes);
        }
        if (mayBeSplit[0] !== true) {
          this.#free.push(smallerSums);
          smallerSums = 0;
        }
      }
      if (largerSums === 0) this.#free.push(sums);
      waiting.push({ ...larger, sums: largerSums }, { ...smaller, sums: smallerSums });
    }
    const allTables = new Uint8Array(256 * nodes.length);
    for (const [place, table] of tables.entries()) if (table) allTables.set(table, 256 * place);
    return { nodes, tables: allTables };
  }

  /** The histogram of some of the growth's rows. */
  #histogram(growth: Growth, begin: number, count: number, isAll: boolean): Pointer {
    const memory = this.#memory;
    const bytes = this.#width * featureBytes;
    const sums = this.#free.pop() ?? memory.reserve(bytes);
    const { rowBins, stride } = this.#binned;
    const begun = growth.rows + 4 * begin;
    if (!isShared(count)) {
      // Each thread a part of the features: there is nothing to be added up behind it.
      const parts = count < rowsWorthTelling ? 1 : this.#crew.threads;
      this.#crew.call(
        "histogram",
        rangesOf(this.#width, parts, 8).map((range, thread) => [
          rowBins + range.start,
          stride,
          range.count,
          isAll ? 0 : begun,
          count,
          growth.pairs,
          sums + range.start * featureBytes,
          this.#scratch + thread * scratchBytes,
        ]),
      );
      return sums;
    }
    const ranges = this.#rangesOf(count);
    this.#crew.call(
      "histogram",
      ranges.map((range, thread) => [
        isAll ? rowBins + range.start * stride : rowBins,
        stride,
        this.#width,
        isAll ? 0 : begun + 4 * range.start,
        range.count,
        isAll ? growth.pairs + 8 * range.start : growth.pairs,
        thread === 0 ? sums : (this.#parts[thread - 1] ?? 0),
        this.#scratch + thread * scratchBytes,
      ]),
    );
    for (const part of this.#parts.slice(0, ranges.length - 1))
      memory.kernels.addHistogram(sums, part, bytes);
    return sums;
  }

  /** The parts of so many rows that threads work on at once. */
  #rangesOf(count: number): readonly { readonly start: number; readonly count: number }[] {
    return rangesOf(count, isShared(count) ? this.#crew.threads : 1, 32);
  }

  /** The sums over all rows of a histogram: those over one feature's bins. */
  #total(sums: Pointer): { readonly gradient: number; readonly second: number } {
    const pairs = this.#memory.float64(sums, 2 * (missingBin + 1));
    let gradient = 0;
    let second = 0;
    for (let at = 0; at < pairs.length; at += 2) {
      gradient += pairs[at] ?? 0;
      second += pairs[at + 1] ?? 0;
    }
    return { gradient, second };
  }

  /** Where a split sends each bin. Missing values of a feature that had none go where more rows went. */
  #tableOf({ feature, lastBin, bins, missingLeft, leftSecond }: Split, second: number): Uint8Array {
    const table = new Uint8Array(256);
    if (lastBin >= 0) table.fill(1, 0, lastBin + 1);
    for (const bin of bins) table[bin] = 1;
    const goesLeft = this.#features[feature]?.hasMissing === true ? missingLeft : 2 * leftSecond > second;
    table[missingBin] = goesLeft ? 1 : 0;
    return table;
  }

  /** Puts the rows that go left before the others, each side in its order; gives how many go left. */
  #partition(feature: number, table: Uint8Array, rows: Pointer, count: number): number {
    const { columnBins, columnStride } = this.#binned;
    const { kernels } = this.#memory;
    this.#tableBytes.set(table);
    const column = columnBins + feature * columnStride;
    const ranges = this.#rangesOf(count);
    const lefts = this.#crew.call(
      "divide",
      ranges.map((range) => [
        column,
        this.#table,
        rows + 4 * range.start,
        range.count,
        this.#spare + 4 * range.start,
      ]),
    );
    let to = 0;
    for (const [at, { start }] of ranges.entries()) {
      if (to !== start) kernels.copyRows(rows + 4 * to, rows + 4 * start, lefts[at] ?? 0);
      to += lefts[at] ?? 0;
    }
    const leftCount = to;
    for (const [at, range] of ranges.entries()) {
      const right = range.count - (lefts[at] ?? 0);
      kernels.copyRows(rows + 4 * to, this.#spare + 4 * range.start, right);
      to += right;
    }
    return leftCount;
  }
}

function isShared(rows: number): boolean {
  return rows >= rowsWorthSharing;
}

function newNode(cover: number, begin: number, count: number): GrownNode {
  return { cover, split: undefined, left: 0, right: 0, value: 0, begin, count };
}

/** The sums and bounds of both children; a monotone feature's sides meet in the middle of their values. */
function childrenOf(
  node: NodeSums,
  { leftGradient, leftSecond }: Split,
  direction: number,
  settings: BoostingSettings,
): readonly [NodeSums, NodeSums] {
  const { low, high } = node;
  const left = { gradient: leftGradient, second: leftSecond, low, high };
  const right = {
    gradient: node.gradient - leftGradient,
    second: node.second - leftSecond,
    low,
    high,
  };
  if (direction === 0) return [left, right];
  const middle = (leafValue(left, settings) + leafValue(right, settings)) / 2;
  return direction > 0
    ? [
        { ...left, high: middle },
        { ...right, low: middle },
      ]
    : [
        { ...left, low: middle },
        { ...right, high: middle },
      ];
}
