/** @file A column in a profile's page: facts, distribution, frequent values. */
import { html, type Html } from "../../html.ts";
import { columnType } from "../column-types.ts";
import { isoDate } from "./dates.ts";
import { countText, percent, plural, shortNumber, shortPercent, twoDecimals } from "./number-texts.ts";
import type { ColumnProfile, ProfileData, ProfileValue, ProfileWarning } from "./profile-data.ts";
import { barList, factList, histogramChart } from "./report-charts.ts";
import { shareBar, sparkline } from "./sparkline.ts";

/** Of dates that are this rare, the most frequent say nothing. */
const rareDate = 0.02;

/** Whether a type's values are integers, by DuckDB's name for it. */
export function isIntegerType(type: string): boolean {
  return /^u?int/.test(columnType(type));
}

type Facts = (readonly [string, string] | undefined)[];

/** The element that shows a column; names may be anything, so ids are numbers. */
export function columnId(data: ProfileData, name: string): string {
  return `column-${data.columns.findIndex((column) => column.name === name) + 1}`;
}

/** A value as text: numbers short, the rest as it is. */
export function valueText(value: ProfileValue): string {
  return typeof value === "number" ? shortNumber(value) : String(value);
}

/** A count, marked where it is an estimate. */
export function distinctText({ distinct }: ColumnProfile): string {
  return distinct.approximate
    ? `≈ ${shortNumber(Number(distinct.count.toPrecision(3)))}`
    : countText(distinct.count);
}

/** A column as an article with its charts. */
export function columnSection(data: ProfileData, column: ColumnProfile): Html {
  const warnings = data.warnings.filter(({ columns }) => columns.includes(column.name));
  return html`<article
    class="rp-column"
    id="${columnId(data, column.name)}"
    data-rp-column="${column.name}"
    aria-label="${column.name}"
  >
    <header>
      <h3>${column.name}</h3>
      <span class="rp-type">${column.type.toLowerCase()}</span>
      ${
        warnings.length > 0 &&
        html`<ul class="rp-flags" aria-label="Warnings">
          ${warnings.map(flag)}
        </ul>`
      }
    </header>
    <div class="rp-parts">${factList(facts(data, column))} ${middle(data, column)} ${side(data, column)}</div>
  </article>`;
}

function flag({ code, severity, message }: ProfileWarning): Html {
  return html`<li class="${severity === "warning" ? "rp-warning" : ""}" title="${message}">
    ${code.replaceAll("-", " ")}
  </li>`;
}

function facts(data: ProfileData, column: ColumnProfile): Facts {
  const { missing, number, date, text } = column;
  const common: Facts = [
    [
      "missing",
      missing === 0 ? "none" : `${countText(missing)} (${shortPercent(missing / Math.max(1, data.rows))})`,
    ],
    ["distinct", distinctText(column)],
  ];
  if (number !== undefined)
    return [
      ...common,
      ["mean", shortNumber(number.mean)],
      ["deviation", optional(number.standardDeviation)],
      ["minimum", valueText(number.min)],
      ["maximum", valueText(number.max)],
      ["zeros", countText(number.zeros)],
      number.negatives > 0 ? ["negative", countText(number.negatives)] : undefined,
      number.infinite > 0 ? ["infinite", countText(number.infinite)] : undefined,
      number.nan > 0 ? ["NaN", countText(number.nan)] : undefined,
    ];
  if (date !== undefined) return [...common, ["first", date.min], ["last", date.max]];
  if (text === undefined) return common;
  const [shortest, longest] = [countText(text.minLength), countText(text.maxLength)];
  return [
    ...common,
    ["characters", shortest === longest ? shortest : `${shortest} – ${longest}`],
    ["mean length", shortNumber(text.meanLength)],
    text.blank > 0 ? ["blank", countText(text.blank)] : undefined,
    text.untrimmed > 0 ? ["untrimmed", countText(text.untrimmed)] : undefined,
    text.numeric > 0 ? ["reads as number", percent(text.numeric)] : undefined,
    text.dates > 0 ? ["reads as date", percent(text.dates)] : undefined,
  ];
}

