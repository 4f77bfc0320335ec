import { arrayJson } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import type {
  FeatureTensor,
  FittedModelJson,
  RegressionModel,
  RegressionTensors,
  Regressor,
} from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { fromData } from "../graph/create.ts";
import { take } from "../graph/functions/indexing.ts";
import { refuseWeights } from "../row-weights.ts";
import { targetNumbers } from "../target.ts";
import { Turns } from "../turns.ts";
import { NeighbourRows, neighbourSettings, type NeighbourSettings } from "./neighbour-rows.ts";

/** The name in the estimator and in the JSON. */
export const regressorKind = "kNeighborsRegressor";

/**
 * Numbers by the nearest rows, as scikit-learn's `KNeighborsRegressor`: the mean of the `nNeighbors` nearest. Of equally
 * near rows the first counts. Scale the columns before, unless their units are the same.
 * @throws InvalidInputError for settings out of range
 */
export function kNeighborsRegressor(
  settings: Partial<NeighbourSettings> = {},
): Regressor<NeighbourSettings, KNeighborsRegressorModel> {
  const checked = neighbourSettings(settings);
  return observedEstimator({
    kind: regressorKind,
    task: "regression",
    settings: checked,
    with: (changes) => kNeighborsRegressor({ ...checked, ...changes }),
    fit: async (rows, target, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      const kept = NeighbourRows.of(checked, rows);
      const numbers = targetNumbers(target, rows.rows);
      refuseWeights(regressorKind, weights);
      await turns.give();
      return new KNeighborsRegressorModel(kept, numbers);
    },
  });
}

/** Fitted rows with their numbers. */
export class KNeighborsRegressorModel implements RegressionModel {
  readonly task = "regression";
  readonly kind = regressorKind;
  readonly featureNames: readonly string[];
  readonly #rows: NeighbourRows;
  readonly #targets: Float64Array;

  /** @internal Use a `fit`, or `loadNeighbours`. */
  constructor(rows: NeighbourRows, targets: Float64Array) {
    this.featureNames = rows.featureNames;
    this.#rows = rows;
    this.#targets = targets;
  }

  /** @throws InvalidInputError for other columns than were fitted and numbers that aren't finite */
  async predict(rows: DenseMatrix): Promise<Float64Array> {
    const { places, weights } = await this.#rows.find(rows);
    const k = this.#rows.settings.nNeighbors;
    return new Float64Array(rows.rows).map((_, row) => {
      let [sum, total] = [0, 0];
      for (let at = row * k; at < (row + 1) * k; at++) {
        const weight = weights[at] ?? 0;
        sum += weight * (this.#targets[places[at] ?? 0] ?? 0);
        total += weight;
      }
      return sum / total;
    });
  }

  trace(features: FeatureTensor): RegressionTensors {
    const { places, weights } = this.#rows.trace(features);
    const targets = take(fromData("float64", this.#targets, [this.#targets.length]), places);
    const sums = targets.mul(weights).sum(1, { keepAxes: true });
    return { prediction: sums.div(weights.sum(1, { keepAxes: true })).cast("float32") };
  }

  toJSON(): FittedModelJson {
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      targets: arrayJson("float64", this.#targets),
      ...this.#rows.parameters(),
    };
  }
}
