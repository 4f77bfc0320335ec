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
