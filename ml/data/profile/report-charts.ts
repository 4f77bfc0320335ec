/** @file The drawings of report pages, in the colours of the page's theme. */
import { Html, html } from "../../html.ts";
import { countText, shortPercent, twoDecimals } from "./number-texts.ts";

const width = 460;
const height = 130;
const margin = { bottom: 20, top: 4 };

/** Counts in bins, drawn as bars; several series stand side by side in each bin. */
export interface HistogramChart {
  readonly edges: readonly number[];
  readonly series: readonly { readonly name: string; readonly counts: readonly number[] }[];
  /** What the chart shows, for those who do not see it. */
  readonly label: string;
  readonly format: (edge: number) => string;
  /** Whether the values are integers, with the edges between them. */
  readonly isInteger: boolean;
}

/** A histogram with its range below; each bar says its bin and count when pointed at. Series are drawn as shares of their sum. */
export function histogramChart({ edges, series, label, format, isInteger }: HistogramChart): Html {
  const shares = series.map(({ counts }) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count) => (total === 0 ? 0 : count / total));
  });
  const most = Math.max(...shares.flat(), Number.MIN_VALUE);
  const bins = edges.length - 1;
  const slot = width / Math.max(1, bins);
  const room = height - margin.bottom - margin.top;
  const bar = Math.max(0.5, (slot - Math.min(1.5, slot * 0.15)) / series.length);
  const ends = (at: number): readonly [number, number] => {
    const [low, high] = [edges[at] ?? 0, edges[at + 1] ?? 0];
    return isInteger && low !== high ? [Math.ceil(low), Math.floor(high)] : [low, high];
  };
  const binText = (at: number): string => {
    const [low, high] = ends(at).map(format);
    return low === high ? (low ?? "") : `${low} – ${high}`;
  };
  const bars = series.flatMap(({ name, counts }, of) =>
    counts.map((count, at) => {
      const tall = count === 0 ? 0 : Math.max(1, ((shares[of]?.[at] ?? 0) / most) * room);
      const what = series.length > 1 ? `${name}, ` : "";
      const title = `${what}${binText(at)}: ${countText(count)} (${shortPercent(shares[of]?.[at] ?? 0)})`;
      return html`<rect
        class="${of === 0 ? "rp-a" : "rp-b"}"
        x="${round(at * slot + of * bar)}"
        y="${round(margin.top + room - tall)}"
        width="${round(bar)}"
        height="${round(tall)}"
        ><title>${title}</title></rect
      >`;
    }),
  );
  const base = margin.top + room + 0.5;
  const labels = axisLabels(ends(0)[0], ends(Math.max(0, bins - 1))[1], isInteger).map(
    ([edge, x, anchor]) =>
      html`<text x="${round(x)}" y="${height - 4}" text-anchor="${anchor}">${format(edge)}</text>`,
  );
  return html`<svg class="rp-histogram" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
    ${bars}
    <line x1="0" x2="${width}" y1="${base}" y2="${base}"></line>
    ${labels}
  </svg>`;
}

/** The ends of the axis and its middle; next to the range, a middle of rounding errors is zero. */
function axisLabels(
  low: number,
  high: number,
  isInteger: boolean,
): (readonly [edge: number, x: number, anchor: string])[] {
  if (low === high) return [[low, width / 2, "middle"]];
  const half = low / 2 + high / 2;
  const middle = Math.abs(half) < (high / 2 - low / 2) * 1e-6 ? 0 : half;
  return [
    [low, 0, "start"],
    ...(isInteger && !Number.isInteger(middle) ? [] : [[middle, width / 2, "middle"] as const]),
    [high, width, "end"],
  ];
}

/** A bar as long as a share of a whole. */
export function shareOfWhole(share: number, kind = ""): Html {
  return html`<span class="rp-bar ${kind}" aria-hidden="true"
    ><span style="--share:${round(Math.max(0, Math.min(1, share)) * 100)}"></span
  ></span>`;
}

/** Values with their counts, as bars relative to the whole. */
export function barList(
  values: readonly { readonly text: string; readonly count: number }[],
  total: number,
  isAbout: boolean,
): Html {
  const items = values.map(({ text, count }) => {
    const amount = `${isAbout ? "≈ " : ""}${countText(count)} · ${shortPercent(total === 0 ? 0 : count / total)}`;
    return html`<li>
      <span class="rp-value" title="${text}">${text === "" ? "(empty)" : text}</span
      ><span class="rp-count">${amount}</span>${shareOfWhole(total === 0 ? 0 : count / total)}
    </li>`;
  });
  return html`<ul class="rp-bars">
    ${items}
  </ul>`;
}

/** Something that may be wider than the page: it scrolls, by keyboard too. */
export function scrollable(content: Html, label: string, kind = ""): Html {
  return html`<div class="rp-scroll ${kind}" tabindex="0" role="region" aria-label="${label}">
    ${content}
  </div>`;
}

/** Names and values, one a line. */
export function factList(facts: readonly (readonly [name: string, value: string] | undefined)[]): Html {
  const shown = facts.filter((fact) => fact !== undefined);
  return html`<dl class="rp-facts">
    ${shown.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value.replaceAll(/ (?=%)|(?<=^<) /g, "\u00A0")}</dd>`,
    )}
  </dl>`;
}

/** A measure between -1 and 1 for each row and column, coloured by its size. */
export function heatTable(
  rows: readonly string[],
  columns: readonly string[],
  values: readonly (readonly (number | null)[])[],
  caption: string,
): Html {
  const heads = columns.map((name) => html`<th scope="col" title="${name}"><span>${name}</span></th>`);
  const body = rows.map((name, i) => {
    const cells = columns.map((other, j) => {
      const value = values[i]?.[j] ?? null;
      if (value === null) return html`<td style="--size:0" title="${name}, ${other}: not defined">–</td>`;
      const text = twoDecimals(value);
      return html`<td
        class="${value < 0 ? "rp-below" : ""}"
        style="--size:${round(Math.abs(value))}"
        title="${name}, ${other}: ${value.toFixed(4)}"
      >
        ${text}
      </td>`;
    });
    return html`<tr>
      <th scope="row" title="${name}">${name}</th>
      ${cells}
    </tr>`;
  });
  const table = html`<table class="rp-heat">
    <thead>
      <tr>
        <td style="--size:0"></td>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table>`;
  return scrollable(table, caption, "rp-heat-scroll");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
