/** @file One measure over the epochs of a fit, in training and on the validation rows, as SVG for light and dark pages. */

/** A place on a curve. */
export interface ChartPoint {
  /** In epochs from the start. */
  readonly epoch: number;
  readonly value: number;
}

/** What a chart shows. */
export interface Chart {
  /** The measure's name. */
  readonly title: string;
  readonly training: readonly ChartPoint[];
  readonly validation: readonly ChartPoint[];
  /** The values of the last epoch, or so far, where there are any. */
  readonly current: { readonly training: number | undefined; readonly validation: number | undefined };
  /** Where the axis ends. */
  readonly epochs: number;
}

// Both stand out from white and from black by more than 3 : 1 (WCAG 2.2, 1.4.11).
const trainingColour = "#3b82f6";
const validationColour = "#d9731a";

const [width, height] = [340, 184];
const [left, right, top, bottom] = [46, 10, 42, 20];
/** So many points are still told apart as dots. */
const mostDots = 30;

/** The chart; its texts are escaped. */
export function chartSvg({ title, training, validation, current, epochs }: Chart): string {
  const finite = ({ value }: ChartPoint): boolean => Number.isFinite(value);
  const [train, valid] = [training.filter(finite), validation.filter(finite)];
  const values = [...train, ...valid].map(({ value }) => value);
  const [low, high] = rangeOf(values);
  const x = (epoch: number): string => (left + (epoch / epochs) * (width - left - right)).toFixed(1);
  const y = (value: number): string =>
    (top + (1 - (value - low) / (high - low)) * (height - top - bottom)).toFixed(1);
  const dots = (points: readonly ChartPoint[], colour: string): string =>
    points
      .map(({ epoch, value }) => `<circle cx="${x(epoch)}" cy="${y(value)}" r="3" fill="${colour}"/>`)
      .join("");
  const line = (points: readonly ChartPoint[], colour: string): string =>
    points.length < 2
      ? dots(points, colour)
      : `<polyline points="${points.map(({ epoch, value }) => `${x(epoch)},${y(value)}`).join(" ")}" fill="none" stroke="${colour}" stroke-width="1.75" stroke-linejoin="round"/>`;
  const grid = [low, (low + high) / 2, high]
    .map(
      (value) =>
        `<path d="M${left},${y(value)}H${width - right}" stroke="currentColor" opacity=".15"/>` +
        `<text x="${left - 6}" y="${(Number(y(value)) + 3.5).toFixed(1)}" text-anchor="end" opacity=".7">${shortNumber(value, high - low)}</text>`,
    )
    .join("");
  const name = escapeText(title);
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${name} by epoch" font-size="10.5" fill="currentColor">` +
    `<text x="${left}" y="14" font-weight="600" font-size="12">${name}</text>${legend(current)}${grid}` +
    `${line(train, trainingColour)}${line(valid, validationColour)}${valid.length > mostDots ? "" : dots(valid, validationColour)}` +
    `<text x="${left}" y="${height - 5}" opacity=".7">0</text>` +
    `<text x="${width - right}" y="${height - 5}" text-anchor="end" opacity=".7">${epochs} ${epochs === 1 ? "epoch" : "epochs"}</text></svg>`
  );
}

/** The last values, in the colours of their curves. */
function legend({ training, validation }: Chart["current"]): string {
  const entries = [
    ["training", training, trainingColour],
    ["validation", validation, validationColour],
  ] as const;
  const spans: string[] = [];
  for (const [name, value, colour] of entries)
    if (value !== undefined)
      spans.push(
        `<tspan fill="${colour}"${spans.length === 0 ? "" : ' dx="10"'}>●</tspan><tspan dx="3">${name} ${showMeasure(value)}</tspan>`,
      );
  return `<text x="${left}" y="30">${spans.join("")}</text>`;
}

/** From the lowest to the highest; where all are equal, a little around them. */
function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const room = Math.abs(low) * 0.05 || 0.5;
  return low === high ? [low - room, high + room] : [low, high];
}

/** A loss or metric with four decimals, or in powers of ten where those say nothing. */
export function showMeasure(value: number): string {
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(2) : value.toFixed(4);
}

/** A label of an axis: as many decimals as its range needs. */
function shortNumber(value: number, range: number): string {
  const size = Math.abs(value);
  if (size >= 1e5 || (size !== 0 && range < 1e-4)) return value.toExponential(1);
  return value.toFixed(range >= 100 ? 0 : range >= 0.2 ? 2 : 4);
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
