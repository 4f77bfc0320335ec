import type { DenseMatrix } from "../../dense-matrix.ts";
import type { AnomalyModel, AnomalyTensors, FeatureTensor, FittedModelJson } from "../../estimator.ts";
import { exp } from "../../graph/functions/elementwise.ts";
import { checkForest } from "../check-forest.ts";
import type { Forest } from "../forest.ts";
import { forestJson } from "../forest-json.ts";
import { predictForest } from "../predict-forest.ts";
import { traceForest } from "../trace-forest.ts";
import { averagePathLength } from "./path-length.ts";

/** What an isolation forest learnt. */
export interface IsolationState {
  /** Its leaves hold how long the path to a row is. */
  readonly forest: Forest;
  /** How many rows each tree was grown on. */
  readonly samples: number;
  /** Rows of a higher score are anomalies. */
  readonly threshold: number;
}

/** A fitted isolation forest: the easier a row is told apart by random splits, the more unusual it is. */
export class IsolationForestModel implements AnomalyModel {
  readonly task = "anomaly";
  readonly kind = "isolationForest";
  /** The trees; a prediction is the mean path's length. */
  readonly forest: Forest;
  readonly threshold: number;
  readonly #samples: number;

  /** @internal Use a `fit`, or `loadForest`. */
  constructor({ forest, samples, threshold }: IsolationState) {
    checkForest(forest);
    this.forest = forest;
    this.threshold = threshold;
    this.#samples = samples;
  }

  get featureNames(): readonly string[] {
    return this.forest.featureNames;
  }

  /**
   * 2^(−E[path] / c(samples)), from 0 to 1: 0.5 where a path is as long as on average (Liu, Ting and Zhou, equation 2;
   * the negative of scikit-learn's `score_samples`).
   * @throws InvalidInputError for another number of columns
   */
  async score(rows: DenseMatrix): Promise<Float64Array> {
    const paths = await predictForest(this.forest, rows);
    return paths.map((path) => 2 ** (-path / this.#unit));
  }

  /** @throws InvalidInputError for another number of columns */
  async predict(rows: DenseMatrix): Promise<Uint8Array> {
    return Uint8Array.from(await this.score(rows), (score) => (score > this.threshold ? 1 : 0));
  }

  trace(features: FeatureTensor): AnomalyTensors {
    const paths = traceForest(this.forest, features).reshape(["rows", 1]);
    return { score: exp(paths.mul(-Math.LN2 / this.#unit)) };
  }

  toJSON(): FittedModelJson {
    const { kind, featureNames, threshold, forest } = this;
    return { version: 1, kind, featureNames, threshold, samples: this.#samples, forest: forestJson(forest) };
  }

  /** Of one row all paths are 0 long, by any unit. */
  get #unit(): number {
    return averagePathLength(this.#samples) || 1;
  }
}
