import { classTensors, labelsAt, largestPlaces, modelClasses } from "../class-labels.ts";
import { arrayJson } from "../array-json.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import type {
  ClassificationModel,
  ClassificationTensors,
  Classifier,
  ClassLabel,
  FeatureTensor,
  FittedModelJson,
} from "../estimator.ts";
import { observedEstimator } from "../fit-observer.ts";
import { fromData } from "../graph/create.ts";
import { oneHot, take } from "../graph/functions/indexing.ts";
import { refuseWeights } from "../row-weights.ts";
import { Turns } from "../turns.ts";
import { NeighbourRows, neighbourSettings, type NeighbourSettings } from "./neighbour-rows.ts";

/** The name in the estimator and in the JSON. */
export const classifierKind = "kNeighborsClassifier";

/**
 * Classes by the nearest rows, as scikit-learn's `KNeighborsClassifier`: each class's probability is its share of the
 * `nNeighbors` nearest. Of equally near rows the first counts. Scale the columns before, unless their units are the same.
 * @throws InvalidInputError for settings out of range
 */
export function kNeighborsClassifier(
  settings: Partial<NeighbourSettings> = {},
): Classifier<NeighbourSettings, KNeighborsClassifierModel> {
  const checked = neighbourSettings(settings);
  return observedEstimator({
    kind: classifierKind,
    task: "classification",
    settings: checked,
    with: (changes) => kNeighborsClassifier({ ...checked, ...changes }),
    fit: async (rows, target, { weights, signal } = {}) => {
      const turns = new Turns(signal);
      const kept = NeighbourRows.of(checked, rows);
      const { classes, codes } = modelClasses(target, rows.rows);
      refuseWeights(classifierKind, weights);
      await turns.give();
      return new KNeighborsClassifierModel(kept, classes, codes);
    },
  });
}

/** Fitted rows with their classes. */
export class KNeighborsClassifierModel implements ClassificationModel {
  readonly task = "classification";
  readonly kind = classifierKind;
  readonly featureNames: readonly string[];
  readonly classes: readonly ClassLabel[];
  readonly #rows: NeighbourRows;
  readonly #codes: Int32Array;

  /** @internal Use a `fit`, or `loadNeighbours`. */
  constructor(rows: NeighbourRows, classes: readonly ClassLabel[], codes: Int32Array) {
    this.featureNames = rows.featureNames;
    this.classes = classes;
    this.#rows = rows;
    this.#codes = codes;
  }

  /** @throws InvalidInputError for other columns than were fitted and numbers that aren't finite */
  async predict(rows: DenseMatrix): Promise<ClassLabel[]> {
    return labelsAt(this.classes, largestPlaces(await this.predictProbabilities(rows), this.classes.length));
  }

  /** @throws InvalidInputError for other columns than were fitted and numbers that aren't finite */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    const { places, weights } = await this.#rows.find(rows);
    const width = this.classes.length;
    const k = this.#rows.settings.nNeighbors;
    const shares = new Float64Array(rows.rows * width);
    for (let row = 0; row < rows.rows; row++) {
      let sum = 0;
      for (let at = row * k; at < (row + 1) * k; at++) {
        const to = row * width + (this.#codes[places[at] ?? 0] ?? 0);
        shares[to] = (shares[to] ?? 0) + (weights[at] ?? 0);
        sum += weights[at] ?? 0;
      }
      for (let at = row * width; at < (row + 1) * width; at++) shares[at] = (shares[at] ?? 0) / sum;
    }
    return shares;
  }

  trace(features: FeatureTensor): ClassificationTensors {
    const { places, weights } = this.#rows.trace(features);
    const codes = take(fromData("int32", this.#codes.slice(), [this.#codes.length]), places);
    const votes = oneHot(codes, this.classes.length, "float64").mul(weights.unsqueeze(-1)).sum(1);
    return classTensors(this.classes, votes.div(weights.sum(1, { keepAxes: true })));
  }

  toJSON(): FittedModelJson {
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      classes: this.classes,
      codes: arrayJson("int32", this.#codes),
      ...this.#rows.parameters(),
    };
  }
}
