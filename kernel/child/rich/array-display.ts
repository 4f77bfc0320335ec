/** @file Arrays and typed arrays: tables for records and matrices, a summary for typed arrays. */
import type { MimeBundle } from "../protocol.ts";
import { isTypedArray, matrixTable, recordsTable, type TypedArray } from "../tables/array-tables.ts";
import { escapeHtml } from "./escape-html.ts";
import { inspectText } from "./inspect-text.ts";
import { formatCount, formatNumber, previewValue } from "./preview.ts";
import { elementAt, typeName } from "./safe-read.ts";
import { styled } from "./style.ts";
import { tableBundle, tableHead, tableHtml } from "./table-display.ts";

const summarised = 1_000_000;
const headLength = 10;
const tailLength = 3;

/** An array of objects or of rows as a table; undefined for other arrays, which read best as text. */
export function arrayBundle(value: readonly unknown[]): MimeBundle | undefined {
  const records = recordsTable(value);
  if (records !== undefined) {
    const scalar = records.columns.every((column) => column.type !== "object" && column.type !== "mixed");
    const head = tableHead(records);
    return scalar
      ? tableBundle(head)
      : { "text/html": styled(tableHtml(head)), "text/plain": inspectText(value) };
  }
  if (value.length < 2 || !isNumericRow(elementAt(value, 0))) return undefined;
  const matrix = matrixTable(value);
  if (
    matrix === undefined ||
    matrix.columns.some((column) => column.type !== "number" && column.type !== "bigint")
  ) {
    return undefined;
  }
  return { "text/html": styled(tableHtml(tableHead(matrix))), "text/plain": inspectText(value) };
}

function isNumericRow(row: unknown): boolean {
  if (isTypedArray(row)) return true;
  return Array.isArray(row) && row.length > 0 && ["number", "bigint"].includes(typeof elementAt(row, 0));
}

/** Minimum, maximum and mean; of evenly spread elements where there are very many. */
export interface Summary {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Elements that are NaN. */
  readonly missing: number;
  readonly sampled: boolean;
}

/** Summarises numbers; undefined where none is a number. */
export function summarise(values: ArrayLike<unknown>): Summary | undefined {
  const step = Math.max(1, Math.ceil(values.length / summarised));
  let min = Infinity;
  let max = -Infinity;
  let sum = 0;
  let count = 0;
  let missing = 0;
  for (let index = 0; index < values.length; index += step) {
    const raw = values[index];
    const value = typeof raw === "bigint" ? Number(raw) : raw;
    if (typeof value !== "number") return undefined;
    if (Number.isNaN(value)) {
      missing += 1;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
  }
  return count === 0 ? undefined : { min, max, mean: sum / count, missing, sampled: step > 1 };
}

/** Head and tail of a list of scalars on one line: `1, 2, 3, … 9, 10`. */
export function headAndTail(values: ArrayLike<unknown>, head = headLength, tail = tailLength): string {
  const show = (index: number): string => previewValue(values[index], 40);
  if (values.length <= head + tail)
    return Array.from({ length: values.length }, (_, index) => show(index)).join(", ");
  const first = Array.from({ length: head }, (_, index) => show(index));
  const last = Array.from({ length: tail }, (_, index) => show(values.length - tail + index));
  return `${first.join(", ")}, … ${last.join(", ")}`;
}

/** `min`, `max`, `mean` as labelled numbers in HTML and in text. */
export function summaryParts(summary: Summary): { readonly html: string; readonly text: string } {
  const parts: [string, string][] = [
    ["min", formatNumber(summary.min)],
    ["max", formatNumber(summary.max)],
    ["mean", formatNumber(summary.mean)],
  ];
  if (summary.missing > 0) parts.push(["NaN", formatCount(summary.missing)]);
  const note = summary.sampled ? " (of a sample)" : "";
  return {
    html: `<p class="tn-stats">${parts.map(([name, text]) => `<span><i>${name}</i>${escapeHtml(text)}</span>`).join("")}${note}</p>`,
    text: parts.map(([name, text]) => `${name} ${text}`).join("  ") + note,
  };
}

/** Type, length, head … tail and a summary of a typed array. Text stays as `util.inspect` has it where it is short. */
export function typedArrayBundle(value: TypedArray): MimeBundle {
  const title = `${typeName(value)}(${formatCount(value.length)})`;
  const summary = Buffer.isBuffer(value) ? undefined : summarise(value);
  const parts = summary === undefined ? { html: "", text: "" } : summaryParts(summary);
  const line = headAndTail(value);
  return {
    "text/html": styled(
      `<p class="tn-head"><b>${escapeHtml(title)}</b></p>${value.length > 1 ? parts.html : ""}` +
        `<pre class="tn-code">[${escapeHtml(line)}]</pre>`,
    ),
    "text/plain":
      value.length <= 100 || Buffer.isBuffer(value)
        ? inspectText(value)
        : `${title} [${line}]\n${parts.text}`.trimEnd(),
  };
}
