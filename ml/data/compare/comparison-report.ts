/** @file A comparison as a page. */
import { html, type Html } from "../../html.ts";
import type { Report, ReportSection } from "../../report-page.ts";
import { countText, plural, shortPercent } from "../profile/number-texts.ts";
import { filteredColumns } from "../profile/compact-report.ts";
import { scrollable } from "../profile/report-charts.ts";
import { columnId, columnSection, pText } from "./comparison-column.ts";
import type { ComparedColumn, ComparisonData, KeyOverlap } from "./comparison-data.ts";
import { headlineParts, sidesText, verdict } from "./comparison-texts.ts";

/** What the page of a comparison says. */
export function comparisonReport(data: ComparisonData, title: string): Report {
  const { schema, overlap, findings, columns } = data;
  const hasSchema =
    schema.onlyA.length + schema.onlyB.length + schema.typeChanges.length > 0 || schema.reordered;
  const sections: (ReportSection | undefined)[] = [
    findings.length > 0 ? { id: "findings", title: "What differs", body: findingList(data) } : undefined,
    hasSchema ? { id: "schema", title: "Columns that differ", body: schemaTable(data) } : undefined,
    overlap === undefined
      ? undefined
      : { id: "rows", title: "Rows by key", body: overlapSection(data, overlap) },
    { id: "glance", title: "Columns at a glance", body: glance(data) },
    {
      id: "columns",
      title: "Distributions",
      body: html`${columns.map((column) => columnSection(data, column))}`,
    },
    { id: "method", title: "How this was computed", body: method },
  ];
  return {
    title,
    summary: headlineParts(data),
    sections: sections.filter((section) => section !== undefined),
    data,
  };
}

function findingList(data: ComparisonData): Html {
  const items = data.findings.map(({ severity, column, message }) => {
    const isShown = data.columns.some(({ name }) => name === column);
    const name = isShown ? html`<a href="#${columnId(data, column)}">${column}</a>` : column;
    return html`<li class="${severity === "warning" ? "rp-warning" : ""}">
      <span class="rp-severity">${severity}</span><span>${name} ${message}</span>
    </li>`;
  });
  return html`<ul class="rp-warnings">
    ${items}
  </ul>`;
}

function schemaTable({ schema, names }: ComparisonData): Html {
  const lines: (readonly [string, string, string])[] = [
    ...schema.onlyA.map(({ name, type }) => [name, type, "–"] as const),
    ...schema.onlyB.map(({ name, type }) => [name, "–", type] as const),
    ...schema.typeChanges.map(({ name, a, b }) => [name, a, b] as const),
  ];
  const rows = lines.map(
    ([name, a, b]) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td>${a}</td>
        <td>${b}</td>
      </tr>`,
  );
  const table = html`<table class="rp-table">
    <thead>
      <tr>
        <th scope="col">Column</th>
        <th scope="col">${names[0]}</th>
        <th scope="col">${names[1]}</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return html`${lines.length > 0 && scrollable(table, "Table of columns that differ")}${schema.reordered && html`<p class="rp-hint">The columns that both have stand in another order.</p>`}`;
}

function overlapSection({ names }: ComparisonData, overlap: KeyOverlap): Html {
  const figures: readonly (readonly [string, number, string])[] = [
    ["In both", overlap.both, "keys"],
    [`Only in ${names[0]}`, overlap.onlyA, "keys"],
    [`Only in ${names[1]}`, overlap.onlyB, "keys"],
    ["Changed rows", overlap.changedRows, `of ${countText(overlap.comparedRows)} compared`],
  ];
  const repeated = overlap.repeatedA + overlap.repeatedB;
  const keyless = overlap.keylessA + overlap.keylessB;
  const changes = overlap.changes.map(
    ({ column, rows }) =>
      html`<tr>
        <th scope="row">${column}</th>
        <td class="rp-number">${countText(rows)}</td>
        <td class="rp-number">${shortPercent(rows / Math.max(1, overlap.comparedRows))}</td>
      </tr>`,
  );
  const table = html`<table class="rp-table" data-rp-sort>
    <thead>
      <tr>
        <th scope="col">Column</th>
        <th scope="col" class="rp-number">Rows that differ</th>
        <th scope="col" class="rp-number">Share</th>
      </tr>
    </thead>
    <tbody>
      ${changes}
    </tbody>
  </table>`;
  return html`<p class="rp-hint">
      Rows are matched by
      ${overlap.key.join(", ")}.${repeated > 0 && ` ${plural(repeated, "key")} occur more than once and are not compared.`}${keyless > 0 && ` ${plural(keyless, "row")} without a key.`}
    </p>
    <dl class="rp-figures">
      ${figures.map(
        ([name, value, note]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${countText(value)}<small>${note}</small></dd>
          </div>`,
      )}
    </dl>
    ${changes.length > 0 && html`<div class="rp-below-figures">${scrollable(table, "Values that differ")}</div>`}`;
}

function glance(data: ComparisonData): Html {
  const rows = data.columns.map((column) => {
    const [a, b] = sidesText(column);
    const { distribution } = column;
    const test =
      distribution?.kind === "category"
        ? distribution.chiSquare?.pValue
        : distribution?.kolmogorovSmirnov.pValue;
    return html`<tr data-rp-column="${column.name}">
      <th scope="row"><a href="#${columnId(data, column.name)}">${column.name}</a></th>
      <td class="rp-wide">${a}</td>
      <td class="rp-wide">${b}</td>
      <td class="rp-number" data-value="${distribution?.psi ?? -1}">
        ${distribution === undefined ? "–" : distribution.psi.toFixed(3)}
      </td>
      <td class="rp-number" data-value="${distribution?.jensenShannon ?? -1}">
        ${distribution === undefined ? "–" : distribution.jensenShannon.toFixed(3)}
      </td>
      <td class="rp-number" data-value="${test ?? 2}">${test === undefined ? "–" : pText(test)}</td>
      <td>${verdictMark(column)}</td>
    </tr>`;
  });
  const [a, b] = data.names;
  const table = html`<table class="rp-table" data-rp-sort>
    <thead>
      <tr>
        <th scope="col">Column</th>
        <th scope="col" data-rp-fixed>${a}</th>
        <th scope="col" data-rp-fixed>${b}</th>
        <th scope="col" class="rp-number">PSI</th>
        <th scope="col" class="rp-number">Jensen-Shannon</th>
        <th scope="col" class="rp-number">p</th>
        <th scope="col">Distribution</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return filteredColumns(table);
}

function verdictMark(column: ComparedColumn): Html {
  const text = verdict(column);
  return html`<span class="${text === "shifted" ? "rp-mark rp-warning" : ""}">${text}</span>`;
}

const method = html`<p class="rp-hint">
  PSI is Σ (b − a) ln(b / a) over the shares in each bin, none taken below 0.0001; below 0.1 it is called
  stable here, from 0.25 on shifted. The Jensen-Shannon distance is the square root of the divergence in bits.
  Both are taken between the deciles of the first table for numbers and dates, and over the values for
  categories, those with an expected count below 5 together. p is that of the Kolmogorov-Smirnov test
  (asymptotic) for numbers and of the χ² test for categories: in large tables it is small for differences that
  do not matter. The page carries the comparison as JSON in its element
  <code>tenon-report</code>.
</p>`;
