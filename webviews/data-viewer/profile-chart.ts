/** @file A column's values in the small: a histogram, or its most frequent values as bars. */
import type { ColumnProfile } from "../../kernel/protocol.ts";
import { shownText } from "./cell-text.ts";

const namespace = "http://www.w3.org/2000/svg";

function svg(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** The histogram as a picture; undefined where the profile has none. */
export function histogramChart(
  profile: ColumnProfile,
  width: number,
  height: number,
  label: string,
): SVGElement | undefined {
  const bins = profile.histogram ?? [];
  const most = Math.max(0, ...bins.map(({ count }) => count));
  if (most === 0) return undefined;
  const chart = svg("svg", {
    class: "histogram",
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": label,
  });
  const step = width / bins.length;
  for (const [index, { count }] of bins.entries()) {
    if (count === 0) continue;
    // The rarest values show as well.
    const high = Math.max(1.5, (count / most) * height);
    chart.append(
      svg("rect", { x: index * step + 0.5, y: height - high, width: Math.max(0.5, step - 1), height: high }),
    );
  }
  return chart;
}

/** The most frequent values with the share of rows that have them. */
export function topShares(
  profile: ColumnProfile,
  most: number,
): readonly { readonly text: string; readonly share: number }[] {
  const rows = Math.max(1, profile.count);
  return (profile.top ?? [])
    .slice(0, most)
    .map(({ value, count }) => ({ text: shownText(value), share: count / rows }));
}

/** For example `12 %`; what is there is never shown as nothing. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  return `${value < 10 && value > 0 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}
