/** @file Plotly figures: told by their traces, shown as `application/vnd.plotly.v1+json`. */
import type { MimeBundle } from "../protocol.ts";
import { toJson } from "./json-value.ts";
import { isArray, isObject, readOwn } from "./safe-read.ts";
import { formatCount } from "./preview.ts";

/** The MIME type that JupyterLab's and VS Code's Plotly renderers take. */
export const plotlyMime = "application/vnd.plotly.v1+json";

const traceFields = [
  "x",
  "y",
  "z",
  "values",
  "labels",
  "lat",
  "lon",
  "r",
  "theta",
  "nodes",
  "link",
  "value",
  "dimensions",
];

/** True for `{ data: traces, layout }` where every trace looks like one. */
export function isPlotlyFigure(value: object): boolean {
  const data = readOwn(value, "data");
  if (!isArray(data) || data.length === 0 || !isObject(readOwn(value, "layout"))) return false;
  for (let index = 0; index < Math.min(data.length, 20); index += 1) {
    const trace = readOwn(data, index);
    if (!isObject(trace) || isArray(trace)) return false;
    const typed = typeof readOwn(trace, "type") === "string";
    if (!typed && !traceFields.some((field) => readOwn(trace, field) !== undefined)) return false;
  }
  return true;
}

/** The figure's bundle, with a description as text. */
export function plotlyBundle(value: object): MimeBundle {
  const data = readOwn(value, "data");
  const traces = isArray(data) ? data : [];
  const layout = readOwn(value, "layout");
  const frames = readOwn(value, "frames");
  const figure = {
    data: traces,
    layout: layout ?? {},
    config: readOwn(value, "config") ?? { responsive: true },
    ...(frames === undefined ? {} : { frames }),
  };
  const kinds = new Set<string>();
  for (const trace of traces.slice(0, 100)) {
    const type = isObject(trace) ? readOwn(trace, "type") : undefined;
    kinds.add(typeof type === "string" ? type.slice(0, 40) : "scatter");
  }
  const title = titleOf(layout);
  return {
    [plotlyMime]: toJson(figure),
    "text/plain": `Plotly figure${title === "" ? "" : ` "${title}"`}: ${formatCount(traces.length)} ${
      traces.length === 1 ? "trace" : "traces"
    } (${[...kinds].slice(0, 8).join(", ")})`,
  };
}

function titleOf(layout: unknown): string {
  if (!isObject(layout)) return "";
  const title = readOwn(layout, "title");
  const text = isObject(title) ? readOwn(title, "text") : title;
  return typeof text === "string" ? text.slice(0, 200) : "";
}