function middle(data: ProfileData, column: ColumnProfile): Html | undefined {
  const histogram = column.number?.histogram ?? column.date?.histogram;
  if (histogram === undefined) return topValues(data, column);
  const format = (edge: number): string =>
    column.date === undefined ? shortNumber(edge) : isoDate(edge, "DATE");
  const label = `Histogram of ${column.name} from ${format(histogram.edges[0] ?? 0)} to ${format(histogram.edges.at(-1) ?? 0)}`;
  return html`<div>
    <h4>Distribution</h4>
    ${histogramChart({ edges: histogram.edges, series: [{ name: column.name, counts: histogram.counts }], label, format, isInteger: isIntegerType(column.type) })}
  </div>`;
}

function side(data: ProfileData, column: ColumnProfile): Html | undefined {
  const { number } = column;
  if (number === undefined) return column.date === undefined ? undefined : topValues(data, column);
  if (column.distinct.count <= 10) return topValues(data, column);
  const quantiles: Facts = number.quantiles.map(({ q, value }) => [
    `${Math.round(q * 100)} %`,
    shortNumber(value),
  ]);
  return html`<div>
    <h4>Quantiles${number.quantilesApproximate && " (approximate)"}</h4>
    ${factList([
      ...quantiles,
      ["skewness", number.skewness === null ? "–" : twoDecimals(number.skewness)],
      ["excess kurtosis", number.kurtosis === null ? "–" : twoDecimals(number.kurtosis)],
      ["outliers", countText(number.outliers)],
    ])}
  </div>`;
}

function topValues(data: ProfileData, { kind, top, missing, distinct }: ColumnProfile): Html | undefined {
  const [first] = top.values;
  if (first === undefined) return undefined;
  if (kind === "date" && distinct.count > 10 && first.count < (data.rows - missing) * rareDate)
    return undefined;
  // Where all values differ, ten of them say nothing.
  if (distinct.count > 10 && top.values.every(({ count }) => count === 1)) return undefined;
  const values = top.values.map(({ value, count }) => ({ text: String(value), count }));
  return html`<div>
    <h4>Most frequent${top.approximate && " (by the sample)"}</h4>
    ${barList(values, data.rows - missing, top.approximate)}
  </div>`;
}

function optional(value: number | null): string {
  return value === null ? "–" : shortNumber(value);
}

/** A column's shape, small. */
export function columnShape(column: ColumnProfile, rows: number): Html | undefined {
  const histogram = column.number?.histogram ?? column.date?.histogram;
  if (histogram !== undefined) return sparkline(histogram.counts, `Histogram of ${column.name}`);
  const counts = column.top.values.map(({ count }) => count);
  if (counts.length === 0 || (column.top.values[0]?.count ?? 0) <= 1) return undefined;
  return shareBar(
    counts,
    rows - column.missing,
    `Most frequent values of ${column.name}: ${plural(counts.length, "value")}`,
  );
}

/** What a column is about, in a few words: its mean, its range, or its most frequent value. */
export function columnGist({ number, date, top, distinct }: ColumnProfile): string {
  if (number !== undefined) {
    const spread = number.standardDeviation === null ? "" : ` ± ${shortNumber(number.standardDeviation)}`;
    return distinct.count === 1 ? `always ${valueText(number.min)}` : `${shortNumber(number.mean)}${spread}`;
  }
  if (date !== undefined) return `${date.min.slice(0, 10)} – ${date.max.slice(0, 10)}`;
  const [first] = top.values;
  if (first === undefined || first.count <= 1) return "";
  return distinct.count === 1 ? `always ${String(first.value)}` : `mostly ${String(first.value)}`;
}
