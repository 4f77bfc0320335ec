/** @file `tenon/neighbours`: classes and numbers by the nearest rows. */
export type { Metric } from "../distances/metric.ts";
export { kNeighborsClassifier, type KNeighborsClassifierModel } from "./classifier.ts";
export { loadNeighbours } from "./load-neighbours.ts";
export type { NeighbourSettings } from "./neighbour-rows.ts";
export { kNeighborsRegressor, type KNeighborsRegressorModel } from "./regressor.ts";
