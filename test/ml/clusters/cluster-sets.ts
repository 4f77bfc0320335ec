/** @file What scikit-learn has found in the sets of rows of test/reference/clusters.json. */
import assert from "node:assert/strict";
import * as v from "valibot";
import type { DenseMatrix } from "../../../ml/dense-matrix.ts";
import { denseMatrix } from "../features/matrices.ts";
import { readReference } from "../reference.ts";

const numbers = v.array(v.number());
const settings = v.record(v.string(), v.number());

/** The reference. */
export const clusterReference = readReference(
  "clusters",
  v.object({
    sets: v.record(v.string(), v.object({ columns: v.number(), data: numbers, weights: numbers })),
    kMeans: v.array(
      v.object({
        set: v.string(),
        init: v.array(numbers),
        weighted: v.boolean(),
        settings,
        centers: numbers,
        labels: numbers,
        inertia: v.number(),
        iterations: v.number(),
      }),
    ),
    random: v.array(v.object({ set: v.string(), nClusters: v.number(), inertia: v.number() })),
    mixtures: v.array(
      v.object({
        set: v.string(),
        init: v.array(numbers),
        covarianceType: v.picklist(["full", "tied", "diag", "spherical"]),
        settings,
        weights: numbers,
        means: numbers,
        covariances: numbers,
        lowerBound: v.number(),
        iterations: v.number(),
        converged: v.boolean(),
        probabilities: numbers,
        densities: numbers,
        labels: numbers,
        bic: v.number(),
        aic: v.number(),
      }),
    ),
    dbscan: v.array(
      v.object({
        set: v.string(),
        eps: v.number(),
        minSamples: v.number(),
        metric: v.picklist(["euclidean", "manhattan", "cosine"]),
        weighted: v.boolean(),
        labels: numbers,
        coreRows: numbers,
      }),
    ),
  }),
);

/** A set's rows and weights. */
export function clusterSet(name: string): {
  readonly rows: DenseMatrix;
  readonly weights: readonly number[];
} {
  const found = clusterReference.sets[name];
  assert.ok(found);
  const { columns, data, weights } = found;
  return { rows: denseMatrix(data, data.length / columns, columns), weights };
}
