/** @file The batches of some steps on a device: what it computes with goes there for all steps at once, the rest step by step. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { bytesPerElement, type DType } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { BatchTensors } from "./batch-tensors.ts";
import { moveToDevice } from "./device-copy.ts";
import type { Provider } from "./provider.ts";
import { tensorsOf } from "./program-feeds.ts";
import { batchesInput, type ColumnForm } from "./step-program.ts";
import type { Batches, Columns } from "./training-protocol.ts";

/** Types that devices compute with; values of others go to the CPU and back within a program anyway. */
export const deviceTypes: ReadonlySet<DType> = new Set<DType>(["float32", "int32", "uint32"]);

/** Bytes of batches that are brought to the device at once, unless one batch has more. */
const largestChunk = 32 * 2 ** 20;

/** Batches that are ready for their steps. */
export interface ReadyBatches {
  readonly count: number;
  /** The columns whose batches are all on the device. */
  readonly forms: ReadonlyMap<string, ColumnForm>;
  /** Those, by the names of the program's inputs; to be disposed of after the steps. */
  readonly onDevice: Readonly<Record<string, OrtTensor>>;
  /** The other columns of one batch after the other; each holds until the next is asked for. */
  readonly each: Iterable<Readonly<Record<string, OrtTensor>>>;
}

/** Batches, some at a time. Memory is used again while they are of the same columns. */
export class DeviceBatches {
  readonly #provider: Provider;
  #whole: { readonly columns: Columns; readonly size: number; readonly tensors: BatchTensors } | undefined;
  #single: { readonly columns: Columns; readonly size: number; readonly tensors: BatchTensors } | undefined;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  /**
   * Makes batches ready, as many at a time as the device should hold.
   * @param columns what batches of rows are rows of
   * @throws {@link RuntimeError} for rows that aren't there
   */
  async *ready(batches: Batches, columns: Columns | undefined): AsyncGenerator<ReadyBatches, void, void> {
    if ("columns" in batches) {
      const each = batches.columns.map((some) => tensorsOf(some));
      yield { count: each.length, forms: new Map(), onDevice: {}, each };
      return;
    }
    if (!columns) throw new RuntimeError("the training has no such data");
    const { rows, batchSize } = batches;
    const moved = Object.entries(columns).filter(([, { dtype }]) => deviceTypes.has(dtype));
    const other = Object.entries(columns).filter(([, { dtype }]) => !deviceTypes.has(dtype));
    const forms = new Map(
      moved.map(([name, { dtype, shape }]) => [name, { dtype, shape: [batchSize, ...shape.slice(1)] }]),
    );
    const bytes = moved.reduce((sum, [, { dtype, data, shape }]) => {
      const width = data.length / Math.max(1, shape[0] ?? 1);
      return sum + width * bytesPerElement[dtype];
    }, 0);
    const count = Math.floor(rows.length / batchSize);
    const atOnce = Math.max(1, Math.min(count, Math.floor(largestChunk / Math.max(1, bytes * batchSize))));
    for (let start = 0; start < count; start += atOnce) {
      const end = Math.min(count, start + atOnce);
      const some = rows.subarray(start * batchSize, end * batchSize);
      const onDevice = await this.#move(columns, Object.fromEntries(moved), some, batchSize);
      yield {
        count: end - start,
        forms,
        onDevice,
        each: this.#one(columns, Object.fromEntries(other), some, batchSize),
      };
    }
  }

  async #move(
    columns: Columns,
    moved: Columns,
    rows: Uint32Array,
    batchSize: number,
  ): Promise<Readonly<Record<string, OrtTensor>>> {
    if (this.#whole?.columns !== columns || this.#whole.size !== rows.length)
      this.#whole = { columns, size: rows.length, tensors: new BatchTensors(moved, rows.length) };
    const { tensors } = this.#whole;
    tensors.gather(rows);
    const onDevice: Record<string, OrtTensor> = {};
    for (const [name, tensor] of Object.entries(tensors.tensors)) {
      const shape = [rows.length / batchSize, batchSize, ...tensor.dims.slice(1)];
      onDevice[batchesInput(name)] = await moveToDevice(tensor.reshape(shape), this.#provider);
    }
    return onDevice;
  }

  *#one(
    columns: Columns,
    other: Columns,
    rows: Uint32Array,
    batchSize: number,
  ): Generator<Readonly<Record<string, OrtTensor>>, void, void> {
    if (this.#single?.columns !== columns || this.#single.size !== batchSize)
      this.#single = { columns, size: batchSize, tensors: new BatchTensors(other, batchSize) };
    const { tensors } = this.#single;
    for (let start = 0; start < rows.length; start += batchSize) {
      tensors.gather(rows.subarray(start, start + batchSize));
      yield tensors.tensors;
    }
  }
}
