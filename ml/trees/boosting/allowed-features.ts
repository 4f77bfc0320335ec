/** @file Which features trees and nodes may use: drawn for each tree, and held to groups of interactions. */
import type { Random } from "../../random.ts";
import type { FeatureBins } from "./feature-bins.ts";
import { columnOf, type BoostingSettings } from "./settings.ts";
import type { AllowedFeatures } from "./tree-grower.ts";

/** Gives for each tree what its nodes may use. */
export function allowedFeatures(
  features: readonly FeatureBins[],
  columns: readonly string[],
  { colsampleByTree, interactionConstraints }: BoostingSettings,
  random: Random,
): () => AllowedFeatures {
  const all = Array.from(features.keys());
  const groups = interactionConstraints.map((names) => {
    const group = new Set(names.map((name) => columnOf(columns, name, "interactionConstraints")));
    return new Set(all.filter((place) => group.has(features[place]?.column ?? -1)));
  });
  const sampled = Math.max(1, Math.round(colsampleByTree * all.length));
  return () => {
    const mine = sampled === all.length ? all : draw(all.length, sampled, random);
    if (groups.length === 0) return () => mine;
    // As in XGBoost, a root may test any feature; one that is in no group then stands alone.
    return (used) => {
      if (used.length === 0) return mine;
      const fitting = groups.filter((group) => used.every((place) => group.has(place)));
      return mine.filter((place) => used.includes(place) || fitting.some((group) => group.has(place)));
    };
  };
}

function draw(from: number, count: number, random: Random): readonly number[] {
  const places = Uint32Array.from({ length: from }, (_, place) => place);
  random.shuffle(places);
  return Array.from(places.subarray(0, count)).sort((a, b) => a - b);
}
