/** @file Batches of stored columns, gathered into arrays that are used again for the next batch. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { emptyArray } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { tensorData, toOrtTensor } from "./tensor-data.ts";
import type { Columns } from "./training-protocol.ts";

interface Gathered {
  readonly name: string;
  readonly source: Columns[string];
  /** Elements of one row. */
  readonly width: number;
  readonly target: Columns[string]["data"];
  readonly tensor: OrtTensor;
}

/** The rows of a batch as ONNX Runtime's tensors. */
export class BatchTensors {
  /** By input name; filled by {@link gather}. */
  readonly tensors: Readonly<Record<string, OrtTensor>>;
  readonly #columns: readonly Gathered[];

  constructor(columns: Columns, batchSize: number) {
    this.#columns = Object.entries(columns).map(([name, source]) => {
      const [rows = 0, ...rest] = source.shape;
      const width = rows === 0 ? 0 : source.data.length / rows;
      const target = emptyArray(source.dtype, batchSize * width);
      const tensor = toOrtTensor(tensorData(source.dtype, target, [batchSize, ...rest]));
      return { name, source, width, target, tensor };
    });
    this.tensors = Object.fromEntries(this.#columns.map(({ name, tensor }) => [name, tensor]));
  }

  /** Fills the tensors with rows, as many as the batch has. Throws {@link RuntimeError} for a row that is not there. */
  gather(rows: Uint32Array): void {
    for (const { name, source, width, target } of this.#columns) {
      const count = source.shape[0] ?? 0;
      for (let place = 0; place < rows.length; place++) {
        const row = rows[place] ?? 0;
        if (row >= count) throw new RuntimeError(`"${name}" has ${count} rows, but row ${row} was asked for`);
        copyRow(source.data, target, row, place, width);
      }
    }
  }
}

/** Copies a row of so many elements between arrays of one class. */
export function copyRow(
  source: Columns[string]["data"],
  target: Columns[string]["data"],
  row: number,
  place: number,
  width: number,
): void {
  // SAFETY: source and target are arrays of one class.
  const from = source as Float32Array;
  const to = target as Float32Array;
  if (width === 1) to[place] = from[row] as number;
  else to.set(from.subarray(row * width, (row + 1) * width), place * width);
}
