/** @file Values as the cells of the published protocol, and comparison of values with each other and with operands. */
import { types } from "node:util";
import type { Cell, Operand } from "../../protocol.ts";
import { clip, formatDate, previewValue } from "../rich/preview.ts";
import { typeName, Unreadable } from "../rich/safe-read.ts";

const longestText = 1000;

/** Any value as a cell; see `cellSchema` for the tags. */
export function toCell(value: unknown): Cell {
  switch (typeof value) {
    case "string":
      return value.length <= longestText
        ? value
        : { kind: "text", text: clip(value, longestText), length: value.length };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { kind: "number", text: Object.is(value, -0) ? "-0" : String(value) };
    case "boolean":
      return value;
    case "bigint":
      return { kind: "bigint", text: previewValue(value).replace(/n$/, "") };
    case "undefined":
      return { kind: "undefined" };
    default:
      if (value === null) return null;
      if (Unreadable.is(value)) return { kind: "unreadable", text: clip(value.text, longestText) };
      if (types.isDate(value)) return { kind: "date", text: formatDate(value) };
      return { kind: "value", text: previewValue(value), type: typeName(value) };
  }
}

/** True for what a table treats as null: null, undefined, NaN, an invalid date. */
export function isNull(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === "number") return value !== value;
  return types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value));
}

/** What values are ordered by. */
export type SortKey = number | bigint | string;

/** A scalar to order by: numbers, bigints and strings as they are, dates as times, the rest as text. */
export function sortKey(value: unknown): SortKey {
  switch (typeof value) {
    case "number":
    case "bigint":
    case "string":
      return value;
    case "boolean":
      return value ? 1 : 0;
    default:
      return types.isDate(value) ? Date.prototype.getTime.call(value) : previewValue(value, 60);
  }
}

/** Orders keys: numbers and bigints before strings, strings by code unit. */
export function compareKeys(left: SortKey, right: SortKey): number {
  if (typeof left === "string" || typeof right === "string") {
    if (typeof left !== "string") return -1;
    if (typeof right !== "string") return 1;
  }
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The operand in terms of a column's value: text is read as a date or a number where the value is one. */
export function operandKey(operand: Operand, value: unknown): number | string | undefined {
  if (typeof operand === "boolean") return typeof value === "boolean" ? Number(operand) : undefined;
  if (typeof operand === "number") return typeof value === "string" ? String(operand) : operand;
  if (types.isDate(value)) return numberOrNothing(Date.parse(operand));
  if (typeof value === "number" || typeof value === "bigint") return numberOrNothing(Number(operand));
  if (typeof value === "boolean") return operand === "true" ? 1 : operand === "false" ? 0 : undefined;
  return operand;
}

function numberOrNothing(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
