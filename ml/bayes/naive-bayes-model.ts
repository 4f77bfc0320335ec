import { checkNewRows } from "../new-rows.ts";
import { classTensors, labelsAt, largestPlaces } from "../class-labels.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import type {
  ClassificationModel,
  ClassificationTensors,
  ClassLabel,
  FeatureTensor,
  FittedModelJson,
} from "../estimator.ts";
import { Turns } from "../turns.ts";
import type { Likelihood } from "./likelihood.ts";

const blockRows = 1024;

/** A fitted naive Bayes classifier: features are independent given the class. */
export class NaiveBayesModel implements ClassificationModel {
  readonly task = "classification";
  readonly kind: string;
  readonly featureNames: readonly string[];
  readonly classes: readonly ClassLabel[];
  readonly #likelihood: Likelihood;

  /** @internal Use a `fit`, or `loadBayes`. */
  constructor(featureNames: readonly string[], classes: readonly ClassLabel[], likelihood: Likelihood) {
    this.kind = likelihood.kind;
    this.featureNames = featureNames;
    this.classes = classes;
    this.#likelihood = likelihood;
  }

  /** @throws InvalidInputError for other columns than were fitted, and values that the method can't take */
  async predict(rows: DenseMatrix): Promise<ClassLabel[]> {
    return labelsAt(this.classes, largestPlaces(await this.jointLogLikelihood(rows), this.classes.length));
  }

  /** @throws InvalidInputError for other columns than were fitted, and values that the method can't take */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    const joint = await this.jointLogLikelihood(rows);
    const width = this.classes.length;
    for (let start = 0; start < joint.length; start += width) {
      let largest = -Infinity;
      for (let at = start; at < start + width; at++) largest = Math.max(largest, joint[at] ?? 0);
      let sum = 0;
      for (let at = start; at < start + width; at++) {
        const share = Math.exp((joint[at] ?? 0) - largest);
        joint[at] = share;
        sum += share;
      }
      for (let at = start; at < start + width; at++) joint[at] = (joint[at] ?? 0) / sum;
    }
    return joint;
  }

  /**
   * The logarithm of each row's likelihood together with each class, up to what all classes of a row share: scikit-learn's
   * `predict_joint_log_proba`. Row-major, `rows` by `classes.length`.
   */
  async jointLogLikelihood(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    const turns = new Turns();
    const width = this.classes.length;
    const joint = new Float64Array(rows.rows * width);
    for (let from = 0; from < rows.rows; from += blockRows) {
      const to = Math.min(rows.rows, from + blockRows);
      this.#likelihood.logarithms(rows, from, to, joint.subarray(from * width, to * width));
      if (turns.due) await turns.give();
    }
    return joint;
  }

  trace(features: FeatureTensor): ClassificationTensors {
    return classTensors(this.classes, this.#likelihood.trace(features.cast("float64")).softmax());
  }

  toJSON(): FittedModelJson {
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      classes: this.classes,
      ...this.#likelihood.parameters(),
    };
  }
}
