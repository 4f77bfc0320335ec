/** @file Tensors of onnxruntime and TensorFlow.js, told by their shape: element type, dimensions and values. */
import type { Column } from "../../protocol.ts";
import { isArray, isObject, readAny } from "../rich/safe-read.ts";
import { isTypedArray } from "./array-tables.ts";
import { columnType } from "./column-type.ts";
import { mostColumns, type TableSource } from "./table-source.ts";

/** Values beyond this are not copied from a device for a display. */
const mostDownloaded = 1_000_000;

/** A tensor's description; `values` is absent where they are not in main memory (or too many to fetch). */
export interface TensorView {
  readonly elementType: string;
  readonly dimensions: readonly number[];
  readonly size: number;
  readonly location: string | undefined;
  readonly values: ArrayLike<unknown> | undefined;
}

/** The value as a tensor, or undefined. */
export function tensorView(value: object): TensorView | undefined {
  if (isArray(value) || ArrayBuffer.isView(value)) return undefined;
  return onnxTensor(value) ?? tensorflowTensor(value);
}

function dimensionsOf(value: unknown): readonly number[] | undefined {
  if (!isArray(value) || value.length > 32) return undefined;
  const dimensions = value.filter((size): size is number => Number.isSafeInteger(size) && Number(size) >= 0);
  return dimensions.length === value.length ? dimensions : undefined;
}

function sizeOf(dimensions: readonly number[]): number {
  return dimensions.reduce((product, size) => product * size, 1);
}

function onnxTensor(value: object): TensorView | undefined {
  const elementType = readAny(value, "type");
  const dimensions = dimensionsOf(readAny(value, "dims"));
  if (typeof elementType !== "string" || dimensions === undefined) return undefined;
  const location = readAny(value, "location");
  const data = readAny(value, "data");
  const values = isTypedArray(data) || isArray(data) ? data : undefined;
  const size = sizeOf(dimensions);
  if (values === undefined ? typeof location !== "string" : values.length !== size) return undefined;
  return {
    elementType,
    dimensions,
    size,
    location: typeof location === "string" ? location : undefined,
    values,
  };
}

function tensorflowTensor(value: object): TensorView | undefined {
  const elementType = readAny(value, "dtype");
  const dimensions = dimensionsOf(readAny(value, "shape"));
  const dataSync = readAny(value, "dataSync");
  if (typeof elementType !== "string" || dimensions === undefined || typeof dataSync !== "function")
    return undefined;
  const size = sizeOf(dimensions);
  const disposed = readAny(value, "isDisposed") === true;
  let values: ArrayLike<unknown> | undefined;
  if (!disposed && size <= mostDownloaded) {
    try {
      const data: unknown = Reflect.apply(dataSync, value, []);
      if (isObject(data) && (isTypedArray(data) || isArray(data))) values = data;
    } catch {
      // A tensor on a device without synchronous reads is described without its values.
    }
  }
  return { elementType, dimensions, size, location: disposed ? "disposed" : undefined, values };
}

/** The tensor as rows of its last dimension; undefined where its values are out of reach. */
export function tensorTable(view: TensorView): TableSource | undefined {
  const { values, dimensions } = view;
  if (values === undefined) return undefined;
  const width = dimensions.length < 2 ? 1 : (dimensions.at(-1) ?? 1);
  if (width === 0) return undefined;
  const shown = Math.min(width, mostColumns);
  const columns = Array.from({ length: shown }, (_, column): Column => {
    return { name: dimensions.length < 2 ? "value" : String(column), type: columnType([values[column]]) };
  });
  return {
    kind: "Tensor",
    columns,
    rowCount: Math.floor(values.length / width),
    hiddenColumns: width - shown,
    indexed: true,
    reader: (column) => (row) => values[row * width + column],
  };
}
