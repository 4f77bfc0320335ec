/** @file DataFrames of nodejs-polars, told by their shape. */
import { isArray, isObject, readAny } from "../rich/safe-read.ts";
import { call, has, tableOf } from "./foreign-table.ts";
import type { TableSource } from "./table-source.ts";

/** The value as a table where it is a DataFrame; undefined otherwise. */
export function polarsTable(value: object): TableSource | undefined {
  if (!isFrame(value)) return undefined;
  const names = readAny(value, "columns");
  const rowCount = readAny(value, "height");
  const dtypes = readAny(value, "dtypes");
  if (!isArray(names) || typeof rowCount !== "number") return undefined;
  return tableOf({
    kind: "DataFrame",
    names: names.map(String),
    nativeTypes: isArray(dtypes) ? dtypes.map(nameOf) : [],
    rowCount,
    reader: (column) => {
      const found = call(value, "getColumn", String(names[column]));
      if (!isObject(found)) return () => undefined;
      const series = readable(found);
      // Unlike a slice, a single value costs next to nothing.
      const get = readAny(series, "getIndex");
      return (row) => (typeof get === "function" ? Reflect.apply(get, series, [row]) : undefined);
    },
  });
}

/** What a DataFrame holds, in bytes; undefined for other values. */
export function polarsBytes(value: object): number | undefined {
  if (!isFrame(value)) return undefined;
  // Polars knows it, and its JavaScript face has no word for it.
  const inner = readAny(value, "_df");
  try {
    const bytes = isObject(inner) ? call(inner, "estimatedSize") : undefined;
    return typeof bytes === "number" ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function isFrame(value: object): boolean {
  return readAny(value, Symbol.toStringTag) === "DataFrame" && has(value, "getColumn", "slice", "toRecords");
}

/** `List(Int64)` of `DataType(List(DataType(Int64)))`. */
function nameOf(dtype: unknown): string {
  let name = "";
  const isShown: boolean[] = [];
  for (const [part] of String(dtype).matchAll(/DataType\(|\(|,?\)|,|(?:(?!DataType\()[^(),])+/g)) {
    if (part.endsWith("(")) isShown.push(part === "(");
    if (part.endsWith(")")) name += isShown.pop() === false ? "" : ")";
    else if (part !== "DataType(") name += part;
  }
  return name;
}

/** Polars gives no decimals to JavaScript: they are read as floats. */
function readable(series: object): object {
  const dtype = readAny(series, "dtype");
  if (!String(dtype).startsWith("DataType(Decimal") || !isObject(dtype)) return series;
  // The types are static fields of the class that each type's own class extends.
  const types: unknown = Object.getPrototypeOf(dtype.constructor);
  const float = isObject(types) ? readAny(types, "Float64") : undefined;
  const cast = float === undefined ? undefined : call(series, "cast", float);
  return isObject(cast) ? cast : series;
}
