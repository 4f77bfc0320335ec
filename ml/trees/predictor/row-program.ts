/** @file A forest as the table by which the kernels walk one row: eight trees side by side, by values as they are. */
import { NodeRule, type Forest } from "../forest.ts";
import type { PlacedForest } from "./columns.ts";
import type { Layout } from "./layout.ts";
import { nextUp } from "./next-number.ts";

/** Where a row, what follows it and its sums are, and the tables. */
export interface RowProgram {
  /** The row's values; behind them one for each set. */
  readonly row: number;
  readonly sums: number;
  readonly trees: number;
  readonly treeCount: number;
  readonly setTable: number;
}

const nodeBytes = 24;
const treeBytes = 12;
/** Trees that are walked side by side. */
const together = 8;

/** Writes the table of a forest; `bits` is where its sets are. */
export function writeRowProgram(
  forest: Forest,
  { sets, nodeColumns }: PlacedForest,
  bits: number,
  layout: Layout,
): RowProgram {
  const { outputs, roots, treeOutputs, featureNames, precision } = forest;
  const valueBytes = precision === "float32" ? 4 : 8;
  const width = featureNames.length;
  const row = layout.reserve((width + sets.length) * valueBytes);
  const sums = layout.reserve(outputs * 8);
  const setTable = layout.reserve(sets.length * 20);
  const setValues = new Map<number, number>();
  for (const [index, { feature, start, words, missingLeft, column }] of sets.entries()) {
    const entry = setTable + index * 20;
    layout.uint32(entry, feature);
    layout.uint32(entry + 4, bits + start * 4);
    layout.uint32(entry + 8, words * 32);
    layout.uint32(entry + 12, missingLeft ? 0 : 1);
    layout.uint32(entry + 16, row + (width + index) * valueBytes);
    setValues.set(column, (width + index) * valueBytes);
  }
  const setOf = (node: number): number => setValues.get(nodeColumns[node] ?? -1) ?? 0;
  const treeCount = Math.ceil(roots.length / together) * together;
  const trees = layout.reserve(treeCount * treeBytes);
  const none = layout.reserve(nodeBytes);
  writeLeaf(layout, none, none, valueBytes);
  for (let tree = 0; tree < treeCount; tree++) {
    const output = treeOutputs[tree] ?? 0;
    const entry = trees + tree * treeBytes;
    const isTree = tree < roots.length;
    const size = output === -1 ? outputs : 1;
    layout.uint32(
      entry,
      isTree ? writeTree({ forest, layout, valueBytes, size, setOf }, roots[tree] ?? 0) : none,
    );
    layout.uint32(entry + 4, sums + Math.max(output, 0) * 8);
    layout.uint32(entry + 8, isTree ? size : 0);
  }
  return { row, sums, trees, treeCount, setTable };
}

interface TreeParts {
  readonly forest: Forest;
  readonly layout: Layout;
  readonly valueBytes: 4 | 8;
  /** Numbers of a leaf. */
  readonly size: number;
  /** Where behind the row a categorical node's value is. */
  readonly setOf: (node: number) => number;
}

function writeTree({ forest, layout, valueBytes, size, setOf }: TreeParts, root: number): number {
  const { rules, features, thresholds, left, right, missingLeft, leafStarts, leafValues, precision } = forest;
  const start = layout.reserve(nodeBytes);
  const nodes = [root];
  const addresses = [start];
  const limit = valueBytes === 4 ? "float32" : "float64";
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const address = addresses.pop() ?? start;
    const rule = rules[node];
    if (rule === NodeRule.leaf) {
      const values = layout.reserve(size * 8);
      for (let at = 0; at < size; at++)
        layout.float64(values + at * 8, leafValues[(leafStarts[node] ?? 0) + at] ?? 0);
      writeLeaf(layout, address, values, valueBytes);
      continue;
    }
    const children = layout.reserve(2 * nodeBytes);
    const threshold = thresholds[node] ?? 0;
    const isSet = rule === NodeRule.inSet;
    layout.uint32(address, isSet ? setOf(node) : (features[node] ?? 0) * valueBytes);
    layout.uint32(address + 4, !isSet && missingLeft[node] === 0 ? 1 : 0);
    layout.uint32(address + 8, children);
    layout[limit](
      address + 16,
      isSet ? 0.5 : rule === NodeRule.atMost ? nextUp(threshold, precision) : threshold,
    );
    nodes.push(right[node] ?? 0, left[node] ?? 0);
    addresses.push(children + nodeBytes, children);
  }
  return start;
}

function writeLeaf(layout: Layout, address: number, values: number, valueBytes: 4 | 8): void {
  layout.uint32(address + 8, address);
  layout.uint32(address + 12, values);
  layout[valueBytes === 4 ? "float32" : "float64"](address + 16, Number.NaN);
}
