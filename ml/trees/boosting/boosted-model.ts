/** @file Models of boosted trees: numbers, classes, and scores that order rows. */
import { arrayJson } from "../../array-json.ts";
import { labelsAt, labelTensor, largestPlaces } from "../../class-labels.ts";
import type { DenseMatrix } from "../../dense-matrix.ts";
import type {
  ClassificationModel,
  ClassificationTensors,
  ClassLabel,
  FeatureTensor,
  FittedModelJson,
  RegressionModel,
  RegressionTensors,
} from "../../estimator.ts";
import { concat } from "../../graph/functions/arrange.ts";
import { argmax } from "../../graph/functions/reductions.ts";
import type { Forest } from "../forest.ts";
import { forestJson } from "../forest-json.ts";
import type { MimeBundle } from "../../notebook-host.ts";
import { featureImportances, forestBundle, type ImportanceType } from "../importances.ts";
import { predictForest } from "../predict-forest.ts";
import { traceForest } from "../trace-forest.ts";

/** What a training told beside the trees. */
export interface BoostingHistory {
  /** How many rounds the model has. */
  readonly rounds: number;
  /** The validation's loss after each round that was trained; empty without one. */
  readonly validationLosses: readonly number[];
}

/** What all models of boosted trees have. */
abstract class BoostedModel {
  abstract readonly kind: string;
  readonly featureNames: readonly string[];
  /** The trees. */
  readonly forest: Forest;
  readonly history: BoostingHistory;

  /** @internal */
  constructor(forest: Forest, history: BoostingHistory) {
    this.featureNames = forest.featureNames;
    this.forest = forest;
    this.history = history;
  }

  /** What each feature did for the model, by name; the mean gain of its splits where no other type is asked for. */
  importances(type: ImportanceType = "gain"): Readonly<Record<string, number>> {
    return featureImportances(this.forest, type);
  }

  /** In a notebook: how many trees there are, and what each feature did for them. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    return forestBundle(this.kind, this.forest);
  }

  toJSON(): FittedModelJson {
    const { kind, featureNames, forest, history } = this;
    const validationLosses = arrayJson("float64", Float64Array.from(history.validationLosses));
    return {
      version: 1,
      kind,
      featureNames,
      forest: forestJson(forest),
      history: { rounds: history.rounds, validationLosses },
    };
  }
}

/** The kinds of models that predict a number. */
export type BoostedNumberKind = "gradientBoostingRegressor" | "gradientBoostingRanker";

/** Boosted trees that predict a number for each row: a ranker's orders rows, the highest first. NaN is a missing value. */
export class BoostedRegressionModel extends BoostedModel implements RegressionModel {
  readonly task = "regression";
  readonly kind: BoostedNumberKind;

  /** @internal Use a `fit`, or `loadBoosting`. */
  constructor(kind: BoostedNumberKind, forest: Forest, history: BoostingHistory) {
    super(forest, history);
    this.kind = kind;
  }

  /** @throws InvalidInputError for other columns than were fitted */
  async predict(rows: DenseMatrix): Promise<Float64Array> {
    return predictForest(this.forest, rows);
  }

  trace(features: FeatureTensor): RegressionTensors {
    return { prediction: traceForest(this.forest, features).reshape(["rows", 1]) };
  }
}

/** Boosted trees that tell classes. NaN is a missing value. */
export class BoostedClassificationModel extends BoostedModel implements ClassificationModel {
  readonly task = "classification";
  readonly kind = "gradientBoostingClassifier";
  readonly classes: readonly ClassLabel[];

  /** @internal Use a `fit`, or `loadBoosting`. */
  constructor(classes: readonly ClassLabel[], forest: Forest, history: BoostingHistory) {
    super(forest, history);
    this.classes = classes;
  }

  /** @throws InvalidInputError for other columns than were fitted */
  async predict(rows: DenseMatrix): Promise<ClassLabel[]> {
    return labelsAt(this.classes, largestPlaces(await this.predictProbabilities(rows), this.classes.length));
  }

  /** @throws InvalidInputError for other columns than were fitted */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    const numbers = await predictForest(this.forest, rows);
    if (this.forest.outputs > 1) return numbers;
    const both = new Float64Array(2 * rows.rows);
    for (const [row, probability] of numbers.entries()) {
      both[2 * row] = 1 - probability;
      both[2 * row + 1] = probability;
    }
    return both;
  }

  trace(features: FeatureTensor): ClassificationTensors {
    const numbers = traceForest(this.forest, features);
    const probabilities = this.forest.outputs > 1 ? numbers : concat([numbers.mul(-1).add(1), numbers], 1);
    return { label: labelTensor(this.classes, argmax(probabilities, 1)), probabilities };
  }

  override toJSON(): FittedModelJson {
    return { ...super.toJSON(), classes: this.classes };
  }
}
