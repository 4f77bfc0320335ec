/** @file Figures of learning and validation curves. */
import { InvalidInputError } from "../../errors.ts";
import { figure, type Axis, type Figure, type Trace } from "../../plot/index.ts";
import type { CurvePoint } from "../validate/index.ts";

/** Settings of a figure of scores. */
export interface CurvePlotOptions {
  /** What was measured; "score" where absent. */
  readonly metric?: string;
}

/**
 * Mean scores on training and test rows by how many rows were learnt from; the bars are a standard deviation over the splits.
 * @throws {@link InvalidInputError} for no points
 */
export function learningCurvePlot(
  points: readonly CurvePoint<number>[],
  { metric = "score" }: CurvePlotOptions = {},
): Figure {
  return curvePlot(points, "Learning curve", { title: "training rows" }, metric);
}

/**
 * Mean scores on training and test rows by the value of a setting; the bars are a standard deviation over the splits. Positive
 * numbers that span a factor of a hundred or more stand on a logarithmic axis.
 * @throws {@link InvalidInputError} for no points
 */
export function validationCurvePlot(
  points: readonly CurvePoint<unknown>[],
  setting: string,
  { metric = "score" }: CurvePlotOptions = {},
): Figure {
  const values = points.map(({ value }) => value);
  const isLog =
    values.every((value) => typeof value === "number" && value > 0) &&
    Math.max(...values.map(Number)) >= 100 * Math.min(...values.map(Number));
  return curvePlot(points, "Validation curve", { title: setting, ...(isLog && { type: "log" }) }, metric);
}

function curvePlot(
  points: readonly CurvePoint<unknown>[],
  title: string,
  xaxis: Axis,
  metric: string,
): Figure {
  if (points.length === 0) throw new InvalidInputError("there are no points to plot");
  const x = points.map(({ value }) => (typeof value === "number" ? value : String(value)));
  const curve = (name: string, scoresOf: (point: CurvePoint<unknown>) => readonly number[]): Trace => ({
    type: "scatter",
    mode: "lines+markers",
    name,
    x,
    y: points.map((point) => mean(scoresOf(point))),
    error_y: { type: "data", array: points.map((point) => deviation(scoresOf(point))), thickness: 1 },
  });
  return figure(
    [
      curve("training rows", ({ trainScores }) => trainScores),
      curve("test rows", ({ testScores }) => testScores),
    ],
    { title, width: 620, height: 420, xaxis, yaxis: { title: metric } },
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const center = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - center) ** 2)));
}
