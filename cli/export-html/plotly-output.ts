/** @file Plotly figures: their data in the page, drawn by the page's script with the smallest Plotly that has their traces. */
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { type PlotlyFigure, isCartesian } from "../../webviews/notebook-page/protocol.ts";
import { type Html, escapeHtml, html, jsonForScript } from "./html.ts";
import { readAsset } from "./page-assets.ts";

/** The MIME type of Plotly figures. */
export const plotlyType = "application/vnd.plotly.v1+json";

// Their outlines or tiles come from the network.
const mapTraces = /geo$|^choropleth|map$|mapbox$/;

function isMap(trace: { readonly type?: string | undefined }): boolean {
  return trace.type !== "heatmap" && trace.type !== "treemap" && mapTraces.test(trace.type ?? "");
}

const figureSchema = v.object({
  data: v.array(v.looseObject({ type: v.optional(v.string()) })),
  layout: v.optional(v.record(v.string(), v.unknown())),
  config: v.optional(v.record(v.string(), v.unknown())),
  frames: v.optional(v.array(v.unknown())),
});

function defaultHeight(layout: Readonly<Record<string, unknown>>): number {
  const height = layout["height"];
  return typeof height === "number" && height >= 100 && height <= 4000 ? height : 420;
}

/** The figures of one page, and which Plotly they need. */
export class PlotlyFigures {
  #count = 0;
  #needsAll = false;

  /** A figure's place in the page; undefined when it isn't a figure. A map is not drawn: the page loads nothing. The fallback is shown until it is drawn. */
  add(value: unknown, label: string, fallback: Html): Html | undefined {
    const parsed = v.safeParse(figureSchema, value);
    if (!parsed.success) return undefined;
    const { data, layout = {}, config = {}, frames } = parsed.output;
    if (data.some(isMap))
      return html`${fallback}
        <p class="nb-note">A map, which needs the network: open the notebook to see it.</p>`;
    this.#count += 1;
    this.#needsAll ||= !isCartesian(data);
    const figure: PlotlyFigure = { data, layout, config, ...(frames === undefined ? {} : { frames }) };
    const height = escapeHtml(`height:${defaultHeight(layout)}px`);
    return html`<div
      class="nb-plot"
      data-nb-plot
      role="figure"
      aria-label="${escapeHtml(label)}"
      style="${height}"
    >
      <script type="application/json">
        ${jsonForScript(figure)}
      </script>
      ${fallback}
    </div>`;
  }

  /** Plotly's source, for the policy's hash, and the element that carries it compressed; undefined when unused. */
  async library(): Promise<{ readonly source: string; readonly element: Html } | undefined> {
    if (this.#count === 0) return undefined;
    const source = await readAsset(this.#needsAll ? "plotly-all.js" : "plotly-cartesian.js");
    const compressed = gzipSync(source, { level: 9 }).toString("base64");
    return {
      source,
      element: html`<script type="application/gzip" id="nb-plotly">
        ${escapeHtml(compressed)}
      </script>`,
    };
  }
}
