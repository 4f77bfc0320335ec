/** @file A profile as a page. */
import { html, type Html } from "../../html.ts";
import type { Report, ReportSection } from "../../report-page.ts";
import { columnGist, columnId, columnSection, columnShape, distinctText } from "./column-section.ts";
import { countText, plural, shortPercent } from "./number-texts.ts";
import type { Associations, ProfileData } from "./profile-data.ts";
import { filteredColumns } from "./compact-report.ts";
import { heatTable, scrollable, shareOfWhole } from "./report-charts.ts";

/** What the page of a profile says. */
export function profileReport(data: ProfileData, title: string): Report {
  const sections: (ReportSection | undefined)[] = [
    { id: "overview", title: "Overview", body: overview(data) },
    data.warnings.length > 0 ? { id: "warnings", title: "Warnings", body: warnings(data) } : undefined,
    { id: "glance", title: "Columns at a glance", body: glance(data) },
    data.missing.cells > 0
      ? { id: "missing", title: "Missing values", body: missingPatterns(data) }
      : undefined,
    associationSection(data.associations),
    {
      id: "columns",
      title: "Columns",
      body: html`${data.columns.map((column) => columnSection(data, column))}`,
    },
    { id: "method", title: "How this was computed", body: method(data) },
  ];
  return {
    title,
    summary: [
      plural(data.rows, "row"),
      plural(data.columns.length, "column"),
      plural(warningCount(data), "warning"),
    ],
    sections: sections.filter((section) => section !== undefined),
    data,
  };
}

function warningCount({ warnings }: ProfileData): number {
  return warnings.filter(({ severity }) => severity === "warning").length;
}

function overview({ rows, columns, missing, duplicateRows }: ProfileData): Html {
  const kinds = new Map<string, number>();
  for (const { kind } of columns) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const share = (part: number, whole: number): string => shortPercent(whole === 0 ? 0 : part / whole);
  const figures: readonly (readonly [string, string, string])[] = [
    ["Rows", countText(rows), `${countText(missing.completeRows)} complete`],
    ["Columns", countText(columns.length), [...kinds].map(([kind, count]) => `${count} ${kind}`).join(", ")],
    ["Missing values", countText(missing.cells), share(missing.cells, rows * columns.length)],
    ["Duplicate rows", countText(duplicateRows), share(duplicateRows, rows)],
  ];
  return html`<dl class="rp-figures">
    ${figures.map(
      ([name, value, note]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}<small>${note}</small></dd>
        </div>`,
    )}
  </dl>`;
}

function warnings(data: ProfileData): Html {
  const items = data.warnings.map(({ severity, columns, message }) => {
    const links = columns.map(
      (name, at) => html`${at > 0 && " and "}<a href="#${columnId(data, name)}">${name}</a>`,
    );
    return html`<li class="${severity === "warning" ? "rp-warning" : ""}">
      <span class="rp-severity">${severity}</span><span>${links} ${message}</span>
    </li>`;
  });
  return html`<ul class="rp-warnings">
    ${items}
  </ul>`;
}

function glance(data: ProfileData): Html {
  const rows = data.columns.map((column) => {
    const share = column.missing / Math.max(1, data.rows);
    const shape = columnShape(column, data.rows);
    return html`<tr data-rp-column="${column.name}">
      <th scope="row"><a href="#${columnId(data, column.name)}">${column.name}</a></th>
      <td>${column.kind}</td>
      <td><span class="rp-spark">${shape}</span></td>
      <td class="rp-wide">${columnGist(column)}</td>
      <td class="rp-number" data-value="${column.distinct.count}">${distinctText(column)}</td>
      <td class="rp-number" data-value="${share}">
        ${column.missing === 0 ? "0" : shortPercent(share)}${column.missing > 0 && shareOfWhole(share, "rp-missing")}
      </td>
    </tr>`;
  });
  const table = html`<table class="rp-table" data-rp-sort>
    <thead>
      <tr>
        <th scope="col">Column</th>
        <th scope="col">Kind</th>
        <th scope="col" data-rp-fixed>Distribution</th>
        <th scope="col" data-rp-fixed>Values</th>
        <th scope="col" class="rp-number">Distinct</th>
        <th scope="col" class="rp-number">Missing</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return filteredColumns(table);
}

