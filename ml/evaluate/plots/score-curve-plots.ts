/** @file Figures of what scores find: precision by recall, and gains by how many rows are acted on. */
import type { BinaryLabels } from "../../labels.ts";
import { figure, type Figure, type Trace } from "../../plot/index.ts";
import { averagePrecision, liftCurve, precisionRecallCurve } from "../classes/index.ts";
import { binaryLabel } from "../../labels.ts";
import type { Scores } from "../scores.ts";
import { thinned } from "./thinned.ts";

const reference = { dash: "dot", color: "#999999" };

/**
 * Precision by recall of one or more sets of scores for the same labels, with each one's average precision. The dotted line is
 * the precision of chance.
 * @throws {@link InvalidInputError} as `precisionRecallCurve`
 */
export function precisionRecallPlot(
  labels: BinaryLabels,
  scoresByName: Readonly<Record<string, Scores>>,
): Figure {
  const curves = Object.entries(scoresByName).map(([name, scores]): Trace => {
    const { precision, recall } = precisionRecallCurve(labels, scores);
    const { x, y } = thinned(recall.toReversed(), precision.toReversed());
    const title = `${name} (AP ${averagePrecision(labels, scores).toFixed(3)})`;
    return { type: "scatter", mode: "lines", name: title, x, y, line: { shape: "vh" } };
  });
  const share = positiveShare(labels);
  const name = `chance (${share.toFixed(3)})`;
  const chance: Trace = {
    type: "scatter",
    mode: "lines",
    name,
    x: [0, 1],
    y: [share, share],
    line: reference,
  };
  return figure([...curves, chance], {
    title: "Precision and recall",
    width: 560,
    height: 480,
    xaxis: { title: "recall", range: [0, 1] },
    yaxis: { title: "precision", range: [0, 1.02] },
    legend: { x: 0.98, y: 0.98, xanchor: "right" },
  });
}

/**
 * Cumulative gains: the share of the positives that is found among the rows of the highest scores, by the share of rows that is
 * acted on. How far a curve is above the diagonal is its lift.
 * @throws {@link InvalidInputError} as `liftCurve`
 */
export function liftPlot(labels: BinaryLabels, scoresByName: Readonly<Record<string, Scores>>): Figure {
  const curves = Object.entries(scoresByName).map(([name, scores]): Trace => {
    const { share, gain, lift } = liftCurve(labels, scores);
    const { x, y } = thinned(share, gain);
    const tenth = lift[share.findIndex((each) => each >= 0.1)] ?? 1;
    const title = `${name} (lift ${tenth.toFixed(2)} in the first tenth)`;
    return { type: "scatter", mode: "lines", name: title, x, y };
  });
  const chance: Trace = {
    type: "scatter",
    mode: "lines",
    name: "chance",
    x: [0, 1],
    y: [0, 1],
    line: reference,
  };
  return figure([...curves, chance], {
    title: "Cumulative gains",
    width: 560,
    height: 480,
    xaxis: { title: "share of rows, highest scores first", tickformat: ".0%", range: [0, 1] },
    yaxis: { title: "share of positives found", tickformat: ".0%", range: [0, 1.005] },
    legend: { x: 0.98, y: 0.04, xanchor: "right", yanchor: "bottom" },
  });
}

function positiveShare(labels: BinaryLabels): number {
  let positives = 0;
  for (let row = 0; row < labels.length; row++) positives += binaryLabel(labels[row], row);
  return positives / labels.length;
}
