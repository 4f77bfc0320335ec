/** @file Rows as bins, one byte a value: row by row for histograms, and feature by feature for partitions. */
import type { DenseMatrix } from "../../dense-matrix.ts";
import type { Turns } from "../../turns.ts";
import { rangesOf } from "./crew.ts";
import { missingBin, type FeatureBins } from "./feature-bins.ts";
import type { Pointer } from "./kernels.ts";
import type { TrainingWork } from "./objectives/objective.ts";

/** Binned rows in a training's memory. */
export interface BinnedRows {
  readonly rows: number;
  /** The bins of a row; feature after feature. */
  readonly rowBins: Pointer;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** The bins of a feature, row after row; 0 where they were not asked for. */
  readonly columnBins: Pointer;
  /** Bytes from one feature to the next. */
  readonly columnStride: number;
}

/** Rows that a thread bins at a time. */
const partRows = 1024;

/** A number of rows or features made a multiple of something. */
export const padded = (count: number, to: number): number => Math.ceil(count / to) * to;

/** Bins rows. A category that has no bin of its own gets the one after the last. */
export async function binRows(
  { memory, crew }: TrainingWork,
  { data, rows, columns }: DenseMatrix,
  features: readonly FeatureBins[],
  byFeature: boolean,
  turns: Turns,
): Promise<BinnedRows> {
  const width = columns.length;
  const blockRows = partRows * crew.threads;
  const stride = padded(features.length, 16);
  const columnStride = byFeature ? padded(rows, 64) : blockRows;
  const rowBins = memory.reserve(rows * stride);
  const columnBins = byFeature ? memory.reserve(features.length * columnStride) : 0;
  memory.kernels.clear(rowBins, rows * stride);
  const block = memory.reserve(4 * blockRows * width);
  const places = memory.reserve(4 * features.length);
  const cuts = memory.reserve(1024 * features.length);
  const unused = byFeature ? 0 : memory.reserve(features.length * blockRows);
  memory.uint32(places, features.length).set(features.map(({ column }) => column));
  for (const [place, { cuts: own, categories }] of features.entries()) {
    const all = memory.float32(cuts + 1024 * place, 256).fill(Number.POSITIVE_INFINITY);
    all.set(categories ? Float32Array.from(categories, (_, at) => at + 1) : own);
  }
  const values = memory.float32(block, blockRows * width);
  const categorical = features.flatMap(({ column, categories }) =>
    categories ? [{ column, bins: new Map(Array.from(categories, (category, bin) => [category, bin])) }] : [],
  );
  for (let from = 0; from < rows; from += blockRows) {
    const here = Math.min(blockRows, rows - from);
    values.set(data.subarray(from * width, (from + here) * width));
    for (const { column, bins } of categorical) {
      for (let at = column; at < here * width; at += width) {
        const value = values[at] ?? 0;
        if (!Number.isNaN(value)) values[at] = bins.get(value) ?? Math.min(bins.size, missingBin - 1);
      }
    }
    crew.call(
      "binRows",
      rangesOf(here, crew.threads, 64).map(({ start, count }) => [
        block + 4 * start * width,
        count,
        width,
        places,
        features.length,
        cuts,
        rowBins + (from + start) * stride,
        stride,
        byFeature ? columnBins + from + start : unused + start,
        columnStride,
      ]),
    );
    if (turns.due) await turns.give();
  }
  memory.release(block);
  return { rows, rowBins, stride, columnBins, columnStride };
}
