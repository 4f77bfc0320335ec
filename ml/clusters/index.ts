/** @file `tenon/clusters`: groups that are found in rows. */
export type { Metric } from "../distances/metric.ts";
export { dbscan, type Dbscan, type DbscanGroups, type DbscanSettings } from "./dbscan.ts";
export { gaussianMixture, type GaussianMixtureSettings } from "./gaussian-mixture.ts";
export { kMeans, type KMeansInit, type KMeansModel, type KMeansSettings } from "./k-means.ts";
export { loadClusters } from "./load-clusters.ts";
export type { CovarianceType, Mixture } from "./mixture-densities.ts";
export type { GaussianMixtureModel, MixtureFit, MixtureTensors } from "./mixture-model.ts";
