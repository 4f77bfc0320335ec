/** @file Two small estimators that are whole, for tests of what takes any: ridge regression and Gaussian naive Bayes. */
import { checkMatrix, checkWidth, type DenseMatrix } from "../../../ml/dense-matrix.ts";
import type {
  ClassificationModel,
  Classifier,
  ClassLabel,
  FitOptions,
  RegressionModel,
  Regressor,
} from "../../../ml/estimator.ts";
import { fromData, softmax, tensor } from "../../../ml/graph/index.ts";
import { classCodes, targetNumbers, type ClassTarget, type NumericTarget } from "../../../ml/target.ts";

/** The settings of {@link smallRidge}. */
export interface RidgeSettings {
  readonly alpha: number;
}

/** Least squares with a penalty, as scikit-learn's `Ridge`. */
export class SmallRidge implements Regressor<RidgeSettings> {
  readonly kind = "smallRidge";
  readonly task = "regression";
  readonly settings: RidgeSettings;

  constructor(settings: Partial<RidgeSettings> = {}) {
    this.settings = { alpha: 1, ...settings };
  }

  with(changes: Partial<RidgeSettings>): this {
    // SAFETY: there are no subclasses.
    return new SmallRidge({ ...this.settings, ...changes }) as this;
  }

  async fit(
    matrix: DenseMatrix,
    target: NumericTarget,
    { signal }: FitOptions = {},
  ): Promise<RegressionModel> {
    signal?.throwIfAborted();
    checkMatrix(matrix);
    const y = targetNumbers(target, matrix.rows);
    const width = matrix.columns.length;
    const means = matrix.columns.map((_, column) => mean(columnOf(matrix, column)));
    const yMean = mean(y);
    const x = (row: number, column: number): number =>
      (matrix.data[row * width + column] ?? 0) - (means[column] ?? 0);
    const system = matrix.columns.map((_, a) => [
      ...matrix.columns.map(
        (_, b) => sum(y.length, (row) => x(row, a) * x(row, b)) + (a === b ? this.settings.alpha : 0),
      ),
      sum(y.length, (row) => x(row, a) * ((y[row] ?? 0) - yMean)),
    ]);
    const weights = solved(system);
    const intercept = yMean - weights.reduce((all, weight, column) => all + weight * (means[column] ?? 0), 0);
    return {
      kind: this.kind,
      task: "regression",
      featureNames: matrix.columns,
      toJSON: () => ({ version: 1, kind: this.kind, weights, intercept }),
      predict: async (rows) => {
        checkWidth(rows, matrix.columns);
        return Float64Array.from({ length: rows.rows }, (_, row) =>
          weights.reduce(
            (all, weight, column) => all + weight * (rows.data[row * width + column] ?? 0),
            intercept,
          ),
        );
      },
      trace: (features) => ({
        prediction: features
          .matmul(fromData("float32", Float32Array.from(weights), [width, 1]))
          .add(intercept),
      }),
    };
  }
}

/** Normal densities by class, as scikit-learn's `GaussianNB`. */
export class SmallBayes implements Classifier<{ readonly smoothing: number }> {
  readonly kind = "smallBayes";
  readonly task = "classification";
  readonly settings: { readonly smoothing: number };

  constructor(settings: { readonly smoothing?: number } = {}) {
    this.settings = { smoothing: 1e-9, ...settings };
  }

  with(changes: { readonly smoothing?: number }): this {
    // SAFETY: there are no subclasses.
    return new SmallBayes({ ...this.settings, ...changes }) as this;
  }

