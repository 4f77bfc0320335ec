/** @file Figures as artifacts. Plotly's become JSON, or a page that holds Plotly and loads nothing. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { escapeHtml } from "../html.ts";
import type { PlotlyFigure } from "./run.ts";

const figureSchema = v.object({
  data: v.array(v.looseObject({ type: v.optional(v.string()) })),
  layout: v.optional(v.looseObject({}), {}),
});

/** Traces that the small Plotly draws. */
const cartesian: ReadonlySet<string> = new Set([
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

const imageTypes: ReadonlySet<string> = new Set([".png", ".jpg", ".jpeg", ".webp", ".gif"]);

/**
 * The content of a figure's artifact, by the extension of its name.
 * @throws {@link InvalidInputError} where a figure of this kind can't be of that extension
 */
export async function figureContent(
  figure: PlotlyFigure | string | Uint8Array,
  artifactFile: string,
): Promise<Uint8Array> {
  const extension = extname(artifactFile).toLowerCase();
  if (figure instanceof Uint8Array) {
    if (!imageTypes.has(extension)) throw wrongExtension("the bytes of an image", artifactFile, ".png");
    return figure;
  }
  if (typeof figure === "string") {
    const isSvg = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(
      figure,
    );
    if (extension !== ".html" && !(isSvg && extension === ".svg"))
      throw wrongExtension(
        isSvg ? "a text of SVG" : "a text of HTML",
        artifactFile,
        isSvg ? ".svg" : ".html",
      );
    return Buffer.from(figure);
  }
  const json = plotlyJson(figure);
  if (extension === ".json") return Buffer.from(json);
  if (extension === ".html") return Buffer.from(await plotlyPage(json, artifactFile));
  throw wrongExtension("a figure of Plotly", artifactFile, ".json or .html");
}

function wrongExtension(what: string, artifactFile: string, right: string): Error {
  return new InvalidInputError(
    `${what} can't be logged as "${artifactFile}": give it a name that ends in ${right}`,
  );
}

/** As Plotly's own JSON: typed arrays are lists. */
function plotlyJson({ data, layout }: PlotlyFigure): string {
  return JSON.stringify({ data, layout: layout ?? {} }, (_, value: unknown) => {
    if (ArrayBuffer.isView(value) && Symbol.iterator in value)
      // SAFETY: what has an iterator can be iterated over.
      return Array.from(value as unknown as Iterable<unknown>, (item) =>
        typeof item === "bigint" ? Number(item) : item,
      );
    return typeof value === "bigint" ? Number(value) : value;
  });
}

async function plotlyPage(json: string, artifactFile: string): Promise<string> {
  const parsed = v.safeParse(figureSchema, JSON.parse(json));
  if (!parsed.success)
    throw new InvalidInputError(
      `what is logged as "${artifactFile}" is no figure of Plotly: it has no list of traces`,
    );
  const isSmall = parsed.output.data.every(({ type }) => cartesian.has(type ?? "scatter"));
  const library = await readFile(join(findPlotly(), isSmall ? "plotly-cartesian.js" : "plotly-all.js"));
  const packed = gzipSync(library, { level: 9 }).toString("base64");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Tenon">
<title>${escapeHtml(artifactFile)}</title>
<style>html, body, #figure { margin: 0; height: 100% }</style>
</head>
<body>
<div id="figure"></div>
<script type="application/json" id="data">${json.replaceAll("<", String.raw`\u003C`)}</script>
<script type="application/gzip" id="plotly">${packed}</script>
<script type="module">
const text = (id) => document.getElementById(id).textContent;
const bytes = Uint8Array.from(atob(text("plotly")), (character) => character.charCodeAt(0));
const script = document.createElement("script");
script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
document.head.append(script);
const { data, layout } = JSON.parse(text("data"));
await Plotly.newPlot("figure", data, layout, { responsive: true, displaylogo: false });
</script>
</body>
</html>
`;
}

/** The folder of the built pages, which have Plotly. */
function findPlotly(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = join(folder, "dist", "webviews", "notebook-page");
    if (existsSync(found)) return found;
    const parent = dirname(folder);
    if (parent === folder)
      throw new InvalidInputError(
        "Plotly isn't in this installation: run `npm run build`, install tenon again, or log the figure as .json",
      );
    folder = parent;
  }
}
