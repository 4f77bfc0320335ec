/** @file Rows as a small HTML or text table: the first rows, the columns' types, and how much there is. */
import type { ColumnDescription, Row, RowValue } from "./query-result.ts";

const shownRows = 25;

/** An HTML table of the first rows. */
export function tableHtml(columns: readonly ColumnDescription[], rows: readonly Row[]): string {
  const header = columns
    .map(({ name, type }) => {
      const typeLine = `<br><span style="font-weight:normal;opacity:.6;font-size:85%">${escapeHtml(type.toLowerCase())}</span>`;
      return `<th style="text-align:${alignment(type)}">${escapeHtml(name)}${typeLine}</th>`;
    })
    .join("");
  const body = rows.slice(0, shownRows).map((row) => {
    const cells = columns.map(({ name, type }) => {
      return `<td style="text-align:${alignment(type)}">${escapeHtml(formatValue(row[name]))}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${header}</tr></thead><tbody>${body.join("")}</tbody></table><p style="opacity:.7">${extent(columns, rows)}</p>`;
}

/** The same table as aligned text. */
export function tableText(columns: readonly ColumnDescription[], rows: readonly Row[]): string {
  const lines = rows.slice(0, shownRows).map((row) => columns.map(({ name }) => formatValue(row[name])));
  const widths = columns.map(({ name }, index) =>
    Math.max(name.length, ...lines.map((line) => line[index]?.length ?? 0)),
  );
  const pad = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return alignment(columns[index]?.type ?? "") === "right" ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const header = pad(columns.map(({ name }) => name));
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [header, rule, ...lines.map((line) => pad(line)), extent(columns, rows)].join("\n");
}

function extent(columns: readonly ColumnDescription[], rows: readonly Row[]): string {
  const shown = rows.length > shownRows ? `first ${shownRows} of ` : "";
  const plural = (count: number, noun: string): string =>
    `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
  return `${shown}${plural(rows.length, "row")} × ${plural(columns.length, "column")}`;
}

function alignment(type: string): "left" | "right" {
  return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/.test(type) ? "right" : "left";
}

function formatValue(value: RowValue | undefined): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") {
    if (Number.isInteger(value))
      return Math.abs(value) >= 10_000 ? value.toLocaleString("en-US") : String(value);
    return Math.abs(value) >= 1000
      ? value.toLocaleString("en-US", { maximumFractionDigits: 1 })
      : String(Number(value.toPrecision(4)));
  }
  if (value instanceof Date)
    return value
      .toISOString()
      .replace("T", " ")
      .replace(/(:00)?\.000Z$/, "");
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
