/** @file Fitted models of any folder, stored as JSON, by their kind. */
import { loadBayes } from "../bayes/index.ts";
import { InvalidInputError } from "../errors.ts";
import type { ClassificationModel, RegressionModel } from "../estimator.ts";
import { loadLinear } from "../linear/index.ts";
import { loadNeighbours } from "../neighbours/index.ts";
import { loadKernelMachine } from "../kernel-machines/index.ts";
import { loadBoosting, loadForest } from "../trees/index.ts";

type Load = (json: unknown) => RegressionModel | ClassificationModel;

/** The loader of each kind of model. */
const loaders: ReadonlyMap<string, Load> = new Map<string, Load>([
  ...kinds(loadLinear, [
    "linearRegression",
    "ridge",
    "lasso",
    "elasticNet",
    "poissonRegressor",
    "gammaRegressor",
    "linearSvr",
    "sgdRegressor",
    "logisticRegression",
    "linearSvc",
    "sgdClassifier",
  ]),
  ...kinds(loadBoosting, [
    "gradientBoostingClassifier",
    "gradientBoostingRegressor",
    "gradientBoostingRanker",
  ]),
  ...kinds(loadTrees, [
    "randomForestClassifier",
    "randomForestRegressor",
    "extraTreesClassifier",
    "extraTreesRegressor",
    "xgboost",
    "lightgbm",
    "catboost",
  ]),
  ...kinds(loadKernelMachine, ["svc", "svr"]),
  ...kinds(loadNeighbours, ["kNeighborsClassifier", "kNeighborsRegressor"]),
  ...kinds(loadBayes, [
    "gaussianNaiveBayes",
    "categoricalNaiveBayes",
    "multinomialNaiveBayes",
    "bernoulliNaiveBayes",
    "complementNaiveBayes",
  ]),
]);

function loadTrees(json: unknown): RegressionModel | ClassificationModel {
  const model = loadForest(json);
  if (model.task !== "anomaly") return model;
  throw new InvalidInputError("an isolation forest predicts no target");
}

function kinds(load: Load, names: readonly string[]): readonly (readonly [string, Load])[] {
  return names.map((name) => [name, load] as const);
}

/**
 * A fitted model that predicts a target out of what `JSON.stringify` made of it, whatever its kind.
 * @throws {@link InvalidInputError} for a kind that this version doesn't know, and for what isn't such a model
 */
export function loadModel(json: unknown): RegressionModel | ClassificationModel {
  const kind: unknown = typeof json === "object" && json !== null ? Reflect.get(json, "kind") : undefined;
  const load = typeof kind === "string" ? loaders.get(kind) : undefined;
  if (!load)
    throw new InvalidInputError(
      `there is no model of kind ${JSON.stringify(kind)}: this version knows ${[...loaders.keys()].join(", ")}`,
    );
  return load(json);
}
