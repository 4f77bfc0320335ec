import { figure, type Figure } from "../../plot/index.ts";
import { Random } from "../../random.ts";
import { checkPairs, type Numbers } from "../numbers/number-pairs.ts";

const plottedRows = 2000;

/**
 * Residuals (true less predicted) by prediction, beside their distribution. A shape that isn't a level band shows what the model
 * missed. Of many rows 2,000 random ones are drawn.
 * @throws {@link InvalidInputError} for no rows, unequal lengths, numbers that aren't finite
 */
export function residualPlot(truth: Numbers, predicted: Numbers): Figure {
  checkPairs(truth, predicted);
  const rows = Uint32Array.from({ length: truth.length }, (_, row) => row);
  if (rows.length > plottedRows) new Random(0).shuffle(rows);
  const kept = rows.subarray(0, plottedRows);
  const residuals = Array.from(kept, (row) => short((truth[row] ?? 0) - (predicted[row] ?? 0)));
  return figure(
    [
      {
        type: "scatter",
        mode: "markers",
        name: "rows",
        x: Array.from(kept, (row) => short(predicted[row] ?? 0)),
        y: residuals,
        marker: { size: 5, opacity: 0.5 },
      },
      { type: "histogram", name: "distribution", y: residuals, xaxis: "x2", marker: { color: "#999999" } },
    ],
    {
      title: "Residuals",
      width: 720,
      height: 420,
      showlegend: false,
      xaxis: { title: "predicted", domain: [0, 0.8] },
      yaxis: { title: "true less predicted", zeroline: true },
      xaxis2: { title: { text: "rows" }, domain: [0.84, 1] },
    },
  );
}

function short(value: number): number {
  return Number(value.toPrecision(6));
}
