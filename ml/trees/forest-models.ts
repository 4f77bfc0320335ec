/** @file Fitted models whose predictions are a forest's. */
import { labelsAt, labelTensor, largestPlaces } from "../class-labels.ts";
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
import { argmax } from "../graph/functions/reductions.ts";
import type { Forest } from "./forest.ts";
import { forestJson } from "./forest-json.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { featureImportances, forestBundle, type ImportanceType } from "./importances.ts";
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

  /** In a notebook: how many trees there are, and what each feature did for them. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return forestBundle(this.kind, this.forest);
  }

  /**
   * What each feature's splits did, by the feature's name; the sum of their gains where no other type is asked for.
   * @throws {@link InvalidInputError} where the forest doesn't know it
   */
  importances(type: ImportanceType = "totalGain"): Readonly<Record<string, number>> {
    return featureImportances(this.forest, type);
  }

  trace(features: FeatureTensor): RegressionTensors {
    return { prediction: traceForest(this.forest, features).reshape(["rows", 1]) };
  }

  toJSON(): FittedModelJson {
    const { kind, task, featureNames, forest } = this;
    return { version: 1, kind, task, featureNames, forest: forestJson(forest) };
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

  /** In a notebook: how many trees there are, and what each feature did for them. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return forestBundle(this.kind, this.forest);
  }

  /**
   * What each feature's splits did, by the feature's name; the sum of their gains where no other type is asked for.
   * @throws {@link InvalidInputError} where the forest doesn't know it
   */
  importances(type: ImportanceType = "totalGain"): Readonly<Record<string, number>> {
    return featureImportances(this.forest, type);
  }

  trace(features: FeatureTensor): ClassificationTensors {
    const numbers = traceForest(this.forest, features);
    const probabilities = this.forest.outputs > 1 ? numbers : concat([numbers.mul(-1).add(1), numbers], 1);
    return { label: labelTensor(this.classes, argmax(probabilities, 1)), probabilities };
  }

  toJSON(): FittedModelJson {
    const { kind, task, featureNames, classes, forest } = this;
    return { version: 1, kind, task, featureNames, classes, forest: forestJson(forest) };
  }
}
