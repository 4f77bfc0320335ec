/** @file The batches of an epoch, some at a time: as many as the runtime's thread is asked to run at once. */
import type { Batches, Columns } from "../../graph/runtime/training-protocol.ts";
import type { RowBatches } from "./kept-data.ts";
import { leaves, type Tree } from "../../graph/trees.ts";
import type { Dataset } from "./dataset.ts";
import type { Stream } from "./stream.ts";

/** Batches of one form. */
export interface Chunk {
  /** Tensors that stand for each of the batches. */
  readonly form: Tree;
  readonly batches: Batches | RowBatches;
  /** How many batches there are. */
  readonly steps: number;
  /** How many rows each has. */
  readonly rows: number;
}

/**
 * Rows of stored columns in an order; the last batch has what remains.
 * @param announce says which batches are to come
 */
export async function* chunksOfRows(
  dataset: Dataset<Tree>,
  data: number,
  order: Uint32Array,
  batchSize: number,
  steps: () => number,
  announce: (batches: RowBatches) => RowBatches,
): AsyncGenerator<Chunk> {
  const whole = order.length - (order.length % batchSize);
  const chunk = (start: number, end: number, rows: number): Chunk => ({
    form: dataset.batch(rows),
    batches: announce({ data, rows: order.subarray(start, end), batchSize: rows }),
    steps: (end - start) / rows,
    rows,
  });
  for (let start = 0; start < whole;) {
    const end = Math.min(whole, start + steps() * batchSize);
    yield chunk(start, end, batchSize);
    start = end;
  }
  if (whole < order.length) yield chunk(whole, order.length, order.length - whole);
}

/** Batches of a stream, those of one form together. */
export async function* chunksOfStream(
  stream: Stream<Tree>,
  epoch: number,
  steps: () => number,
): AsyncGenerator<Chunk> {
  let form: Tree | undefined;
  let rows = 0;
  let columns: Columns[] = [];
  const chunk = (of: Tree): Chunk => ({ form: of, batches: { columns }, steps: columns.length, rows });
  for await (const batch of stream.epoch(epoch)) {
    if (form && (columns.length >= steps() || !sameForm(form, batch.form))) {
      yield chunk(form);
      columns = [];
    }
    ({ form, rows } = batch);
    columns.push(batch.columns);
  }
  if (form && columns.length > 0) yield chunk(form);
}

function sameForm(a: Tree, b: Tree): boolean {
  const text = (tree: Tree): string =>
    leaves(tree)
      .map(([path, { value }]) => `${path} ${value.dtype} ${value.shape.join(",")}`)
      .join(";");
  return text(a) === text(b);
}
