/** @file Answers of the database as the values that evaluations expect. */
import type { RowValue } from "../query-result.ts";
import type { ResultValue } from "./expectation.ts";

/** A count of rows. */
export function countOf(value: RowValue | undefined): number {
  return value === undefined || value === null ? 0 : Number(value);
}

/** A number, or null where there is none: NaN counts as none, as for Great Expectations. */
export function numberOf(value: RowValue | undefined): number | null {
  if (value === undefined || value === null) return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}

/** The items of a list; none for null. */
export function listOf(value: RowValue | undefined): readonly RowValue[] {
  return Array.isArray(value) ? value : [];
}

/** A field of a struct. */
export function fieldOf(value: RowValue | undefined, name: string): RowValue | undefined {
  if (typeof value !== "object" || value === null || !(name in value)) return undefined;
  return Object.entries(value).find(([field]) => field === name)?.[1];
}

/** A value as results hold it. */
export function resultValue(value: RowValue | undefined): ResultValue {
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(resultValue);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resultValue(item)]));
}

/** A text; empty where there is none. */
export function textOf(value: RowValue | undefined): string {
  return typeof value === "string" ? value : "";
}
