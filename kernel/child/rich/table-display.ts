/** @file The head of a table as HTML and as text, with its row and column counts. */
import type { Column } from "../../protocol.ts";
import type { MimeBundle } from "../protocol.ts";
import type { TableSource } from "../tables/table-source.ts";
import { isMissing } from "../tables/column-type.ts";
import { escapeHtml } from "./escape-html.ts";
import { columnTexts } from "./column-text.ts";
import { clip, formatCount } from "./preview.ts";
import { Unreadable } from "./safe-read.ts";
import { styled } from "./style.ts";

const shownRows = 20;
const shownColumns = 30;
const titledCell = 50;

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
  const rowsHere = head.rows.length;
  if (rowCount === undefined || rowCount > rowsHere) {
    parts.push(rowsHere === 1 ? "the first row" : `the first ${formatCount(rowsHere)} rows`);
  }
  const columnsHere = head.columns.length;
  if (columnCount > columnsHere) {
    parts.push(columnsHere === 1 ? "one column" : `${formatCount(columnsHere)} columns`);
  }
  return parts.length === 0 ? size : `${size}, ${parts.join(" and ")} shown`;
}

function isNumeric(column: Column): boolean {
  return column.type === "number" || column.type === "bigint";
}

/** The texts of all cells, by row. */
function cellTexts(head: TableHead): string[][] {
  const byColumn = head.columns.map((_, column) => columnTexts(head.rows.map((row) => row[column])));
  return head.rows.map((_, row) => byColumn.map((texts) => texts[row] ?? ""));
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
  const texts = cellTexts(head);
  const body = head.rows
    .map((row, index) => {
      const label = head.indexed ? `<th>${formatCount(index)}</th>` : "";
      const cells = row.map((value, column) =>
        cellHtml(value, texts[index]?.[column] ?? "", head.columns[column]),
      );
      return `<tr>${label}${cells.join("")}</tr>`;
    })
    .join("");
  return (
    `<div class="tn-scroll"><table class="tn-table"><thead><tr>${corner}${header}</tr></thead>` +
    `<tbody>${body}</tbody></table></div><p class="tn-note">${escapeHtml(tableNote(head))}</p>`
  );
}

function cellHtml(value: unknown, plain: string, column: Column | undefined): string {
  const text = escapeHtml(plain);
  const numeric = column !== undefined && isNumeric(column) ? ' class="tn-n"' : "";
  // The style cuts long cells; the whole text is there on hovering.
  const title = plain.length > titledCell ? ` title="${text}"` : "";
  return isMissing(value) || Unreadable.is(value)
    ? `<td${numeric}><span class="tn-dim">${text}</span></td>`
    : `<td${numeric}${title}>${text}</td>`;
}

/** The table in columns of characters, for consoles. */
export function tableText(head: TableHead): string {
  const longest = 40;
  const cells = cellTexts(head).map((texts, index) => {
    const line = texts.map((text) => clip(text.replaceAll(/[\r\n\t]+/g, " "), longest));
    return head.indexed ? [String(index)].concat(line) : line;
  });
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
