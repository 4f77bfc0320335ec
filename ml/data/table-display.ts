/** @file Rows as a small HTML or text table: the first rows, the columns' types, and how much there is. */
import type { ColumnDescription, Row, RowValue } from "./query-result.ts";

const shownRows = 25;

/** An HTML table of the first rows. */
export function tableHtml(columns: readonly ColumnDescription[], rows: readonly Row[]): string {
  const header = columns
    .map(({ name, type }) => {
      const typeLine = `<br><span style="font-weight:normal;opacity:.78;font-size:85%">${escapeHtml(type.toLowerCase())}</span>`;
      return `<th style="text-align:${columnAlignment(type)}">${escapeHtml(name)}${typeLine}</th>`;
    })
    .join("");
  const cells = columns.map((column) => {
    const style = `text-align:${columnAlignment(column.type)};white-space:nowrap`;
    return columnTexts(column, rows).map((text) => `<td style="${style}">${escapeHtml(text)}</td>`);
  });
  const body = rows
    .slice(0, shownRows)
    .map((_, row) => `<tr>${cells.map((column) => column[row]).join("")}</tr>`);
  return `<table><thead><tr>${header}</tr></thead><tbody>${body.join("")}</tbody></table><p style="opacity:.78">${extent(columns, rows)}</p>`;
}

/** The same table as aligned text. */
export function tableText(columns: readonly ColumnDescription[], rows: readonly Row[]): string {
  const lines = columns.map((column) => {
    const texts = columnTexts(column, rows);
    const width = Math.max(column.name.length, ...texts.map(({ length }) => length));
    const pad = (text: string): string =>
      columnAlignment(column.type) === "right" ? text.padStart(width) : text.padEnd(width);
    return [pad(column.name), "─".repeat(width), ...texts.map(pad)];
  });
  const height = Math.min(rows.length, shownRows) + 2;
  const body = Array.from({ length: height }, (_, line) =>
    lines
      .map((column) => column[line])
      .join("  ")
      .trimEnd(),
  );
  return [...body, extent(columns, rows)].join("\n");
}

function extent(columns: readonly ColumnDescription[], rows: readonly Row[]): string {
  const shown = rows.length > shownRows ? `first ${shownRows} of ` : "";
  const plural = (count: number, noun: string): string =>
    `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
  return `${shown}${plural(rows.length, "row")} × ${plural(columns.length, "column")}`;
}

/** The side that a type's values stand on. */
export function columnAlignment(type: string): "left" | "right" {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/.test(type) ? "right" : "left";
}

/** A column's first values as text: numbers with as many decimals as the neediest of them. */
export function columnTexts({ name, type }: ColumnDescription, rows: readonly Row[]): string[] {
  const values = rows.slice(0, shownRows).map((row) => row[name]);
  const decimals = Math.max(0, ...values.map((value) => (typeof value === "number" ? decimalsOf(value) : 0)));
  return values.map((value) => formatValue(value, type, decimals));
}

/** Decimals that show four digits of a number; a column shows as many as its neediest value. */
function decimalsOf(value: number): number {
  if (Number.isInteger(value) || !Number.isFinite(value)) return 0;
  const [, fraction = ""] = String(Number(value.toPrecision(4))).split(".");
  return Math.min(fraction.length, 6);
}

function formatValue(value: RowValue | undefined, type: string, decimals: number): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") {
    // Years and identifiers read better without separators, so only longer numbers get them.
    const useGrouping = Math.abs(value) >= 10_000;
    return value.toLocaleString("en-US", {
      useGrouping,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  }
  if (value instanceof Date) {
    const [day = "", time = ""] = value.toISOString().split("T");
    return type === "DATE" ? day : `${day} ${time.replace(/(:00)?\.000Z$/, "")}`;
  }
  if (typeof value === "object") {
    return JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? String(item) : item));
  }
  return String(value);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
