/** @file The texts of a table column's cells: numbers of one column have the same number of decimals. */
import { types } from "node:util";
import { clip, formatDate, formatNumber, previewValue } from "./preview.ts";

const longestCell = 200;

/** One text for each value: strings without quotes, dates without an empty time, missing values as themselves. */
export function columnTexts(values: readonly unknown[]): string[] {
  const decimals = commonDecimals(values);
  return values.map((value) =>
    typeof value === "number" && decimals !== undefined && Number.isFinite(value)
      ? value.toFixed(decimals)
      : cellText(value),
  );
}

function cellText(value: unknown): string {
  if (typeof value === "string") return clip(value, longestCell);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "bigint") return previewValue(value, longestCell).replace(/n$/, "");
  if (types.isDate(value)) return formatDate(value).replace(/T00:00:00\.000Z$|\.000(?=Z$)/, "");
  return previewValue(value, longestCell);
}

/** Decimals that show every number well; undefined where each is better off with its own. */
function commonDecimals(values: readonly unknown[]): number | undefined {
  let decimals = 0;
  let largest = 0;
  let smallest = Infinity;
  for (const value of values) {
    if (typeof value !== "number" || !Number.isFinite(value)) continue;
    const magnitude = Math.abs(value);
    largest = Math.max(largest, magnitude);
    if (magnitude > 0) smallest = Math.min(smallest, magnitude);
    const point = formatNumber(value).indexOf(".");
    if (point >= 0) decimals = Math.max(decimals, formatNumber(value).length - point - 1);
  }
  if (decimals === 0 || largest >= 1e9 || smallest < 1e-4) return undefined;
  return Math.min(decimals, smallest >= 0.01 ? 4 : 6);
}