  async fit(
    matrix: DenseMatrix,
    target: ClassTarget,
    { signal }: FitOptions = {},
  ): Promise<ClassificationModel> {
    signal?.throwIfAborted();
    checkMatrix(matrix);
    const { classes, codes, counts } = classCodes(target, matrix.rows);
    const widest = Math.max(...matrix.columns.map((_, column) => variance(columnOf(matrix, column))));
    const moments = classes.map((_, code) =>
      matrix.columns.map((_, column) => {
        const values = columnOf(matrix, column).filter((_, row) => codes[row] === code);
        return { mean: mean(values), variance: variance(values) + this.settings.smoothing * widest };
      }),
    );
    const priors = Array.from(counts, (count) => Math.log(count / matrix.rows));
    const predictProbabilities = async (rows: DenseMatrix): Promise<Float64Array> => {
      checkWidth(rows, matrix.columns);
      const probabilities = new Float64Array(rows.rows * classes.length);
      for (let row = 0; row < rows.rows; row++) {
        const logits = moments.map((columns, code) =>
          columns.reduce((all, moment, column) => {
            const distance = (rows.data[row * columns.length + column] ?? 0) - moment.mean;
            return all - 0.5 * (Math.log(2 * Math.PI * moment.variance) + distance ** 2 / moment.variance);
          }, priors[code] ?? 0),
        );
        const largest = Math.max(...logits);
        const total = logits.reduce((all, logit) => all + Math.exp(logit - largest), 0);
        for (const [code, logit] of logits.entries())
          probabilities[row * classes.length + code] = Math.exp(logit - largest) / total;
      }
      return probabilities;
    };
    return {
      kind: this.kind,
      task: "classification",
      featureNames: matrix.columns,
      classes,
      toJSON: () => ({ version: 1, kind: this.kind, classes, priors, moments }),
      predictProbabilities,
      predict: async (rows) => {
        const probabilities = await predictProbabilities(rows);
        return Array.from({ length: rows.rows }, (_, row): ClassLabel => {
          const own = [...probabilities.subarray(row * classes.length, (row + 1) * classes.length)];
          return classes[own.indexOf(Math.max(...own))] ?? "";
        });
      },
      trace: (features) => {
        // The logarithm of the densities is a quadratic form without products of columns.
        const column = (
          of: (moment: { readonly mean: number; readonly variance: number }) => number,
        ): number[][] =>
          matrix.columns.map((_, at) =>
            moments.map((columns) => of(columns[at] ?? { mean: 0, variance: 1 })),
          );
        const constants = moments.map((columns, code) =>
          columns.reduce(
            (all, { mean, variance }) =>
              all - 0.5 * (Math.log(2 * Math.PI * variance) + mean ** 2 / variance),
            priors[code] ?? 0,
          ),
        );
        const logits = features
          .square()
          .matmul(tensor(column(({ variance }) => -0.5 / variance)))
          .add(features.matmul(tensor(column(({ mean, variance }) => mean / variance))))
          .add(tensor(constants));
        const probabilities = softmax(logits);
        return { probabilities, label: probabilities.argmax(1) };
      },
    };
  }
}

function columnOf({ data, rows, columns }: DenseMatrix, column: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => data[row * columns.length + column] ?? 0);
}

function sum(count: number, of: (at: number) => number): number {
  let total = 0;
  for (let at = 0; at < count; at++) total += of(at);
  return total;
}

function mean(values: Float64Array): number {
  return sum(values.length, (at) => values[at] ?? 0) / values.length;
}

function variance(values: Float64Array): number {
  const center = mean(values);
  return sum(values.length, (at) => ((values[at] ?? 0) - center) ** 2) / values.length;
}

/** Solves a positive definite system whose last column is the right-hand side. */
function solved(system: readonly number[][]): number[] {
  const rows = system.map((row) => [...row]);
  for (const [pivot, from] of rows.entries()) {
    for (const [at, row] of rows.entries()) {
      if (at === pivot) continue;
      const factor = (row[pivot] ?? 0) / (from[pivot] ?? 1);
      for (const [column, value] of from.entries()) row[column] = (row[column] ?? 0) - factor * value;
    }
  }
  return rows.map((row, at) => (row.at(-1) ?? 0) / (row[at] ?? 1));
}
