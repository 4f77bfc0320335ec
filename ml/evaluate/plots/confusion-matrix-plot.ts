import { figure, type Figure } from "../../plot/index.ts";
import { confusionMatrix, type ConfusionOptions } from "../classes/index.ts";
import type { ClassTarget } from "../../target.ts";

/**
 * A heat map of a confusion matrix: a row for each class that happened, coloured by the share that was said to be of each
 * class, with the counts (or, with `normalize`, the shares) in the cells.
 * @throws {@link InvalidInputError} as `confusionMatrix`
 */
export function confusionMatrixPlot(
  truth: ClassTarget,
  predicted: ClassTarget,
  options: ConfusionOptions = {},
): Figure {
  const { classes, counts } = confusionMatrix(truth, predicted, options);
  const names = classes.map(String);
  const shares = counts.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (total === 0 ? 0 : count / total));
  });
  const isShare = options.normalize !== undefined;
  const text = counts.map((row) =>
    Array.from(row, (count) =>
      isShare ? `${(100 * count).toFixed(1)} %` : String(Number(count.toFixed(2))),
    ),
  );
  const size = Math.min(720, 220 + 70 * classes.length);
  return figure(
    [
      {
        type: "heatmap",
        x: names,
        y: names,
        z: shares,
        text,
        texttemplate: "%{text}",
        hovertemplate: "%{y}, said to be %{x}: %{text}<extra></extra>",
        colorscale: [
          [0, "#f7fbff"],
          [1, "#08519c"],
        ],
        zmin: 0,
        zmax: 1,
        showscale: false,
      },
    ],
    {
      title: "Confusion matrix",
      width: size,
      height: size,
      xaxis: { title: "predicted", type: "category" },
      yaxis: { title: "true", type: "category", autorange: "reversed" },
    },
  );
}
