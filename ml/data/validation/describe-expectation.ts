/** @file An expectation and its outcome as short texts, for people. */
import * as v from "valibot";
import { rowConditionSchema, type RowCondition } from "./row-condition.ts";
import type { Expectation, ResultDetails, ResultValue } from "./expectation.ts";

/** An expectation as a phrase, such as `values to be between · min_value 0, mostly 0.99`. */
export function describeExpectation({ type, kwargs }: Expectation): string {
  const phrase = type
    .replace(/^expect_/, "")
    .replace(/^(?:column_pair|column|multicolumn|table)_(?=.)/, "")
    .replaceAll("_", " ");
  const shown = Object.entries(kwargs).filter(([name]) => !domain.has(name));
  const list = shown
    .map(([name, value]) =>
      name === "row_condition" ? describeCondition(value) : `${name} ${shortJson(value)}`,
    )
    .join(", ");
  return list === "" ? phrase : `${phrase} · ${list}`;
}

function describeCondition(value: unknown): string {
  const parsed = v.safeParse(rowConditionSchema, value);
  return parsed.success ? `where ${conditionText(parsed.output)}` : `row_condition ${shortJson(value)}`;
}

function conditionText(condition: RowCondition): string {
  if ("conditions" in condition) {
    return condition.conditions
      .map((part) => ("conditions" in part ? `(${conditionText(part)})` : conditionText(part)))
      .join(` ${condition.type} `);
  }
  const { name } = condition.column;
  if (condition.type === "nullity") return `${name} is ${condition.is_null ? "missing" : "not missing"}`;
  return `${name} ${condition.operator === "NOT_IN" ? "not in" : condition.operator.toLowerCase()} ${shortJson(condition.parameter)}`;
}

const domain = new Set(["column", "column_A", "column_B", "column_list"]);

/** The column or columns that an expectation is about; `(table)` where it is about none. */
export function subjectOf({ type, kwargs }: Expectation): string {
  const { column, column_A: a, column_B: b, column_list: list } = kwargs;
  if (typeof column === "string") return column;
  if (typeof a === "string" && typeof b === "string") return `${a}, ${b}`;
  if (Array.isArray(list) && !type.startsWith("expect_table_")) return list.join(", ");
  return "(table)";
}

/** What was found, as a phrase. */
export function describeResult(result: ResultDetails): string {
  const parts: string[] = [];
  const { unexpected_count: unexpected, unexpected_percent: percent, missing_count: missing } = result;
  if (result.observed_value !== undefined && result.observed_value !== null)
    parts.push(`observed ${shortJson(result.observed_value)}`);
  if (unexpected !== undefined) {
    const share =
      percent === undefined || percent === null || unexpected === 0 ? "" : ` (${percentText(percent)})`;
    parts.push(`${integer(unexpected)} unexpected${share}`);
  }
  if (missing !== undefined && missing > 0) parts.push(`${integer(missing)} missing`);
  if (parts.length === 0 && "observed_value" in result) parts.push("nothing observed");
  const mismatched = result.details?.["mismatched"];
  if (mismatched !== undefined) parts.push(shortJson(mismatched));
  return parts.join(", ");
}

/** The examples of what is unexpected or missing, as short texts, each with how often it is among them. */
export function examplesOf(result: ResultDetails): readonly string[] {
  const counted = result.partial_unexpected_counts;
  if (counted !== undefined)
    return counted.map(({ value, count }) => `${valueText(value)}${count > 1 ? ` ×${count}` : ""}`);
  const unexpected = (result.partial_unexpected_list ?? []).map(valueText);
  const missing = (result.partial_missing_list ?? []).map((value) => `no ${valueText(value)}`);
  return [...unexpected, ...missing];
}

function valueText(value: ResultValue): string {
  return shorten(typeof value === "string" ? JSON.stringify(value) : shortJson(value), 60);
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === "bigint") return String(item);
    if (typeof item !== "number" || Number.isInteger(item)) return item;
    return Number.isFinite(item) ? Number(item.toPrecision(6)) : String(item);
  });
  return shorten(
    (text ?? "nothing").replaceAll(/^"|"$/g, (quote) => (text.length > 40 ? quote : "")),
    100,
  );
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

function percentText(percent: number): string {
  const shown = percent >= 0.01 ? percent.toFixed(2) : percent.toPrecision(2);
  return `${shown} %`;
}

function integer(count: number): string {
  return count.toLocaleString("en-US");
}
