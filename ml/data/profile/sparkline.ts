/** @file Small drawings of distributions, in colours that do on light and dark grounds. */
import { html, type Html } from "../../html.ts";

/** Blue in the middle of the scale: 3 to 1 against white and against near-black. */
const barColour = "#4a86c8";

/** A row of bars, as high as the counts; described for those who do not see it. */
export function sparkline(counts: readonly number[], label: string, width = 96, height = 26): Html {
  const most = Math.max(...counts, 1);
  const slot = width / Math.max(counts.length, 1);
  const gap = slot > 4 ? 1 : 0;
  const bars = counts.map((count, at) => {
    // What is there is seen, however little.
    const tall = count === 0 ? 0 : Math.max(1, (count / most) * (height - 1));
    return `M${round(at * slot)} ${height}v-${round(tall)}h${round(slot - gap)}V${height}z`;
  });
  const path = `M0 ${height}v-.5h${width}v.5z${bars.join("")}`;
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    fill="${barColour}"
    role="img"
    aria-label="${label}"
  >
    <path d="${path}"></path>
  </svg>`;
}

/** One bar, of which each part is a share of the whole: the frequent values of a column. */
export function shareBar(
  counts: readonly number[],
  total: number,
  label: string,
  width = 96,
  height = 26,
): Html {
  let x = 0;
  const parts = counts.slice(0, 6).map((count, at) => {
    const part = total === 0 ? 0 : (count / total) * width;
    const drawn = html`<rect
      x="${round(x)}"
      y="${height / 2 - 5}"
      width="${round(Math.max(0, part - 0.75))}"
      height="10"
      opacity="${round(1 - at * 0.14)}"
    ></rect>`;
    x += part;
    return drawn;
  });
  const rest = html`<rect
    x="${round(x)}"
    y="${height / 2 - 5}"
    width="${round(Math.max(0, width - x))}"
    height="10"
    fill="currentColor"
    opacity=".16"
  ></rect>`;
  return html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    fill="${barColour}"
    role="img"
    aria-label="${label}"
  >
    ${parts}${rest}
  </svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
