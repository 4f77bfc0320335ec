/** @file A table's rows as batches, shuffled on their way and never all in memory. */
import type { TableSource } from "../../data/table-source.ts";
import type { Tree } from "../../graph/trees.ts";
import { Random } from "../../random.ts";
import { rowBlocks, type RowArray } from "./row-blocks.ts";
import type { SelectedTensor } from "./selected-columns.ts";
import { treeOf } from "./selected-tree.ts";
import { copyRow, emptyLike, ShuffleBuffer } from "./shuffle-buffer.ts";

/** How an epoch of a table is batched. */
export interface TableEpoch {
  readonly batchSize: number;
  readonly shuffleBuffer: number;
  readonly seed: number;
  readonly epoch: number;
}

/**
 * The batches of an epoch: rows in an order drawn from the seed and the epoch, as far as the buffer reaches.
 * @throws as {@link rowBlocks}
 */
export async function* tableBatches(
  table: TableSource,
  tensors: readonly SelectedTensor[],
  { batchSize, shuffleBuffer, seed, epoch }: TableEpoch,
): AsyncGenerator<Tree, void, undefined> {
  const widths = tensors.map(({ rest }) => rest.reduce((product, size) => product * size, 1));
  // Spread far apart, as the orders of a dataset are.
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(epoch, 0x85ebca6b));
  const waiting: Tree[] = [];
  let batch: readonly RowArray[] | undefined;
  let filled = 0;
  let buffer: ShuffleBuffer | undefined;
  const give = (from: readonly RowArray[], row: number): void => {
    batch ??= from.map((array, index) => emptyLike(array, batchSize * (widths[index] ?? 0)));
    for (const [index, array] of batch.entries())
      copyRow(from[index], row, array, filled, widths[index] ?? 0);
    filled++;
    if (filled < batchSize) return;
    waiting.push(treeOf(tensors, batch, batchSize));
    batch = undefined;
    filled = 0;
  };
  for await (const block of rowBlocks(table, tensors, Math.max(batchSize, 8192))) {
    buffer ??= new ShuffleBuffer(block.arrays, widths, shuffleBuffer, random);
    buffer.add(block, give);
    yield* waiting.splice(0);
  }
  buffer?.drain(give);
  yield* waiting.splice(0);
  if (batch && filled > 0) {
    const rest = batch.map((array, index) => array.slice(0, filled * (widths[index] ?? 0)));
    yield treeOf(tensors, rest, filled);
  }
}
