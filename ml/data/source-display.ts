/**
 * @file A table as a notebook shows it: its first rows, and above them each column's type, shape and missing values.
 *
 * Only the first rows and columns are shown, and what is above them is computed by DuckDB; see `profile/table-summary.ts`
 * for how many rows it looks at.
 */
import { html, onOneLine, type Html } from "../html.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { isoDate } from "./profile/dates.ts";
import { plural, shortNumber, shortPercent } from "./profile/number-texts.ts";
import { shareBar, sparkline } from "./profile/sparkline.ts";
import { summarizeTable, type ColumnSummary, type TableSummary } from "./profile/table-summary.ts";
import type { ColumnDescription, Row } from "./query-result.ts";
import { identifier } from "./relation-sql.ts";
import { columnAlignment, columnTexts } from "./table-display.ts";
import type { TableSource } from "./table-source.ts";

const shownRows = 10;
const shownColumns = 30;
const longestText = 60;
const longestCell = 500;

/**
 * What a notebook shows of a table, as HTML and as text: the first rows, types, missing values, and small histograms or
 * the shares of the most frequent values.
 * @throws {@link QueryError} where DuckDB cannot run the table's query
 */
export async function displaySource(source: TableSource): Promise<MimeBundle> {
  const columns = source.columns.slice(0, shownColumns);
  const selected = columns.map(shownValue).join(", ");
  const { rows } = await source.database.query(
    `SELECT ${selected} FROM (${source.sql}\n) LIMIT ${shownRows}`,
  );
  const summary = await summarizeTable(source, shownColumns);
  const extent = extentText(summary, source.columns.length);
  return {
    "text/html": onOneLine(sourceHtml(columns, rows, summary, extent)),
    "text/plain": sourceText(columns, rows, summary, extent),
  };
}

/** A column as it is shown: instants as text, since JavaScript's dates know no infinity and end in the year 275760; times of day and intervals too, which it has not. */
function shownValue({ name, type }: ColumnDescription): string {
  const column = identifier(name);
  return /^(?:DATE|TIME|INTERVAL)/.test(type)
    ? `regexp_replace(${column}::VARCHAR, '(:\\d\\d):00$', '\\1') AS ${column}`
    : column;
}

function sourceHtml(
  columns: readonly ColumnDescription[],
  rows: readonly Row[],
  summary: TableSummary,
  extent: string,
): Html {
  const heads = columns.map((column, index) => {
    const shape = summary.columns[index];
    const align = columnAlignment(column.type);
    return html`<th style="text-align:${align};vertical-align:bottom;padding:4px 10px;white-space:nowrap">
      <div>${column.name}</div>
      <div style="font-weight:normal;opacity:.78;font-size:85%">${typeText(column.type)}</div>
      ${shape !== undefined && shapeHtml(column, shape, summary.examinedRows)}
    </th>`;
  });
  const cells = columns.map((column) => {
    const style = `text-align:${columnAlignment(column.type)};padding:3px 10px;white-space:nowrap;max-width:26em;overflow:hidden;text-overflow:ellipsis`;
    return columnTexts(column, rows).map(
      (text) => html`<td style="${style}">${text.slice(0, longestCell)}</td>`,
    );
  });
  const body = rows.map(
    (_, row) =>
      html`<tr>
        ${cells.map((column) => column[row])}
      </tr>`,
  );
  return html`<div style="overflow-x:auto">
      <table>
        <thead>
          <tr>
            ${heads}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    <p style="opacity:.78;margin:.5em 0 0">${extent}</p>`;
}

function shapeHtml(column: ColumnDescription, shape: ColumnSummary, examined: number): Html {
  const label = shapeText(column, shape);
  const present = examined - shape.missing;
  const chart =
    shape.bars.length === 0
      ? html`<svg width="96" height="26" aria-hidden="true"></svg>`
      : shape.isOrdered
        ? sparkline(shape.bars, `Histogram of ${column.name}: ${label}`)
        : shareBar(shape.bars, present, `Frequent values of ${column.name}: ${label}`);
  const gaps =
    shape.missing === 0 ? "no nulls" : `${shortPercent(shape.missing / Math.max(1, examined))} null`;
  const strength = shape.missing === 0 ? ".78" : "1";
  return html`<div style="line-height:0;margin:3px 0 2px">${chart}</div>
    <div style="font-weight:normal;font-size:80%;line-height:1.35;opacity:.78">${label}</div>
    <div
      style="font-weight:${shape.missing === 0 ? "normal" : "600"};font-size:80%;line-height:1.35;opacity:${strength}"
    >
      ${gaps}
    </div>`;
}

/** The range, or how many different values there are. */
function shapeText({ type }: ColumnDescription, { range, distinct, bars }: ColumnSummary): string {
  if (range !== undefined) {
    const [low, high] = range.map((value) => (isTime(type) ? isoDate(value, "DATE") : shortNumber(value)));
    return low === high ? `always ${low}` : `${low} – ${high}`;
  }
  if (distinct !== undefined && bars.length > 0) return plural(distinct, "value");
  return distinct === 0 ? "no value" : "many values";
}

function isTime(type: string): boolean {
  return /^(?:DATE|TIMESTAMP)/.test(type);
}

function typeText(type: string): string {
  const text = type.toLowerCase();
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

function sourceText(
  columns: readonly ColumnDescription[],
  rows: readonly Row[],
  summary: TableSummary,
  extent: string,
): string {
  const table = columns.map((column, index) => {
    const missing = summary.columns[index]?.missing ?? 0;
    const gaps =
      missing === 0 ? "no nulls" : `${shortPercent(missing / Math.max(1, summary.examinedRows))} null`;
    const blocks = blockBars(summary.columns[index]);
    const texts = [column.name, typeText(column.type), gaps, blocks, "", ...columnTexts(column, rows)].map(
      oneLine,
    );
    const width = Math.max(...texts.map(({ length }) => length));
    const rule = texts.with(4, "─".repeat(width));
    return rule.map((text) =>
      columnAlignment(column.type) === "right" ? text.padStart(width) : text.padEnd(width),
    );
  });
  const lines = Array.from({ length: rows.length + 5 }, (_, line) =>
    table
      .map((column) => column[line])
      .join("  ")
      .trimEnd(),
  );
  return [...lines, extent].join("\n");
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > longestText ? `${line.slice(0, longestText - 1)}…` : line;
}

/** A histogram of eighths of a character's height. */
function blockBars(shape: ColumnSummary | undefined): string {
  if (shape === undefined || !shape.isOrdered) return "";
  const most = Math.max(...shape.bars, 1);
  return shape.bars
    .map((count) => (count === 0 ? " " : "▁▂▃▄▅▆▇█"[Math.min(7, Math.floor((count / most) * 8))]))
    .join("");
}

function extentText({ rows, examinedRows }: TableSummary, columns: number): string {
  const size = `${plural(rows, "row")} × ${plural(columns, "column")}`;
  const first = columns > shownColumns ? [`the first ${shownColumns} columns are shown`] : [];
  const part =
    examinedRows < rows ? [`histograms and nulls of the first ${plural(examinedRows, "row")}`] : [];
  return [size, ...first, ...part].join("; ");
}
