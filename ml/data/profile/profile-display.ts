/** @file A profile as a notebook shows it: a line for each column, and what to look at. */
import { html, onOneLine, type Html } from "../../html.ts";
import type { MimeBundle } from "../../notebook-host.ts";
import { compactReport } from "./compact-report.ts";
import { columnGist, columnShape, distinctText } from "./column-section.ts";
import { countText, plural, shortPercent } from "./number-texts.ts";
import type { ColumnProfile, ProfileData, ProfileWarning } from "./profile-data.ts";

const shownColumns = 60;
const shownWarnings = 12;

/** The compact form of a profile, as HTML and as text. */
export function profileDisplay(data: ProfileData): MimeBundle {
  return { "text/html": onOneLine(compactHtml(data)), "text/plain": profileText(data) };
}

const cell = "padding:3px 10px;white-space:nowrap;text-align:left;vertical-align:middle";
const right = cell.replace("left", "right");

function compactHtml(data: ProfileData): Html {
  const rows = data.columns.slice(0, shownColumns).map(
    (column) =>
      html`<tr>
        <th style="${cell}">
          ${column.name}
          <span style="font-weight:normal;opacity:.78;font-size:85%"
            >${column.type.toLowerCase().slice(0, 24)}</span
          >
        </th>
        <td style="${cell};line-height:0">${columnShape(column, data.rows)}</td>
        <td style="${cell};max-width:18em;overflow:hidden;text-overflow:ellipsis">${columnGist(column)}</td>
        <td style="${right}">${distinctText(column)}</td>
        <td style="${right};font-weight:${column.missing > 0 ? "600" : "normal"}">
          ${missingText(column, data.rows)}
        </td>
      </tr>`,
  );
  const head = html`<tr>
    <th style="${cell}">column</th>
    <th style="${cell}">distribution</th>
    <th style="${cell}">values</th>
    <th style="${right}">distinct</th>
    <th style="${right}">missing</th>
  </tr>`;
  const findings = data.warnings.slice(0, shownWarnings).map((warning) => warningText(warning));
  const more = restText(data);
  return compactReport({ headline: headline(data), head, rows, findings, more });
}

/** The compact form as text. */
export function profileText(data: ProfileData): string {
  const head = ["column", "type", "values", "distinct", "missing"];
  const lines = data.columns
    .slice(0, shownColumns)
    .map((column) => [
      oneLine(column.name),
      column.type.toLowerCase().slice(0, 24),
      oneLine(columnGist(column)).slice(0, 40),
      distinctText(column),
      missingText(column, data.rows),
    ]);
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at]?.length ?? 0)));
  const table = [head, widths.map((width) => "─".repeat(width)), ...lines].map((line) =>
    line
      .map((text, at) => (at > 2 ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const warnings = data.warnings.slice(0, shownWarnings).map((warning) => `! ${warningText(warning)}`);
  return [headline(data), "", ...table, ...(warnings.length > 0 ? ["", ...warnings] : []), restText(data)]
    .join("\n")
    .trimEnd();
}

function headline({ rows, columns, missing, duplicateRows, sampledRows }: ProfileData): string {
  const parts = [
    `${plural(rows, "row")} × ${plural(columns.length, "column")}`,
    missing.cells === 0 ? "no missing values" : plural(missing.cells, "missing value"),
    duplicateRows === 0 ? "no duplicate rows" : plural(duplicateRows, "duplicate row"),
    ...(sampledRows === undefined
      ? []
      : [`≈: estimates, some from a sample of ${plural(sampledRows, "row")}`]),
  ];
  return parts.join(" · ");
}

/** A warning as a sentence that begins with its columns. */
export function warningText({ columns, message }: ProfileWarning): string {
  return columns.length === 0 ? message : `${columns.map(oneLine).join(" and ")} ${message}`;
}

function missingText({ missing }: ColumnProfile, rows: number): string {
  return missing === 0 ? "0" : `${countText(missing)} (${shortPercent(missing / Math.max(1, rows))})`;
}

function restText({ columns, warnings }: ProfileData): string {
  const parts = [
    columns.length > shownColumns ? plural(columns.length - shownColumns, "more column") : "",
    warnings.length > shownWarnings ? plural(warnings.length - shownWarnings, "more warning") : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `and ${parts.join(", ")}: save() writes all as a page`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
