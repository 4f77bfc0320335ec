/** @file Random forests and extra trees of classes and numbers. */
import { modelClasses } from "../../class-labels.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Classifier, Regressor } from "../../estimator.ts";
import { observedEstimator } from "../../fit-observer.ts";
import { targetNumbers } from "../../target.ts";
import { ForestClassification, ForestRegression } from "../forest-models.ts";
import {
  checkForestSettings,
  defaultForestSettings,
  type ForestClassifierSettings,
  type ForestSettings,
} from "./settings.ts";
import { trainForest, type ForestTraining } from "./train-forest.ts";
import { classesTarget, numbersTarget } from "./tree-target.ts";

/** A forest that tells classes. */
export type ForestClassifier = Classifier<ForestClassifierSettings, ForestClassification>;
/** A forest that predicts numbers. */
export type ForestRegressor = Regressor<ForestSettings, ForestRegression>;

/**
 * Trees on rows drawn with replacement, each split the best among features drawn anew (Breiman, "Random forests", 2001),
 * in scikit-learn's terms. A class's probability is the mean of the leaves' shares. Columns of more than 255 different
 * values are cut into 255 bins. NaN is a missing value, which goes at each split where it does best.
 * @example randomForestClassifier({ nEstimators: 200, minSamplesLeaf: 3 })
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function randomForestClassifier(changes: Partial<ForestClassifierSettings> = {}): ForestClassifier {
  return classifier("randomForestClassifier", "best", {
    ...defaultForestSettings,
    criterion: "gini",
    ...changes,
  });
}

/**
 * As {@link randomForestClassifier} for numbers, by squared errors: each split is chosen among all features where not told
 * otherwise, and a prediction is the mean of the leaves' means.
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function randomForestRegressor(changes: Partial<ForestSettings> = {}): ForestRegressor {
  return regressor("randomForestRegressor", "best", {
    ...defaultForestSettings,
    maxFeatures: "all",
    ...changes,
  });
}

/**
 * Trees on all rows, each split the best of one random threshold for each feature that is drawn (Geurts, Ernst and
 * Wehenkel, "Extremely randomized trees", 2006), in scikit-learn's terms. NaN is a missing value, which goes to a random
 * side.
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function extraTreesClassifier(changes: Partial<ForestClassifierSettings> = {}): ForestClassifier {
  const settings = { ...defaultForestSettings, bootstrap: false, criterion: "gini", ...changes } as const;
  return classifier("extraTreesClassifier", "random", settings);
}

/**
 * As {@link extraTreesClassifier} for numbers, by squared errors.
 * @throws {@link InvalidInputError} for settings that make no sense
 */
export function extraTreesRegressor(changes: Partial<ForestSettings> = {}): ForestRegressor {
  const settings = { ...defaultForestSettings, bootstrap: false, maxFeatures: "all", ...changes } as const;
  return regressor("extraTreesRegressor", "random", settings);
}

/** More classes don't fit a slot's number. */
const mostClasses = 65_536;

function classifier(
  kind: string,
  splits: ForestTraining["splits"],
  settings: ForestClassifierSettings,
): ForestClassifier {
  checkForestSettings(settings);
  const { criterion } = settings;
  if (criterion !== "gini" && criterion !== "entropy")
    throw new InvalidInputError(`there is no criterion ${JSON.stringify(criterion)}`);
  return observedEstimator({
    kind,
    task: "classification",
    settings,
    with: (changes) => classifier(kind, splits, { ...settings, ...changes }),
    fit: async (rows, target, options = {}) => {
      const { classes, codes } = modelClasses(target, rows.rows);
      if (classes.length > mostClasses)
        throw new InvalidInputError(`the target has ${classes.length} classes`);
      const forest = await trainForest({
        rows,
        target: classesTarget(codes, classes.length),
        impurity: criterion === "gini" ? "squares" : "entropy",
        splits,
        settings,
        options,
      });
      return new ForestClassification(kind, forest, classes);
    },
  });
}

function regressor(
  kind: string,
  splits: ForestTraining["splits"],
  settings: ForestSettings,
): ForestRegressor {
  checkForestSettings(settings);
  return observedEstimator({
    kind,
    task: "regression",
    settings,
    with: (changes) => regressor(kind, splits, { ...settings, ...changes }),
    fit: async (rows, target, options = {}) => {
      const numbers = numbersTarget(targetNumbers(target, rows.rows));
      const forest = await trainForest({
        rows,
        target: numbers,
        impurity: "squares",
        splits,
        settings,
        options,
      });
      return new ForestRegression(kind, forest);
    },
  });
}
