/** @file How forests of independent trees are grown, in scikit-learn's names and with its defaults. */
import { InvalidInputError } from "../../errors.ts";
import { requireCount, requireNotNegative } from "../../settings.ts";

/** What random forests and extra trees can be told. */
export interface ForestSettings {
  readonly nEstimators: number;
  /** The most splits between a root and a leaf; null is no bound. */
  readonly maxDepth: number | null;
  /** A node of fewer rows is a leaf. */
  readonly minSamplesSplit: number;
  /** The fewest rows of a leaf. */
  readonly minSamplesLeaf: number;
  /** How many features each split is chosen among: "sqrt" or "log2" of them, "all", a share below 1, or a number from 1. */
  readonly maxFeatures: "sqrt" | "log2" | "all" | number;
  /** A split must lower the impurity by as much, weighted by the node's share of the rows. */
  readonly minImpurityDecrease: number;
  /** Whether each tree is grown on rows drawn with replacement; else on all. */
  readonly bootstrap: boolean;
  /** How many rows are drawn for each tree: a share up to 1, or a number above; null is as many as there are. */
  readonly maxSamples: number | null;
  /** The same seed gives the same forest. */
  readonly seed: number;
}

/** What forests that tell classes can be told. */
export interface ForestClassifierSettings extends ForestSettings {
  /** The impurity: Gini's, or the entropy. */
  readonly criterion: "gini" | "entropy";
}

/** scikit-learn's defaults. */
export const defaultForestSettings: ForestSettings = {
  nEstimators: 100,
  maxDepth: null,
  minSamplesSplit: 2,
  minSamplesLeaf: 1,
  maxFeatures: "sqrt",
  minImpurityDecrease: 0,
  bootstrap: true,
  maxSamples: null,
  seed: 0,
};

/** @throws {@link InvalidInputError} for a setting that makes no sense */
export function checkForestSettings(settings: ForestSettings): void {
  requireCount("nEstimators", settings.nEstimators);
  if (settings.maxDepth !== null) requireCount("maxDepth", settings.maxDepth);
  requireCount("minSamplesLeaf", settings.minSamplesLeaf);
  requireCount("minSamplesSplit", settings.minSamplesSplit);
  if (settings.minSamplesSplit < 2)
    throw new InvalidInputError("minSamplesSplit must be 2 or more: one row can't be split");
  requireNotNegative("minImpurityDecrease", settings.minImpurityDecrease);
  checkSeed(settings.seed);
  const { maxFeatures, maxSamples } = settings;
  if (typeof maxFeatures === "number") checkPart("maxFeatures", maxFeatures);
  else if (!["sqrt", "log2", "all"].includes(maxFeatures))
    throw new InvalidInputError(`maxFeatures can't be ${JSON.stringify(maxFeatures)}`);
  if (maxSamples === null) return;
  if (!settings.bootstrap) throw new InvalidInputError("maxSamples is for forests that bootstrap");
  checkPart("maxSamples", maxSamples);
}

/** @throws {@link InvalidInputError} for a seed that is no whole number */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw new InvalidInputError(`seed must be a whole number, not ${seed}`);
}

/** A share, or a whole number. */
function checkPart(name: string, part: number): void {
  if (!(part > 0 && (part <= 1 || Number.isSafeInteger(part))))
    throw new InvalidInputError(`${name} must be a share above 0 or a whole number, not ${part}`);
}

/** How many of the features each split is chosen among; at least one. */
export function featureCount(maxFeatures: ForestSettings["maxFeatures"], features: number): number {
  const asked = (): number => {
    switch (maxFeatures) {
      case "sqrt":
        return Math.sqrt(features);
      case "log2":
        return Math.log2(features);
      case "all":
        return features;
      default:
        return maxFeatures < 1 ? maxFeatures * features : maxFeatures;
    }
  };
  return Math.min(features, Math.max(1, Math.floor(asked())));
}

/** How many rows are drawn for each tree. */
export function sampleCount(maxSamples: number | null, rows: number): number {
  if (maxSamples === null) return rows;
  return maxSamples <= 1 ? Math.max(Math.round(maxSamples * rows), 1) : Math.min(maxSamples, rows);
}
