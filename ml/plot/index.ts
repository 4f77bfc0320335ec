/** @file `tenon/plot`: Plotly figures. */
export { figure } from "./figure.ts";
export type { Axis, Figure, Layout, PlotValues, Title, Trace } from "./figure.ts";
