import * as v from "valibot";
import { arrayJson, arraySchema } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type { ClusteringModel, ClusteringTensors, FeatureTensor, FittedModelJson } from "../estimator.ts";
import { argmax } from "../graph/functions/reductions.ts";
import type { Tensor } from "../graph/tensor.ts";
import { largestPlaces } from "../class-labels.ts";
import { finiteNumbers, modelParts } from "../model-json.ts";
import { checkNewRows } from "../new-rows.ts";
import { Turns } from "../turns.ts";
import { covarianceCount, covarianceTypes, MixtureDensities, type Mixture } from "./mixture-densities.ts";
import { expectation } from "./mixture-steps.ts";

/** The name in the estimator and in the JSON. */
export const mixtureKind = "gaussianMixture";

/** How a fit ended. */
export interface MixtureFit {
  /** The mean log-likelihood of the fitted rows at the last step. */
  readonly lowerBound: number;
  readonly iterations: number;
  /** Whether it ended before the most steps. */
  readonly converged: boolean;
}

/** What a mixture gives as a tensor program: `probabilities` of each component beside the likeliest. */
export interface MixtureTensors extends ClusteringTensors {
  readonly probabilities: Tensor<readonly ["rows", number], "float32">;
}

const numbers = finiteNumbers(arraySchema("float64"));

/** The schema of a mixture's JSON. */
export const mixtureSchema = v.object({
  ...modelParts,
  kind: v.literal(mixtureKind),
  covarianceType: v.picklist(covarianceTypes),
  weights: v.pipe(
    numbers,
    v.check(
      (weights) => weights.length > 0 && weights.every((weight) => weight > 0),
      "weights must be above 0",
    ),
  ),
  means: numbers,
  covariances: numbers,
  lowerBound: v.pipe(v.number(), v.finite()),
  iterations: v.pipe(v.number(), v.integer(), v.minValue(1)),
  converged: v.boolean(),
});

/** A fitted mixture of normal distributions. */
export class GaussianMixtureModel implements ClusteringModel, MixtureFit {
  readonly task = "clustering";
  readonly kind = mixtureKind;
  readonly featureNames: readonly string[];
  readonly clusters: number;
  /** The distributions. */
  readonly mixture: Mixture;
  readonly lowerBound: number;
  readonly iterations: number;
  readonly converged: boolean;
  readonly #densities: MixtureDensities;

  /**
   * @internal Use a `fit`, or `loadClusters`.
   * @throws {@link InvalidInputError} where distributions are not of the columns, or no distributions
   */
  constructor(featureNames: readonly string[], mixture: Mixture, fit: MixtureFit) {
    const width = featureNames.length;
    const { weights, means, covariances, covarianceType } = mixture;
    if (
      means.length !== weights.length * width ||
      covariances.length !== covarianceCount(covarianceType, weights.length, width)
    )
      throw new InvalidInputError("this is no mixture: its numbers are not of its components and columns");
    this.featureNames = featureNames;
    this.clusters = weights.length;
    this.mixture = mixture;
    this.lowerBound = fit.lowerBound;
    this.iterations = fit.iterations;
    this.converged = fit.converged;
    // Made here, so that covariances that are none are refused here, and not later.
    this.#densities = new MixtureDensities(mixture);
  }

  /** The likeliest component of each row. Throws {@link InvalidInputError} for other columns than were fitted. */
  async predict(rows: DenseMatrix): Promise<Int32Array> {
    return largestPlaces(await this.predictProbabilities(rows), this.clusters);
  }

  /** How likely each component has made each row, row-major: `rows` by `clusters`. */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    return (await expectation(rows, this.mixture, new Turns())).shares;
  }

  /** The logarithm of the mixture's density at each row: scikit-learn's `score_samples`. */
  async logDensities(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    return (await expectation(rows, this.mixture, new Turns())).logDensities;
  }

  /** Akaike's information criterion on rows; the lower, the better. */
  async aic(rows: DenseMatrix): Promise<number> {
    return -2 * (await this.#logLikelihood(rows)) + 2 * this.#parameters();
  }

  /** The Bayesian information criterion on rows; the lower, the better. */
  async bic(rows: DenseMatrix): Promise<number> {
    return -2 * (await this.#logLikelihood(rows)) + this.#parameters() * Math.log(rows.rows);
  }

  async #logLikelihood(rows: DenseMatrix): Promise<number> {
    return (await this.logDensities(rows)).reduce((sum, value) => sum + value, 0);
  }

  /** How many free numbers the mixture has. */
  #parameters(): number {
    const width = this.featureNames.length;
    const triangle = (width * (width + 1)) / 2;
    const covariances = {
      full: this.clusters * triangle,
      tied: triangle,
      diag: this.clusters * width,
      spherical: this.clusters,
    };
    return covariances[this.mixture.covarianceType] + this.clusters * width + this.clusters - 1;
  }

  trace(features: FeatureTensor): MixtureTensors {
    const logarithms = this.#densities.trace(features.cast("float64"));
    return { cluster: argmax(logarithms, 1), probabilities: logarithms.softmax().cast("float32") };
  }

  toJSON(): FittedModelJson {
    const { weights, means, covariances, covarianceType } = this.mixture;
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      covarianceType,
      weights: arrayJson("float64", weights),
      means: arrayJson("float64", means),
      covariances: arrayJson("float64", covariances),
      lowerBound: this.lowerBound,
      iterations: this.iterations,
      converged: this.converged,
    };
  }
}
