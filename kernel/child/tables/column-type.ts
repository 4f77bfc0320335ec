/** @file What a column holds, judged from a sample of its values. */
import { types } from "node:util";
import type { ColumnType } from "../../protocol.ts";

/** True for what a table treats as missing: null, undefined and NaN. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

/** The type of one value as a column would call it; `empty` for missing ones. */
export function valueType(value: unknown): ColumnType {
  if (value === null || value === undefined) return "empty";
  switch (typeof value) {
    case "number":
      return "number";
    case "bigint":
      return "bigint";
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    default:
      return types.isDate(value) ? "date" : "object";
  }
}

/** The one type of the values, `mixed` where there are several, `empty` where none is present. */
export function columnType(values: Iterable<unknown>): ColumnType {
  let found: ColumnType = "empty";
  for (const value of values) {
    const type = valueType(value);
    if (type === "empty" || type === found) continue;
    if (found !== "empty") return "mixed";
    found = type;
  }
  return found;
}

/** At most `most` row numbers: the head of the table and evenly spread ones after it. */
export function sampleRows(rowCount: number, most = 200): number[] {
  if (rowCount <= most) return Array.from({ length: rowCount }, (_, row) => row);
  const head = Math.floor(most / 2);
  const spread = most - head;
  return Array.from({ length: most }, (_, index) =>
    index < head ? index : head + Math.floor(((index - head) * (rowCount - head)) / spread),
  );
}
