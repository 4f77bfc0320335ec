/** @file How much each feature did for a forest. */
import { InvalidInputError } from "../errors.ts";
import { modelBundle } from "../model-display.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { NodeRule, type Forest } from "./forest.ts";

/** What is told of a feature's splits, in XGBoost's names: the mean gain or cover, the sums, or how many there are. */
export type ImportanceType = "gain" | "cover" | "weight" | "totalGain" | "totalCover";

/**
 * What each feature's splits did, by the feature's name; 0 where it has none. As XGBoost's `get_score`.
 * @throws {@link InvalidInputError} where the forest doesn't know gains or covers
 */
export function featureImportances(
  { featureNames, rules, features, gains, covers }: Forest,
  type: ImportanceType,
): Readonly<Record<string, number>> {
  const measured = type === "gain" || type === "totalGain" ? gains : covers;
  if (type !== "weight" && measured.length === 0)
    throw new InvalidInputError(`the forest doesn't tell what ${type} its splits have`);
  const sums = new Float64Array(featureNames.length);
  const counts = new Float64Array(featureNames.length);
  for (const [node, rule] of rules.entries()) {
    if (rule === NodeRule.leaf) continue;
    const feature = features[node] ?? 0;
    sums[feature] = (sums[feature] ?? 0) + (measured[node] ?? 0);
    counts[feature] = (counts[feature] ?? 0) + 1;
  }
  const isMean = type === "gain" || type === "cover";
  return Object.fromEntries(
    featureNames.map((name, at) => {
      const count = counts[at] ?? 0;
      const sum = sums[at] ?? 0;
      return [name, type === "weight" ? count : isMean ? sum / Math.max(count, 1) : sum];
    }),
  );
}

/** How a notebook shows a model of trees: by the gains of its splits, or how many there are where gains aren't known. */
export function forestBundle(kind: string, forest: Forest): MimeBundle {
  const type = forest.gains.length === 0 ? "weight" : "totalGain";
  const importances = Object.values(featureImportances(forest, type));
  const sum = importances.reduce((total, each) => total + each, 0) || 1;
  const trees = forest.roots.length;
  return modelBundle(kind, [`${trees} tree${trees === 1 ? "" : "s"}`], {
    featureNames: forest.featureNames,
    columns: {
      [type === "weight" ? "share of splits" : "share of gain"]: importances.map((each) => each / sum),
    },
    areShares: true,
  });
}
