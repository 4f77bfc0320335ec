/** @file Fitted models whose predictions are a forest's. */
import { classTensors, labelsAt, largestPlaces } from "../class-labels.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import { InvalidInputError } from "../errors.ts";
import type {
  ClassificationModel,
  ClassificationTensors,
  ClassLabel,
  FeatureTensor,
  FittedModelJson,
  RegressionModel,
  RegressionTensors,
} from "../estimator.ts";
import { concat } from "../graph/functions/arrange.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Forest } from "./forest.ts";
import { forestJson } from "./forest-json.ts";
import { predictForest } from "./predict-forest.ts";
import { traceForest } from "./trace-forest.ts";

/** A regression by a forest of one output. */
export class ForestRegression implements RegressionModel {
  readonly task = "regression";
  readonly kind: string;
  readonly forest: Forest;

  /**
   * @param kind the method
   * @throws {@link InvalidInputError} for a forest of several outputs
   */
  constructor(kind: string, forest: Forest) {
    if (forest.outputs !== 1)
      throw new InvalidInputError(`a regression has one output, and this forest has ${forest.outputs}`);
    this.kind = kind;
    this.forest = forest;
  }

  get featureNames(): readonly string[] {
    return this.forest.featureNames;
  }

  /** @throws {@link InvalidInputError} for another number of columns */
  async predict(rows: DenseMatrix): Promise<Float64Array> {
    return predictForest(this.forest, rows);
  }

  trace(features: FeatureTensor): RegressionTensors {
    // SAFETY: the forest has one output.
    return { prediction: traceForest(this.forest, features) as RegressionTensors["prediction"] };
  }

  toJSON(): FittedModelJson {
    return { version: 1, kind: this.kind, task: this.task, forest: forestJson(this.forest) };
  }
}

/** A classification by a forest: two classes by one output, the second's probability, or one output for each class. */
export class ForestClassification implements ClassificationModel {
  readonly task = "classification";
  readonly kind: string;
  readonly forest: Forest;
  readonly classes: readonly ClassLabel[];

  /**
   * @param kind the method
   * @throws {@link InvalidInputError} where the forest has not as many outputs as the classes need
   */
  constructor(kind: string, forest: Forest, classes: readonly ClassLabel[]) {
    const needed = classes.length === 2 && forest.outputs === 1 ? 1 : classes.length;
    if (classes.length < 2 || forest.outputs !== needed)
      throw new InvalidInputError(
        `${classes.length} classes do not fit a forest of ${forest.outputs} outputs`,
      );
    this.kind = kind;
    this.forest = forest;
    this.classes = classes;
  }

  get featureNames(): readonly string[] {
    return this.forest.featureNames;
  }

  /** @throws {@link InvalidInputError} for another number of columns */
  async predict(rows: DenseMatrix): Promise<ClassLabel[]> {
    return labelsAt(this.classes, largestPlaces(await this.predictProbabilities(rows), this.classes.length));
  }

  /** @throws {@link InvalidInputError} for another number of columns */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    const found = await predictForest(this.forest, rows);
    if (this.forest.outputs !== 1) return found;
    const both = new Float64Array(rows.rows * 2);
    for (let row = 0; row < rows.rows; row++) {
      const second = found[row] ?? 0;
      both[row * 2] = 1 - second;
      both[row * 2 + 1] = second;
    }
    return both;
  }

  trace(features: FeatureTensor): ClassificationTensors {
    const found: Tensor = traceForest(this.forest, features);
    const each = this.forest.outputs === 1 ? concat([found.mul(-1).add(1), found], 1) : found;
    // SAFETY: one column for each class.
    return classTensors(this.classes, each.cast("float64") as Tensor<readonly ["rows", number], "float64">);
  }

  toJSON(): FittedModelJson {
    const { kind, task, classes, forest } = this;
    return { version: 1, kind, task, classes, forest: forestJson(forest) };
  }
}
