import type { BinaryLabels } from "../../labels.ts";
import { figure, type Figure } from "../../plot/index.ts";
import { chooseThreshold, thresholdCosts, type Costs } from "../decisions/threshold-cost.ts";
import type { Scores } from "../scores.ts";

const plottedPoints = 400;

/**
 * The mean cost of a row by threshold, with the threshold of least cost.
 * @throws {@link InvalidInputError} as `thresholdCosts`
 */
export function thresholdCostPlot(labels: BinaryLabels, scores: Scores, costs: Costs): Figure {
  const curve = thresholdCosts(labels, scores, costs);
  const best = chooseThreshold(labels, scores, costs);
  const last = curve.thresholds.length - 1;
  const step = Math.max(1, Math.ceil(last / plottedPoints));
  // Without the first, infinite threshold; the last point is always there.
  const points = Array.from({ length: Math.ceil(last / step) }, (_, at) => last - at * step).toReversed();
  return figure(
    [
      {
        type: "scatter",
        mode: "lines",
        name: "cost",
        x: points.map((point) => curve.thresholds[point] ?? null),
        y: points.map((point) => curve.costs[point] ?? null),
        line: { shape: "hv" },
      },
      ...(Number.isFinite(best.threshold)
        ? [
            {
              type: "scatter",
              mode: "markers",
              name: `least: ${short(best.cost)} from ${short(best.threshold)} on`,
              x: [best.threshold],
              y: [best.cost],
              marker: { size: 10 },
            } as const,
          ]
        : []),
    ],
    {
      title: "Cost by threshold",
      width: 620,
      height: 420,
      xaxis: { title: "threshold" },
      yaxis: { title: "mean cost of a row" },
      legend: { orientation: "h", x: 0, y: -0.2 },
    },
  );
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
