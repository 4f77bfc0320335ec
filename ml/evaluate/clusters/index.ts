/** @file Measures of clusters. */
export { adjustedRand, fowlkesMallows } from "./agreement.ts";
export {
  adjustedMutualInformation,
  homogeneityCompleteness,
  normalizedMutualInformation,
  type Homogeneity,
  type InformationOptions,
} from "./information.ts";
export { calinskiHarabasz, daviesBouldin, silhouette, type Silhouette } from "./separation.ts";
