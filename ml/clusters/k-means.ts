/** @file k-means: groups around centers. */
import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type {
  Clusterer,
  ClusteringModel,
  ClusteringTensors,
  FeatureTensor,
  FittedModelJson,
} from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { fromData } from "../graph/create.ts";
import { argmin } from "../graph/functions/reductions.ts";
import { checkSizes } from "../distances/metric.ts";
import { mostQueries } from "../distances/packed-rows.ts";
import { finiteNumbers, modelParts } from "../model-json.ts";
import { checkNewRows } from "../new-rows.ts";
import { Random } from "../random.ts";
import { rowWeights } from "../row-weights.ts";
import { requireCount, requireNotNegative } from "../settings.ts";
import { Turns } from "../turns.ts";
import { CenterDistances } from "./center-distances.ts";
import { lloyd, type LloydResult } from "./lloyd.ts";
import { spreadCenters } from "./spread-centers.ts";

/** The name in the estimator and in the JSON. */
export const kMeansKind = "kMeans";

/** Where k-means begins: rows that are far from each other, or centers, each with a number for each column. */
export type KMeansInit = "k-means++" | readonly (readonly number[])[];

/** How {@link kMeans} finds groups. */
export interface KMeansSettings {
  /** How many groups; 8. */
  readonly nClusters: number;
  /** Where it begins; "k-means++". */
  readonly init: KMeansInit;
  /** How often it begins anew, of which the best is kept; 1. With centers given it begins once. */
  readonly nInit: number;
  /** The most steps of one run; 300. */
  readonly maxIter: number;
  /** The centers' squared moves at which a run ends, as a share of the columns' mean variance; 1e-4. */
  readonly tol: number;
  /** Of the random beginnings; 0. */
  readonly seed: number;
}

/**
 * k-means, as scikit-learn's `KMeans`: each row belongs to the nearest of `nClusters` centers, which are the means of
 * their rows. Scale the columns before, unless their units are the same.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function kMeans(settings: Partial<KMeansSettings> = {}): Clusterer<KMeansSettings, KMeansModel> {
  const { nClusters = 8, init = "k-means++", nInit = 1, maxIter = 300, tol = 1e-4, seed = 0 } = settings;
  requireCount("nClusters", nClusters);
  requireCount("nInit", nInit);
  requireCount("maxIter", maxIter);
  requireNotNegative("tol", tol);
  if (!Number.isSafeInteger(seed)) throw new InvalidInputError(`seed must be a whole number, not ${seed}`);
  const checked = { nClusters, init, nInit, maxIter, tol, seed };
  return observedEstimator({
    kind: kMeansKind,
    task: "clustering",
    settings: checked,
    with: (changes) => kMeans({ ...checked, ...changes }),
    fit: async (rows, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      checkMatrix(rows);
      const found = await fitCenters(rows, checked, rowWeights(weights, rows.rows), turns);
      return new KMeansModel([...rows.columns], found.centers, found.inertia, found.iterations);
    },
  });
}

/**
 * The best of several runs of k-means over checked rows.
 * @throws {@link InvalidInputError} for fewer rows than groups, numbers beyond 1e150, and centers that don't fit
 */
