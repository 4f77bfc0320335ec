/** @file Groups that were stored as JSON. */
import * as v from "valibot";
import { readModel } from "../model-json.ts";
import { DbscanGroups, dbscanKind, dbscanSchema } from "./dbscan.ts";
import { KMeansModel, kMeansKind, kMeansSchema } from "./k-means.ts";
import { GaussianMixtureModel, mixtureSchema } from "./mixture-model.ts";

const schema = v.variant("kind", [kMeansSchema, mixtureSchema, dbscanSchema]);

/**
 * What `JSON.stringify` was given.
 * @throws InvalidInputError for what isn't that
 */
export function loadClusters(json: unknown): KMeansModel | GaussianMixtureModel | DbscanGroups {
  const read = readModel("model of groups", schema, json);
  if (read.kind === kMeansKind)
    return new KMeansModel(read.featureNames, read.centers, read.inertia, read.iterations);
  if (read.kind === dbscanKind) return new DbscanGroups(read.featureNames, read.labels, read.coreRows);
  const { featureNames, covarianceType, weights, means, covariances } = read;
  return new GaussianMixtureModel(featureNames, { covarianceType, weights, means, covariances }, read);
}
