/** @file A comparison as a notebook shows it: a line for each column that both tables have, and what to look at. */
import { html, onOneLine, type Html } from "../../html.ts";
import type { MimeBundle } from "../../notebook-host.ts";
import { compactReport } from "../profile/compact-report.ts";
import { plural } from "../profile/number-texts.ts";
import { sparkline } from "../profile/sparkline.ts";
import { headlineParts, sidesText, verdict } from "./comparison-texts.ts";
import type { ComparedColumn, ComparisonData } from "./comparison-data.ts";

const shownColumns = 60;
const shownFindings = 12;
const cell = "padding:3px 10px;white-space:nowrap;text-align:left;vertical-align:middle";
const right = cell.replace("left", "right");
// Names and what the sides say may take two lines: where there is little room, the verdicts behind them must still be seen.
const wrapped = cell.replace("nowrap", "normal");

/** The compact form of a comparison, as HTML and as text. */
export function comparisonDisplay(data: ComparisonData): MimeBundle {
  const shown = compact(data);
  return { "text/html": onOneLine(compactHtml(data, shown)), "text/plain": compactText(data, shown) };
}

/** The compact form as text. */
export function comparisonText(data: ComparisonData): string {
  return compactText(data, compact(data));
}

interface Compact {
  readonly columns: readonly ComparedColumn[];
  readonly findings: readonly string[];
  /** What is not shown, in words. */
  readonly more: string;
}

function compact(data: ComparisonData): Compact {
  const columns = data.columns.slice(0, shownColumns);
  const findings = data.findings.slice(0, shownFindings).map(({ column, message }) => `${column} ${message}`);
  const left = [data.columns.length - columns.length, data.findings.length - findings.length] as const;
  const parts = [
    left[0] > 0 && plural(left[0], "more column"),
    left[1] > 0 && plural(left[1], "more finding"),
  ];
  const shown = parts.filter((part) => part !== false);
  return {
    columns,
    findings,
    more: shown.length === 0 ? "" : `and ${shown.join(", ")}: save() writes all as a page`,
  };
}

function compactHtml(data: ComparisonData, { columns, findings, more }: Compact): Html {
  const rows = columns.map((column) => {
    const [a, b] = shapes(column);
    const [before, after] = sidesText(column);
    return html`<tr>
      <th style="${wrapped}">${column.name}</th>
      <td style="${cell};line-height:0">
        ${a !== undefined && sparkline(a, `${column.name} in ${data.names[0]}`)}
      </td>
      <td style="${wrapped}">${before}</td>
      <td style="${cell};line-height:0">
        ${b !== undefined && sparkline(b, `${column.name} in ${data.names[1]}`)}
      </td>
      <td style="${wrapped}">${after}</td>
      <td style="${right}">${psiText(column)}</td>
      <td style="${cell};font-weight:${verdict(column) === "shifted" ? "600" : "normal"}">
        ${verdict(column)}
      </td>
    </tr>`;
  });
  const [a, b] = data.names;
  const head = html`<tr>
    <th style="${cell}">column</th>
    <th style="${cell}" colspan="2">${a}</th>
    <th style="${cell}" colspan="2">${b}</th>
    <th style="${cell}" colspan="2">PSI</th>
  </tr>`;
  return compactReport({ headline: headlineParts(data).join(" · "), head, rows, findings, more });
}

function compactText(data: ComparisonData, { columns, findings, more }: Compact): string {
  const head = ["column", ...data.names, "PSI", ""];
  const lines = columns.map((column) =>
    [column.name, ...sidesText(column), psiText(column), verdict(column)].map(oneLine),
  );
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at]?.length ?? 0)));
  const table = [head, widths.map((width) => "─".repeat(width)), ...lines].map((line) =>
    line
      .map((text, at) => (at === 3 ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const marked = findings.map((text) => `! ${text}`);
  return [headlineParts(data).join(" · "), "", ...table, ...(marked.length > 0 ? ["", ...marked] : []), more]
    .join("\n")
    .trimEnd();
}

function shapes({
  distribution,
}: ComparedColumn): readonly [readonly number[] | undefined, readonly number[] | undefined] {
  if (distribution === undefined) return [undefined, undefined];
  if (distribution.kind === "category") return [distribution.a.slice(0, 20), distribution.b.slice(0, 20)];
  return [distribution.histogram.a, distribution.histogram.b];
}

function psiText({ distribution }: ComparedColumn): string {
  return distribution === undefined ? "" : distribution.psi.toFixed(3);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}
