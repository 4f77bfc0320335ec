/** @file What the exporter writes into a notebook page for the page's script. */

/** The content of the JSON block in each element that has `data-nb-plot`. */
export interface PlotlyFigure {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly frames?: readonly unknown[];
}

/** The id of the element that carries Plotly: base64 of its gzip-compressed source. */
export const plotlyElementId = "nb-plotly";

const cartesianTraces = new Set([
  "bar",
  "box",
  "contour",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "image",
  "pie",
  "scatter",
  "scatterternary",
  "violin",
]);

/** True where the small Plotly, for traces on two axes, can draw a figure. */
export function isCartesian(data: readonly { readonly type?: unknown }[]): boolean {
  return data.every(({ type }) => cartesianTraces.has(typeof type === "string" ? type : "scatter"));
}
