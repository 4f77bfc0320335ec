/** @file A column in a comparison's page. */
import { html, type Html } from "../../html.ts";
import { isIntegerType } from "../profile/column-section.ts";
import { isoDate } from "../profile/dates.ts";
import { countText, plural, shortNumber, shortPercent } from "../profile/number-texts.ts";
import type { ProfileValue } from "../profile/profile-data.ts";
import { factList, histogramChart, shareOfWhole } from "../profile/report-charts.ts";
import type {
  CategoryDistribution,
  ColumnSide,
  ComparedColumn,
  ComparisonData,
  NumberDistribution,
} from "./comparison-data.ts";
import { verdict } from "./comparison-texts.ts";

const shownLevels = 12;

/** The element that shows a column; names may be anything, so ids are numbers. */
export function columnId(data: ComparisonData, name: string): string {
  return `column-${data.columns.findIndex((column) => column.name === name) + 1}`;
}

/** A column in the page: both sides' figures, their distributions, and the distance between them. */
export function columnSection(data: ComparisonData, column: ComparedColumn): Html {
  const { name, a, b, distribution } = column;
  const [first, second] = data.names;
  const type = a.type === b.type ? a.type : `${a.type} → ${b.type}`;
  const heads = html`<tr>
    <td></td>
    <th scope="col" class="rp-number"><span class="rp-key rp-a"></span>${first}</th>
    <th scope="col" class="rp-number"><span class="rp-key rp-b"></span>${second}</th>
  </tr>`;
  const rows = sideFacts(a).map(
    ([label, value], at) =>
      html`<tr>
        <th scope="row">${label}</th>
        <td class="rp-number">${value}</td>
        <td class="rp-number">${sideFacts(b)[at]?.[1] ?? ""}</td>
      </tr>`,
  );
  return html`<article
    class="rp-column"
    id="${columnId(data, name)}"
    data-rp-column="${name}"
    aria-label="${name}"
  >
    <header>
      <h3>${name}</h3>
      <span class="rp-type">${type.toLowerCase()}</span>
      ${
        verdict(column) !== "" &&
        html`<ul class="rp-flags" aria-label="Distribution">
          <li class="${verdict(column) === "shifted" ? "rp-warning" : ""}">${verdict(column)}</li>
        </ul>`
      }
    </header>
    <div class="rp-parts rp-compared">
      <table class="rp-sides">
        <thead>
          ${heads}
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
      ${chart(data, column)}
      ${
        distribution !== undefined &&
        html`<div>
          <h4>Distance</h4>
          ${factList(distanceFacts(distribution))}
        </div>`
      }
    </div>
  </article>`;
}

function sideFacts({
  rows,
  missing,
  distinct,
  mean,
  standardDeviation,
  median,
  min,
  max,
}: ColumnSide): (readonly [string, string])[] {
  const number = (value: number | null): string => (value === null ? "–" : shortNumber(value));
  const value = (of: ProfileValue | null): string =>
    typeof of === "number" ? shortNumber(of) : String(of ?? "–").slice(0, 19);
  return [
    ["missing", missing === 0 ? "none" : shortPercent(missing / Math.max(1, rows))],
    ["distinct", `${distinct.approximate ? "≈ " : ""}${countText(distinct.count)}`],
    ...(mean === null
      ? []
      : ([
          ["mean", number(mean)],
          ["deviation", number(standardDeviation)],
          ["median", number(median)],
        ] as const)),
    ...(min === null
      ? []
      : ([
          ["minimum", value(min)],
          ["maximum", value(max)],
        ] as const)),
  ];
}

function chart({ names }: ComparisonData, { name, a: before, b: after, distribution }: ComparedColumn): Html {
  if (distribution === undefined) return html`<p class="rp-hint">The values are not compared one by one.</p>`;
  if (distribution.kind === "category") return levelBars(names, distribution);
  const { edges, a, b } = distribution.histogram;
  const format = (edge: number): string =>
    distribution.kind === "date" ? isoDate(edge, "DATE") : shortNumber(edge);
  const series = [
    { name: names[0], counts: a },
    { name: names[1], counts: b },
  ];
  const isInteger = isIntegerType(before.type) && isIntegerType(after.type);
  const label = `Histograms of ${name} in ${names[0]} and ${names[1]}, as shares`;
  return html`<div>
    <h4>Shares</h4>
    ${histogramChart({ edges, series, label, format, isInteger })}
  </div>`;
}

function levelBars(names: ComparisonData["names"], { levels, a, b }: CategoryDistribution): Html {
  const total = (counts: readonly number[]): number =>
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
  const [all, others] = [total(a), total(b)];
  const items = levels.slice(0, shownLevels).map((level, at) => {
    const [x, y] = [(a[at] ?? 0) / all, (b[at] ?? 0) / others];
    const text = String(level);
    return html`<li>
      <span class="rp-value" title="${text}">${text === "" ? "(empty)" : text}</span
      ><span class="rp-count" title="${names[0]}, ${names[1]}">${shortPercent(x)} · ${shortPercent(y)}</span
      >${shareOfWhole(x)}${shareOfWhole(y, "rp-b")}
    </li>`;
  });
  const more = levels.length - shownLevels;
  return html`<div>
    <h4>Shares</h4>
    <ul class="rp-bars">
      ${items}
    </ul>
    ${more > 0 && html`<p class="rp-hint">and ${plural(more, "more value")}</p>`}
  </div>`;
}

function distanceFacts(
  distribution: NumberDistribution | CategoryDistribution,
): (readonly [string, string] | undefined)[] {
  const distances = [
    ["PSI", distribution.psi.toFixed(4)],
    ["Jensen-Shannon", distribution.jensenShannon.toFixed(4)],
  ] as const;
  if (distribution.kind === "category") {
    const { chiSquare, pooledLevels } = distribution;
    return [
      ...distances,
      chiSquare && [
        "χ²",
        `${shortNumber(chiSquare.statistic)} (${plural(chiSquare.degreesOfFreedom, "degree")})`,
      ],
      chiSquare && ["p", pText(chiSquare.pValue)],
      pooledLevels > 0 ? ["pooled values", countText(pooledLevels)] : undefined,
    ];
  }
  const { statistic, pValue, sampled } = distribution.kolmogorovSmirnov;
  return [
    ...distances,
    ["Kolmogorov-Smirnov", statistic.toFixed(4)],
    ["p", pText(pValue)],
    sampled && ["of samples of", sampled.map(countText).join(" and ")],
  ];
}

/** A p-value to four decimals. */
export function pText(value: number): string {
  return value < 0.0001 ? "< 0.0001" : value.toFixed(4);
}
