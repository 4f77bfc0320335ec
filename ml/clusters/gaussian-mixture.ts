import { checkMatrix, type DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { Clusterer } from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { refuseWeights } from "../row-weights.ts";
import { requireCount, requireNotNegative } from "../settings.ts";
import { Turns } from "../turns.ts";
import { fitCenters, kMeans, type KMeansInit } from "./k-means.ts";
import { covarianceTypes, type CovarianceType, type Mixture } from "./mixture-densities.ts";
import { GaussianMixtureModel, mixtureKind } from "./mixture-model.ts";
import { expectation, maximization } from "./mixture-steps.ts";

/** How {@link gaussianMixture} finds groups. */
export interface GaussianMixtureSettings {
  /** How many normal distributions; 1. */
  readonly nComponents: number;
  /** What covariances may be; "full". */
  readonly covarianceType: CovarianceType;
  /** A run ends when the rows' mean log-likelihood gains less; 1e-3. */
  readonly tol: number;
  /** Added to all variances; 1e-6. */
  readonly regCovar: number;
  /** The most steps of one run; 100. */
  readonly maxIter: number;
  /** How often it begins anew, of which the likeliest is kept; 1. With centers given it begins once. */
  readonly nInit: number;
  /** Where k-means begins, with whose groups it begins. */
  readonly init: KMeansInit;
  /** Of the random beginnings; 0. */
  readonly seed: number;
}

/**
 * A mixture of normal distributions by expectation-maximization, as scikit-learn's `GaussianMixture`, begun with k-means.
 * @throws {@link InvalidInputError} for settings out of range
 */
export function gaussianMixture(
  settings: Partial<GaussianMixtureSettings> = {},
): Clusterer<GaussianMixtureSettings, GaussianMixtureModel> {
  const checked = checkedSettings(settings);
  return observedEstimator({
    kind: mixtureKind,
    task: "clustering",
    settings: checked,
    with: (changes) => gaussianMixture({ ...checked, ...changes }),
    fit: async (rows, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      checkMatrix(rows);
      refuseWeights(mixtureKind, weights);
      let best: GaussianMixtureModel | undefined;
      const runs = checked.init === "k-means++" ? checked.nInit : 1;
      for (let run = 0; run < runs; run++) {
        const found = await fitOnce(rows, { ...checked, seed: checked.seed + run }, turns);
        if (best === undefined || found.lowerBound > best.lowerBound) best = found;
      }
      if (!best) throw new InvalidInputError("nInit must be a whole number from 1 up");
      return best;
    },
  });
}

function checkedSettings({
  nComponents = 1,
  covarianceType = "full",
  tol = 1e-3,
  regCovar = 1e-6,
  maxIter = 100,
  nInit = 1,
  init = "k-means++",
  seed = 0,
}: Partial<GaussianMixtureSettings>): GaussianMixtureSettings {
  requireCount("nComponents", nComponents);
  requireCount("maxIter", maxIter);
  requireCount("nInit", nInit);
  requireNotNegative("tol", tol);
  requireNotNegative("regCovar", regCovar);
  if (!covarianceTypes.includes(covarianceType))
    throw new InvalidInputError(
      `covarianceType must be one of ${covarianceTypes.join(", ")}, not ${covarianceType}`,
    );
  if (!Number.isSafeInteger(seed)) throw new InvalidInputError(`seed must be a whole number, not ${seed}`);
  return { nComponents, covarianceType, tol, regCovar, maxIter, nInit, init, seed };
}

async function fitOnce(
  rows: DenseMatrix,
  { nComponents, covarianceType, tol, regCovar, maxIter, init, seed }: GaussianMixtureSettings,
  turns: Turns,
): Promise<GaussianMixtureModel> {
  const begin = kMeans({ nClusters: nComponents, init, seed }).settings;
  const { labels } = await fitCenters(rows, begin, undefined, turns);
  const shares = new Float64Array(rows.rows * nComponents);
  for (const [row, label] of labels.entries()) shares[row * nComponents + label] = 1;
  const step = async (given: Float64Array): Promise<Mixture> =>
    await maximization(rows, given, covarianceType, regCovar, turns);
  let mixture = await step(shares);
  let lowerBound = -Infinity;
  let iterations = 0;
  let converged = false;
  while (iterations < maxIter && !converged) {
    iterations++;
    const expected = await expectation(rows, mixture, turns);
    mixture = await step(expected.shares);
    const bound = expected.logDensities.reduce((sum, value) => sum + value, 0) / rows.rows;
    converged = Math.abs(bound - lowerBound) < tol;
    lowerBound = bound;
  }
  return new GaussianMixtureModel([...rows.columns], mixture, { lowerBound, iterations, converged });
}
