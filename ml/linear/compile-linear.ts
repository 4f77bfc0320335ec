/** @file Linear models as functions that answer at once, for services: no promise, no checks but of the length. */
import { InvalidInputError } from "../errors.ts";
import type { ClassLabel } from "../estimator.ts";
import type { LinearClassificationModel } from "./classification-model.ts";
import { labelsAt } from "../class-labels.ts";
import { applyLink, marginsOf, placesOf, probabilitiesOf } from "./linear-function.ts";
import { LinearRegressionModel } from "./regression-model.ts";

/** Rows of numbers, one after the other, of as many as the model has columns. */
type Rows = Float32Array | Float64Array;

/** A regression that answers at once. */
export interface CompiledRegression {
  /** A number for each row; NaN where a number of the row is. */
  predict(rows: Rows): Float32Array;
}

/** A classification that answers at once. */
export interface CompiledClassification {
  /** The likeliest class of each row. */
  predict(rows: Rows): ClassLabel[];
  /** The probability of each class for each row, row-major. */
  predictProbabilities(rows: Rows): Float32Array;
}

/**
 * A fitted model as a synchronous predictor. Sums are float64 and results float32, as in the model's tensor program.
 * @throws {@link InvalidInputError} from its functions, where the numbers are not whole rows
 */
export function compileLinear(model: LinearRegressionModel): CompiledRegression;
export function compileLinear(model: LinearClassificationModel): CompiledClassification;
export function compileLinear(
  model: LinearRegressionModel | LinearClassificationModel,
): CompiledRegression | CompiledClassification {
  const width = model.featureNames.length;
  const coefficients = model.coefficients.slice();
  const margins = (intercepts: Float64Array, rows: Rows): Float64Array => {
    if (rows.length % width !== 0)
      throw new InvalidInputError(`${rows.length} numbers are no whole rows of ${width} columns`);
    return marginsOf({ coefficients, intercepts }, rows);
  };
  if (model instanceof LinearRegressionModel) {
    const { link } = model;
    const intercepts = Float64Array.of(model.intercept);
    return {
      predict: (rows) => {
        const found = margins(intercepts, rows);
        const predictions = new Float32Array(found.length);
        applyLink(link, found, predictions);
        return predictions;
      },
    };
  }
  const { classes, link } = model;
  const intercepts = model.intercepts.slice();
  const outputs = intercepts.length;
  return {
    predict: (rows) => labelsAt(classes, placesOf(margins(intercepts, rows), outputs)),
    predictProbabilities: (rows) => {
      const found = margins(intercepts, rows);
      const probabilities = new Float32Array((found.length / outputs) * classes.length);
      probabilitiesOf(link, found, outputs, probabilities);
      return probabilities;
    },
  };
}
