/** @file Figures of evaluations. */
export { confusionMatrixPlot } from "./confusion-matrix-plot.ts";
export { learningCurvePlot, validationCurvePlot, type CurvePlotOptions } from "./curve-plots.ts";
export { residualPlot } from "./residual-plot.ts";
export { liftPlot, precisionRecallPlot } from "./score-curve-plots.ts";
export { thresholdCostPlot } from "./threshold-cost-plot.ts";
