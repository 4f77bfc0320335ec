/** @file The head of a table as HTML and as text, with its row and column counts. */
import type { Column } from "../../protocol.ts";
import type { MimeBundle } from "../protocol.ts";
import type { TableSource } from "../tables/table-source.ts";
import { isMissing } from "../tables/column-type.ts";
import { escapeHtml } from "./escape-html.ts";
import { clip, formatCount, formatNumber, previewValue } from "./preview.ts";
import { Unreadable } from "./safe-read.ts";
import { styled } from "./style.ts";

const shownRows = 20;
const shownColumns = 30;
const longestCell = 200;

/** What is shown of a table: some rows of raw values and what is known of the rest. */
export interface TableHead {
  readonly kind: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  /** Undefined where unknown. */
  readonly rowCount: number | undefined;
  readonly columnCount: number;
  readonly indexed: boolean;
}

/** The first rows and columns of a source. */
export function tableHead(source: TableSource, rows = shownRows): TableHead {
  const columns = source.columns.slice(0, shownColumns);
  const readers = columns.map((_, column) => source.reader(column));
  const count = Math.min(source.rowCount, rows);
  return {
    kind: source.kind,
    columns,
    rows: Array.from({ length: count }, (_, row) => readers.map((read) => read(row))),
    rowCount: source.rowCount,
    columnCount: source.columns.length + source.hiddenColumns,
    indexed: source.indexed,
  };
}

/** The head as `text/html` and `text/plain`. */
export function tableBundle(head: TableHead): MimeBundle {
  return { "text/html": styled(tableHtml(head)), "text/plain": tableText(head) };
}

/** `1,000 rows × 5 columns`, and how many of them are shown. */
export function tableNote(head: TableHead): string {
  const { rowCount, columnCount } = head;
  const rows =
    rowCount === undefined ? "rows" : `${formatCount(rowCount)} ${rowCount === 1 ? "row" : "rows"}`;
  const size = `${rows} × ${formatCount(columnCount)} ${columnCount === 1 ? "column" : "columns"}`;
  const parts: string[] = [];
  if (rowCount === undefined || rowCount > head.rows.length)
    parts.push(`${formatCount(head.rows.length)} rows`);
  if (columnCount > head.columns.length) parts.push(`${formatCount(head.columns.length)} columns`);
  return parts.length === 0 ? size : `${size}, first ${parts.join(" and ")} shown`;
}

function isNumeric(column: Column): boolean {
  return column.type === "number" || column.type === "bigint";
}

/** A cell's text as people read it: strings without quotes, missing values as themselves. */
export function cellText(value: unknown): string {
  if (typeof value === "string") return clip(value, longestCell);
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "bigint") return previewValue(value, longestCell).replace(/n$/, "");
  return previewValue(value, longestCell);
}

/** The table element and its note. */
export function tableHtml(head: TableHead): string {
  const corner = head.indexed ? "<th></th>" : "";
  const header = head.columns
    .map((column) => {
      const type = escapeHtml(clip(column.nativeType ?? column.type, 40));
      return `<th${isNumeric(column) ? ' class="tn-n"' : ""}>${escapeHtml(clip(column.name, 100))}<small>${type}</small></th>`;
    })
    .join("");
  const body = head.rows
    .map((row, index) => {
      const label = head.indexed ? `<th>${formatCount(index)}</th>` : "";
      return `<tr>${label}${row.map((value, column) => cellHtml(value, head.columns[column])).join("")}</tr>`;
    })
    .join("");
  return (
    `<div class="tn-scroll"><table class="tn-table"><thead><tr>${corner}${header}</tr></thead>` +
    `<tbody>${body}</tbody></table></div><p class="tn-note">${escapeHtml(tableNote(head))}</p>`
  );
}

function cellHtml(value: unknown, column: Column | undefined): string {
  const numeric = column !== undefined && isNumeric(column);
  const text = escapeHtml(cellText(value));
  const open = numeric ? '<td class="tn-n">' : "<td>";
  return isMissing(value) || value instanceof Unreadable
    ? `${open}<span class="tn-dim">${text}</span></td>`
    : `${open}${text}</td>`;
}

/** The table in columns of characters, for consoles. */
export function tableText(head: TableHead): string {
  const longest = 40;
  const cells = head.rows.map((row, index) => [
    ...(head.indexed ? [String(index)] : []),
    ...row.map((value) => clip(cellText(value).replaceAll(/[\r\n\t]+/g, " "), longest)),
  ]);
  const titles = [...(head.indexed ? [""] : []), ...head.columns.map((column) => clip(column.name, longest))];
  const right = [...(head.indexed ? [true] : []), ...head.columns.map(isNumeric)];
  const widths = titles.map((title, column) =>
    cells.reduce((width, row) => Math.max(width, (row[column] ?? "").length), title.length),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => {
        const width = widths[column] ?? 0;
        return right[column] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [line(titles), rule, ...cells.map(line), "", tableNote(head)].join("\n");
}
