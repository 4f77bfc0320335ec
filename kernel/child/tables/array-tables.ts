/** @file Plain JavaScript collections as tables: arrays of objects, of rows and of values, typed arrays, Map, Set. */
import { types } from "node:util";
import type { Column } from "../../protocol.ts";
import { elementAt, isArray, isObject, ownKeys, readOwn, typeName } from "../rich/safe-read.ts";
import { columnType, sampleRows } from "./column-type.ts";
import { mostColumns, type TableSource } from "./table-source.ts";

const mostSampledKeys = 20_000;

/** A numeric typed array; DataViews and array buffers are not. */
export type TypedArray = Exclude<NodeJS.TypedArray, never>;

/** True for typed arrays, Buffers among them. */
export function isTypedArray(value: unknown): value is TypedArray {
  return types.isTypedArray(value);
}

/** An array whose sampled elements are all objects with fields (or missing); undefined otherwise. */
export function recordsTable(value: readonly unknown[]): TableSource | undefined {
  const sample = sampleRows(value.length).map((row) => elementAt(value, row));
  const present = sample.filter((element) => element !== null && element !== undefined);
  if (present.length === 0) return undefined;
  const names = new Map<string, unknown[]>();
  let keysSeen = 0;
  for (const element of present) {
    if (!isRecord(element)) return undefined;
    if (keysSeen > mostSampledKeys) continue;
    const keys = ownKeys(element);
    if (keys.length === 0 && !isPlain(element)) return undefined;
    keysSeen += keys.length;
    for (const key of keys.slice(0, mostSampledKeys)) {
      const values = names.get(key);
      if (values === undefined) names.set(key, [readOwn(element, key)]);
      else values.push(readOwn(element, key));
    }
  }
  if (names.size === 0) return undefined;
  const columns = [...names]
    .slice(0, mostColumns)
    .map(([name, values]): Column => ({ name, type: columnType(values) }));
  return {
    kind: "Array",
    columns,
    rowCount: value.length,
    hiddenColumns: names.size - columns.length,
    indexed: true,
    reader: (column) => {
      const key = columns[column]?.name ?? "";
      return (row) => {
        const element = elementAt(value, row);
        return isObject(element) ? readOwn(element, key) : undefined;
      };
    },
  };
}

function isRecord(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    !isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !types.isNativeError(value)
  );
}

function isPlain(value: object): boolean {
  return typeName(value) === "Object";
}

/** An array of arrays (or typed arrays) of one length that hold scalars; undefined otherwise. */
export function matrixTable(value: readonly unknown[]): TableSource | undefined {
  let width: number | undefined;
  const samples: unknown[][] = [];
  for (const row of sampleRows(value.length, 100)) {
    const line = elementAt(value, row);
    if (!isArray(line) && !isTypedArray(line)) return undefined;
    width ??= line.length;
    if (width === 0 || line.length !== width) return undefined;
    const shown = Array.from({ length: Math.min(width, mostColumns) }, (_, column) => readOwn(line, column));
    if (samples.length === 0 && shown.some((entry) => isObject(entry))) return undefined;
    if (samples.length * width < mostSampledKeys) samples.push(shown);
  }
  if (width === undefined) return undefined;
  const columns = Array.from({ length: Math.min(width, mostColumns) }, (_, column): Column => ({
    name: String(column),
    type: columnType(samples.map((line) => line[column])),
  }));
  return {
    kind: "Array",
    columns,
    rowCount: value.length,
    hiddenColumns: width - columns.length,
    indexed: true,
    reader: (column) => (row) => {
      const line = elementAt(value, row);
      return isObject(line) ? readOwn(line, column) : undefined;
    },
  };
}

/** Any array, as one column. */
export function valuesTable(value: readonly unknown[]): TableSource {
  const type = columnType(sampleRows(value.length).map((row) => elementAt(value, row)));
  return {
    kind: "Array",
    columns: [{ name: "value", type }],
    rowCount: value.length,
    hiddenColumns: 0,
    indexed: true,
    reader: () => (row) => elementAt(value, row),
  };
}

/** A typed array as one column. */
export function typedArrayTable(value: TypedArray): TableSource {
  const type = types.isBigInt64Array(value) || types.isBigUint64Array(value) ? "bigint" : "number";
  return {
    kind: typeName(value),
    columns: [{ name: "value", type }],
    rowCount: value.length,
    hiddenColumns: 0,
    indexed: true,
    reader: () => (row) => value[row],
  };
}

/** A Map as key and value, a Set as its values; entries are listed once, in insertion order. */
export function collectionTable(value: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>): TableSource {
  const lists = types.isMap(value)
    ? [[...Map.prototype.keys.call(value)], [...Map.prototype.values.call(value)]]
    : // SAFETY: the parameter is a Map or a Set, and it is no Map.
      [[...Set.prototype.values.call(value as Set<unknown>)]];
  const names = lists.length === 2 ? ["key", "value"] : ["value"];
  return {
    kind: lists.length === 2 ? "Map" : "Set",
    columns: names.map((name, column) => ({
      name,
      type: columnType(sampleRows(value.size).map((row) => lists[column]?.[row])),
    })),
    rowCount: value.size,
    hiddenColumns: 0,
    indexed: lists.length === 1,
    reader: (column) => (row) => lists[column]?.[row],
  };
}
