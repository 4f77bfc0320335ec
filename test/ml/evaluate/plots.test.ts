import assert from "node:assert/strict";
import {
  calibrationPlot,
  confusionMatrixPlot,
  learningCurvePlot,
  liftPlot,
  precisionRecallPlot,
  residualPlot,
  thresholdCostPlot,
  validationCurvePlot,
} from "../../../ml/evaluate/index.ts";
import { InvalidInputError } from "../../../ml/errors.ts";
import type { Figure } from "../../../ml/plot/index.ts";
import { Random } from "../../../ml/random.ts";

const random = new Random(6);
const labels = Uint8Array.from({ length: 20_000 }, () => (random.uniform() < 0.2 ? 1 : 0));
const scores = Float64Array.from(labels, (label) => 1 / (1 + Math.exp(-label - random.normal())));
const names = Array.from(labels, (label) => (label === 1 ? "yes" : "no"));
const said = Array.from(scores, (score) => (score > 0.7 ? "yes" : "no"));

/** What the figure's output takes in a notebook. */
function bytesOf(figure: Figure): number {
  return JSON.stringify(Object(figure)[Symbol.for("Jupyter.display")]()).length;
}

describe("figures of evaluations", () => {
  const points = [10, 100, 1000].map((value) => ({ value, trainScores: [1, 0.8], testScores: [0.5, 0.7] }));
  const figures: readonly (readonly [string, Figure])[] = [
    ["confusion matrix", confusionMatrixPlot(names, said)],
    ["precision and recall", precisionRecallPlot(labels, { model: scores })],
    ["cumulative gains", liftPlot(labels, { model: scores })],
    ["calibration", calibrationPlot(labels, scores)],
    ["learning curve", learningCurvePlot(points, { metric: "accuracy" })],
    ["validation curve", validationCurvePlot(points, "alpha")],
    ["residuals", residualPlot(scores, Float64Array.from(labels))],
    ["cost by threshold", thresholdCostPlot(labels, scores, { falsePositive: 1, falseNegative: 4 })],
  ];
  for (const [name, figure] of figures) {
    it(`${name}: small, whole numbers only, and with titles`, () => {
      assert.ok(bytesOf(figure) < 60_000, `${bytesOf(figure)} bytes`);
      const text = JSON.stringify(figure.data);
      assert.doesNotMatch(text, /null/, "NaN and infinities are null in JSON");
      assert.ok(figure.layout.title && figure.layout.xaxis?.title && figure.layout.yaxis?.title);
      for (const { x, y } of figure.data)
        if (x && y && !figure.data.some(({ z }) => z)) assert.equal(x.length, y.length);
    });
  }

  it("a confusion matrix has counts in its cells and shares in its colours", () => {
    const [map] = confusionMatrixPlot(["b", "a", "b", "b"], ["b", "a", "a", "b"]).data;
    assert.deepEqual(map?.text, [
      ["1", "0"],
      ["1", "2"],
    ]);
    assert.deepEqual(
      map?.z?.map((row) => Array.from(row)),
      [
        [1, 0],
        [1 / 3, 2 / 3],
      ],
    );
  });

  it("calibration has intervals that narrow with rows", () => {
    const width = (rows: number): number => {
      const [points] = calibrationPlot(labels.subarray(0, rows), scores.subarray(0, rows), 5).data;
      const { array, arrayminus } = Object(points?.["error_y"]);
      return Math.max(...array) + Math.max(...arrayminus);
    };
    assert.ok(width(200) > 2 * width(20_000));
  });

  it("a validation curve over factors is logarithmic, over words has their names", () => {
    assert.equal(validationCurvePlot(points, "alpha").layout.xaxis?.["type"], "log");
    const words = [true, false].map((value) => ({ value, trainScores: [1], testScores: [0] }));
    const { data, layout } = validationCurvePlot(words, "shuffle");
    assert.deepEqual([data[0]?.x, layout.xaxis?.["type"]], [["true", "false"], undefined]);
  });

  it("the cost by threshold marks the least", () => {
    const { data } = thresholdCostPlot([0, 0, 1, 1], [1, 3, 2, 4], { falsePositive: 1, falseNegative: 3 });
    assert.deepEqual([data[1]?.x, data[1]?.y], [[2], [0.25]]);
  });

  it("refuses nothing to plot", () => {
    const nothing: readonly (() => unknown)[] = [
      () => learningCurvePlot([]),
      () => residualPlot([], []),
      () => confusionMatrixPlot([], []),
      () => liftPlot([0, 0], { model: [1, 2] }),
      () => precisionRecallPlot([], { model: [] }),
    ];
    for (const plot of nothing) assert.throws(plot, InvalidInputError);
  });
});