function missingPatterns({ missing, rows }: ProfileData): Html {
  const involved = [...new Set(missing.patterns.flatMap(({ columns }) => columns))];
  const heads = involved.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`);
  const lines = missing.patterns.map(({ columns, rows: count }) => {
    const gone = new Set(columns);
    const cells = involved.map((name) =>
      gone.has(name)
        ? html`<td class="rp-below" style="--size:1">missing</td>`
        : html`<td style="--size:0.12"></td>`,
    );
    return html`<tr>
      <th scope="row">${countText(count)} · ${shortPercent(count / rows)}</th>
      ${cells}
    </tr>`;
  });
  const more = missing.patternCount - missing.patterns.length;
  const table = html`<table class="rp-heat rp-marks">
    <thead>
      <tr>
        <th scope="col">Rows</th>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${lines}
    </tbody>
  </table>`;
  return html`<p class="rp-hint">
      Which columns are missing together, and in how many rows.
      ${more > 0 && `${plural(more, "rarer pattern")} not shown.`}
    </p>
    ${scrollable(table, "Patterns of missing values", "rp-heat-scroll")}`;
}

function associationSection({
  pearson,
  spearman,
  cramersV,
  correlationRatio,
}: Associations): ReportSection | undefined {
  const part = (title: string, hint: string, of: { readonly sampledRows?: number }, table: Html): Html =>
    html`<div>
      <h3>${title}</h3>
      <p class="rp-hint">
        ${hint}${of.sampledRows !== undefined && ` From a sample of ${plural(of.sampledRows, "row")}.`}
      </p>
      ${table}
    </div>`;
  const parts: Html[] = [];
  if (pearson !== undefined)
    parts.push(
      part(
        "Pearson's r",
        "How far numbers lie on a line.",
        pearson,
        heatTable(pearson.columns, pearson.columns, pearson.values, "Pearson's correlations"),
      ),
    );
  if (spearman !== undefined)
    parts.push(
      part(
        "Spearman's ρ",
        "How far numbers rise together, in whatever curve.",
        spearman,
        heatTable(spearman.columns, spearman.columns, spearman.values, "Spearman's correlations"),
      ),
    );
  if (cramersV !== undefined)
    parts.push(
      part(
        "Cramér's V",
        "How closely categories go together.",
        cramersV,
        heatTable(cramersV.columns, cramersV.columns, cramersV.values, "Cramér's V"),
      ),
    );
  if (correlationRatio !== undefined) {
    const { categories, numbers, values } = correlationRatio;
    parts.push(
      part(
        "Correlation ratio η",
        "How far a category explains a number.",
        correlationRatio,
        heatTable(categories, numbers, values, "Correlation ratios"),
      ),
    );
  }
  if (parts.length === 0) return undefined;
  return {
    id: "associations",
    title: "Associations",
    body: html`<div class="rp-associations">${parts}</div>`,
  };
}

function method({ sampledRows }: ProfileData): Html {
  const estimates =
    sampledRows === undefined
      ? "All figures are exact and of all rows."
      : `Counts, means, deviations, histograms and Pearson's correlations are of all rows. Distinct counts marked ≈ are estimates within about 2 %. Quantiles, ranks, associations of categories, and the most frequent values of columns with very many are from a sample of ${plural(sampledRows, "row")}.`;
  return html`<p class="rp-hint">
    ${estimates} Statistics of numbers leave infinite values out; NaN counts as missing. Duplicate rows are
    told apart by 64-bit hashes. The page carries the profile as JSON in its element
    <code>tenon-report</code>.
  </p>`;
}