export async function fitCenters(
  rows: DenseMatrix,
  { nClusters, init, nInit, maxIter, tol, seed }: KMeansSettings,
  weights: Float64Array | undefined,
  turns: Turns,
): Promise<LloydResult> {
  checkSizes(rows);
  if (rows.rows < nClusters)
    throw new InvalidInputError(`there are ${rows.rows} rows for ${nClusters} groups: as many are needed`);
  const given = init === "k-means++" ? undefined : givenCenters(init, nClusters, rows.columns.length);
  const tolerance = tol * meanVariance(rows);
  const random = new Random(seed);
  let best: LloydResult | undefined;
  for (let run = 0; run < (given ? 1 : nInit); run++) {
    const initial = given ?? (await spreadCenters(rows, nClusters, weights, random, turns));
    const found = await lloyd(rows, initial, { weights, maxIter, tolerance }, turns);
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  if (!best) throw new InvalidInputError("nInit must be a whole number from 1 up");
  return best;
}

function givenCenters(init: readonly (readonly number[])[], count: number, width: number): Float64Array {
  if (init.length !== count || init.some(({ length }) => length !== width))
    throw new InvalidInputError(`init must be "k-means++" or ${count} centers of ${width} numbers each`);
  const centers = Float64Array.from(init.flat());
  if (!centers.every((value) => Number.isFinite(value)))
    throw new InvalidInputError("init has centers with numbers that aren't finite");
  return centers;
}

function meanVariance({ data, rows, columns }: DenseMatrix): number {
  const width = columns.length;
  const means = new Float64Array(width);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < width; column++)
      means[column] = (means[column] ?? 0) + (data[row * width + column] ?? 0) / rows;
  let sum = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < width; column++)
      sum += ((data[row * width + column] ?? 0) - (means[column] ?? 0)) ** 2;
  return sum / data.length;
}

/** The schema of a k-means model's JSON. */
export const kMeansSchema = v.object({
  ...modelParts,
  kind: v.literal(kMeansKind),
  centers: finiteNumbers(arraySchema("float64")),
  inertia: v.pipe(v.number(), v.finite()),
  iterations: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

/** Centers that were found. */
export class KMeansModel implements ClusteringModel {
  readonly task = "clustering";
  readonly kind = kMeansKind;
  readonly featureNames: readonly string[];
  readonly clusters: number;
  /** One after the other, each with a number for each column. */
  readonly centers: Float64Array;
  /** The weighted sum of squared distances of the fitted rows from their centers. */
  readonly inertia: number;
  /** Steps of the run that was kept. */
  readonly iterations: number;

  /**
   * @internal Use a `fit`, or `loadClusters`.
   * @throws {@link InvalidInputError} where the centers are not of the columns
   */
  constructor(featureNames: readonly string[], centers: Float64Array, inertia: number, iterations: number) {
    this.featureNames = featureNames;
    this.clusters = centers.length / featureNames.length;
    this.centers = centers;
    this.inertia = inertia;
    this.iterations = iterations;
    if (!Number.isInteger(this.clusters) || this.clusters < 1)
      throw new InvalidInputError(
        `${centers.length} numbers are no centers of ${featureNames.length} columns`,
      );
  }

  /** @throws {@link InvalidInputError} for other columns than were fitted and numbers that aren't finite */
  async predict(rows: DenseMatrix): Promise<Int32Array> {
    checkNewRows(rows, this.featureNames);
    const turns = new Turns();
    const measure = new CenterDistances(this.clusters, this.featureNames.length);
    measure.place(this.centers);
    const labels = new Int32Array(rows.rows);
    for (let first = 0; first < rows.rows; first += mostQueries) {
      const taken = Math.min(mostQueries, rows.rows - first);
      for (let at = 0; at < taken; at++) measure.take(at, rows, first + at);
      measure.findNearest(taken, this.clusters);
      labels.set(measure.nearest.subarray(0, taken), first);
      if (turns.due) await turns.give();
    }
    return labels;
  }

  trace(features: FeatureTensor): ClusteringTensors {
    const width = this.featureNames.length;
    const squares = new Float64Array(this.clusters);
    for (const [at, value] of this.centers.entries()) {
      const center = Math.floor(at / width);
      squares[center] = (squares[center] ?? 0) + value * value;
    }
    const centers = fromData("float64", this.centers, [this.clusters, width]);
    // Less the squared length of the row, which all its distances have.
    const products = features.cast("float64").matmul(centers.transpose());
    return { cluster: argmin(fromData("float64", squares, [1, this.clusters]).sub(products.mul(2)), 1) };
  }

  toJSON(): FittedModelJson {
    const { featureNames, inertia, iterations } = this;
    return {
      version: 1,
      kind: this.kind,
      featureNames,
      centers: arrayJson("float64", this.centers),
      inertia,
      iterations,
    };
  }
}
