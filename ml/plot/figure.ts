/**
 * @file Plotly figures as plain data that notebooks show.
 *
 * A figure is what Plotly's JSON schema says, no more: `data` and `layout` may be given to any Plotly.
 */
import type { MimeBundle } from "../notebook-host.ts";

/** Values along an axis. */
export type PlotValues =
  | readonly (number | string | Date | null)[]
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | Uint32Array;

/** One trace: Plotly's attributes, of which the usual ones are typed. */
export interface Trace {
  readonly type: "bar" | "box" | "heatmap" | "histogram" | "scatter" | "scattergeo";
  readonly name?: string;
  readonly x?: PlotValues;
  readonly y?: PlotValues;
  /** The rows of a heat map. */
  readonly z?: readonly PlotValues[];
  readonly lat?: PlotValues;
  readonly lon?: PlotValues;
  /** For each point; of a heat map, row by row. */
  readonly text?: PlotValues | readonly PlotValues[];
  readonly mode?: "lines" | "markers" | "lines+markers" | "text";
  readonly [attribute: string]: unknown;
}

/** A title, plain or with Plotly's attributes. */
export type Title = string | { readonly text: string; readonly [attribute: string]: unknown };

/** An axis: Plotly's attributes, of which the usual ones are typed. */
export interface Axis {
  readonly title?: Title;
  readonly range?: readonly [number, number];
  readonly tickformat?: string;
  readonly [attribute: string]: unknown;
}

/** A layout: Plotly's attributes, of which the usual ones are typed. */
export interface Layout {
  readonly title?: Title;
  readonly xaxis?: Axis;
  readonly yaxis?: Axis;
  readonly width?: number;
  readonly height?: number;
  readonly showlegend?: boolean;
  readonly [attribute: string]: unknown;
}

/** A figure; shows itself in a notebook. */
export class Figure {
  readonly data: readonly Trace[];
  readonly layout: Layout;

  /** @internal */
  constructor(data: readonly Trace[], layout: Layout) {
    this.data = data;
    this.layout = layout;
  }

  [Symbol.for("Jupyter.display")](): MimeBundle {
    const traces = this.data.map(({ type, name }) => (name === undefined ? type : `${type} "${name}"`));
    return {
      "application/vnd.plotly.v1+json": {
        data: this.data,
        layout: this.layout,
        config: { responsive: true },
      },
      "text/plain": `Figure ${titleText(this.layout.title)}(${traces.join(", ")})`,
    };
  }
}

/**
 * Makes a figure. Typed arrays become lists, titles may be plain strings, and close margins fill in
 * what the layout leaves open. Colours of paper and text are the notebook's.
 */
export function figure(data: readonly Trace[], layout: Layout = {}): Figure {
  const { title, xaxis, yaxis, ...others } = layout;
  return new Figure(
    data.map((trace) => ({ ...toList(trace), type: trace.type })),
    {
      height: 380,
      margin: { l: 60, r: 20, t: title === undefined ? 20 : 48, b: 50 },
      font: { size: 13 },
      ...others,
      // At the left: Plotly's buttons take the right end of that line.
      ...(title !== undefined && { title: { x: 0.01, xanchor: "left", ...titleOf(title) } }),
      xaxis: axis(xaxis),
      yaxis: axis(yaxis),
    },
  );
}

function axis(settings: Axis = {}): Axis {
  const { title, ...others } = settings;
  return {
    automargin: true,
    ...others,
    ...(title !== undefined && { title: titleOf(title) }),
  };
}

function titleOf(title: Title): Exclude<Title, string> {
  return typeof title === "string" ? { text: title } : title;
}

function titleText(title: Layout["title"]): string {
  return title === undefined ? "" : `"${titleOf(title).text}" `;
}

/** JSON writes a typed array as an object: lists go out instead, at any depth. */
function toList(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, listed(item)]));
}

function listed(value: unknown): unknown {
  // SAFETY: what has an iterator can be iterated over.
  if (ArrayBuffer.isView(value) && Symbol.iterator in value)
    return Array.from(value as unknown as Iterable<unknown>);
  if (Array.isArray(value)) return value.map(listed);
  if (value !== null && typeof value === "object" && !(value instanceof Date)) return toList(value);
  return value;
}
