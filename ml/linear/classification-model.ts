/** @file Fitted linear models that tell classes. */
import { arrayJson } from "../array-json.ts";
import { labelTensor, labelsAt } from "../class-labels.ts";
import type { DenseMatrix } from "../dense-matrix.ts";
import type {
  ClassificationModel,
  ClassificationTensors,
  ClassLabel,
  FeatureTensor,
  FittedModelJson,
} from "../estimator.ts";
import { modelBundle } from "../model-display.ts";
import { checkNewRows } from "../new-rows.ts";
import type { MimeBundle } from "../notebook-host.ts";
import { placesOf, probabilitiesOf, type ClassLink, type LinearFit } from "./linear-function.ts";
import { marginTensor, placeTensor, probabilityTensor } from "./linear-tensors.ts";
import { marginsOfMatrix } from "./matrix-margins.ts";

/** The methods whose models these are. */
export const classificationKinds = ["logisticRegression", "linearSvc", "sgdClassifier"] as const;
export type ClassificationKind = (typeof classificationKinds)[number];

/**
 * Linear functions of the columns: one for two classes, above 0 where the second is likelier; else one for each class, of
 * which the largest tells the class.
 */
export class LinearClassificationModel implements ClassificationModel {
  readonly task = "classification";
  readonly kind: ClassificationKind;
  readonly featureNames: readonly string[];
  readonly classes: readonly ClassLabel[];
  readonly link: ClassLink;
  /** The columns' coefficients of each function, one function after the other. */
  readonly coefficients: Float64Array;
  /** One for each function. */
  readonly intercepts: Float64Array;
  /** Steps of the solver, or epochs: the most that a function took. */
  readonly iterations: number;
  /** Whether the solver came within its tolerance. */
  readonly converged: boolean;

  constructor(
    kind: ClassificationKind,
    featureNames: readonly string[],
    classes: readonly ClassLabel[],
    link: ClassLink,
    fit: LinearFit,
  ) {
    this.kind = kind;
    this.featureNames = [...featureNames];
    this.classes = [...classes];
    this.link = link;
    this.coefficients = fit.coefficients;
    this.intercepts = fit.intercepts;
    this.iterations = fit.iterations;
    this.converged = fit.converged;
  }

  /** In a notebook: the coefficients, the largest first; of two classes those for the second. */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    const { featureNames, classes, coefficients, converged } = this;
    const names = (classes.length === 2 ? classes.slice(1) : classes).map(String);
    const width = featureNames.length;
    const columns = names.map(
      (name, at) => [name, coefficients.subarray(at * width, (at + 1) * width)] as const,
    );
    const facts = [`${classes.length} classes`, ...(converged ? [] : ["did not converge"])];
    return modelBundle(this.kind, facts, { featureNames, columns: Object.fromEntries(columns) });
  }

  /**
   * The margins of each row, row-major: one for two classes, else one for each class (scikit-learn's `decision_function`).
   * @throws {@link InvalidInputError} for other columns or numbers that aren't finite
   */
  async decisionFunction(rows: DenseMatrix): Promise<Float64Array> {
    checkNewRows(rows, this.featureNames);
    return marginsOfMatrix(this, rows);
  }

  /**
   * The likeliest class of each row; the first of equals.
   * @throws {@link InvalidInputError} for other columns or numbers that aren't finite
   */
  async predict(rows: DenseMatrix): Promise<ClassLabel[]> {
    return labelsAt(this.classes, placesOf(await this.decisionFunction(rows), this.intercepts.length));
  }

  /**
   * The probability of each class for each row, row-major. Of a support vector machine, and of hinge and other losses that
   * have no probabilities, it is the logistic function of the margins, which ranks rows but isn't calibrated.
   * @throws {@link InvalidInputError} for other columns or numbers that aren't finite
   */
  async predictProbabilities(rows: DenseMatrix): Promise<Float64Array> {
    const margins = await this.decisionFunction(rows);
    const probabilities = new Float64Array(rows.rows * this.classes.length);
    probabilitiesOf(this.link, margins, this.intercepts.length, probabilities);
    return probabilities;
  }

  /** {@link predict} and {@link predictProbabilities} as a tensor program. */
  trace(features: FeatureTensor): ClassificationTensors {
    const outputs = this.intercepts.length;
    const margins = marginTensor(this, features);
    return {
      label: labelTensor(this.classes, placeTensor(margins, outputs)),
      probabilities: probabilityTensor(this.link, margins, outputs).cast("float32"),
    };
  }

  /** What {@link loadLinear} makes the same model of. */
  toJSON(): FittedModelJson {
    return {
      version: 1,
      kind: this.kind,
      featureNames: this.featureNames,
      classes: this.classes,
      link: this.link,
      coefficients: arrayJson("float64", Float64Array.from(this.coefficients)),
      intercepts: arrayJson("float64", Float64Array.from(this.intercepts)),
      iterations: this.iterations,
      converged: this.converged,
    };
  }
}
