/**
 * @file Logistic regression whose penalty makes most coefficients exactly zero (scikit-learn's `LogisticRegression` with
 * an l1 penalty and the solver `saga`, whose intercept isn't penalised): Newton steps, each a lasso over the columns that
 * may matter (Friedman, Hastie and Tibshirani 2010), shortened until they descend.
 */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { descend } from "../../coordinate-descent.ts";
import type { LinearFunction } from "./lasso.ts";
import { classCodes, type ClassTarget } from "../../target.ts";

const mostSteps = 200;
const tolerance = 1e-9;

/**
 * The coefficients w and intercept b that minimise `|w|₁ + c Σ log(1 + exp(-s (Xw + b)))`, where s is 1 for rows of a
 * class and -1 for others: one function for two classes (that of the second), else one for each class against all others.
 * @throws {@link InvalidInputError} for numbers that aren't finite, a target without two classes, a `c` that isn't positive
 */
export function sparseLogistic(matrix: DenseMatrix, target: ClassTarget, c: number): LinearFunction[] {
  checkMatrix(matrix);
  if (!(c > 0 && Number.isFinite(c)))
    throw new InvalidInputError(`the inverse of the penalty must be a positive number, not ${c}`);
  const { codes, classes } = classCodes(target, matrix.rows);
  const each = classes.length === 2 ? [1] : classes.map((_, code) => code);
  return each.map((positive) =>
    fitBinary(
      matrix,
      Uint8Array.from(codes, (code) => (code === positive ? 1 : 0)),
      c,
    ),
  );
}

/** One against the rest; the last coordinate is the intercept. */
function fitBinary(matrix: DenseMatrix, labels: Uint8Array, c: number): LinearFunction {
  const { rows, columns } = matrix;
  const width = columns.length;
  const weights = new Float64Array(width + 1);
  const positives = labels.reduce((sum, label) => sum + label, 0);
  weights[width] = Math.log(positives / (rows - positives));
  let margins = marginsOf(matrix, weights);
  let objective = objectiveOf(margins, labels, weights, c);
  for (let step = 0; step < mostSteps; step++) {
    const probabilities = margins.map((margin) => 1 / (1 + Math.exp(-margin)));
    const gradient = gradientOf(matrix, probabilities, labels, c);
    // A coordinate at zero stays there while its slope is within the penalty.
    const active = Array.from(weights.keys()).filter(
      (j) => j === width || weights[j] !== 0 || Math.abs(gradient[j] ?? 0) > 1,
    );
    const moved = newtonTarget(matrix, probabilities, gradient, active, weights, c);
    const direction = moved.map((value, j) => value - (weights[j] ?? 0));
    const expected = expectedDescent(gradient, weights, moved);
    if (expected >= -tolerance * tolerance * Math.abs(objective)) break;
    let length = 1;
    let next = weights;
    let nextMargins = margins;
    let nextObjective = objective;
    for (; length > 1e-12; length /= 2) {
      next = weights.map((value, j) => value + length * (direction[j] ?? 0));
      nextMargins = marginsOf(matrix, next);
      nextObjective = objectiveOf(nextMargins, labels, next, c);
      if (nextObjective <= objective + 1e-4 * length * expected) break;
    }
    // Rounding leaves nothing to gain.
    if (!(nextObjective < objective)) break;
    weights.set(next);
    margins = nextMargins;
    objective = nextObjective;
  }
  return { coefficients: weights.slice(0, width), intercept: weights[width] ?? 0 };
}

function marginsOf({ data, rows, columns }: DenseMatrix, weights: Float64Array): Float64Array {
  const width = columns.length;
  const used = Array.from({ length: width }, (_, j) => j).filter((j) => weights[j] !== 0);
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = weights[width] ?? 0;
    for (const j of used) sum += (weights[j] ?? 0) * (data[row * width + j] ?? 0);
    return sum;
  });
}

function objectiveOf(margins: Float64Array, labels: Uint8Array, weights: Float64Array, c: number): number {
  let loss = 0;
  for (let row = 0; row < margins.length; row++) {
    const signed = labels[row] === 1 ? (margins[row] ?? 0) : -(margins[row] ?? 0);
    loss += Math.log1p(Math.exp(-Math.abs(signed))) + Math.max(0, -signed);
  }
  return c * loss + penaltyOf(weights);
}

function penaltyOf(weights: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < weights.length - 1; j++) sum += Math.abs(weights[j] ?? 0);
  return sum;
}

function gradientOf(
  { data, rows, columns }: DenseMatrix,
  probabilities: Float64Array,
  labels: Uint8Array,
  c: number,
): Float64Array {
  const width = columns.length;
  const gradient = new Float64Array(width + 1);
  for (let row = 0; row < rows; row++) {
    const error = c * ((probabilities[row] ?? 0) - (labels[row] ?? 0));
    for (let j = 0; j < width; j++) gradient[j] = (gradient[j] ?? 0) + error * (data[row * width + j] ?? 0);
    gradient[width] = (gradient[width] ?? 0) + error;
  }
  return gradient;
}

/** Where the quadratic approximation with the penalty has its minimum over the active coordinates. */
function newtonTarget(
  { data, rows, columns }: DenseMatrix,
  probabilities: Float64Array,
  gradient: Float64Array,
  active: readonly number[],
  weights: Float64Array,
  c: number,
): Float64Array {
  const width = columns.length;
  const size = active.length;
  const curvature = new Float64Array(size * size);
  const values = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    const probability = probabilities[row] ?? 0;
    // Where a class is certain in doubles, a little curvature keeps the steps finite.
    const weight = c * Math.max(probability * (1 - probability), 1e-10);
    for (let i = 0; i < size; i++) {
      const column = active[i] ?? 0;
      values[i] = column === width ? 1 : (data[row * width + column] ?? 0);
    }
    for (let i = 0; i < size; i++) {
      const scaled = weight * (values[i] ?? 0);
      if (scaled === 0) continue;
      const start = i * size;
      for (let j = 0; j <= i; j++)
        curvature[start + j] = (curvature[start + j] ?? 0) + scaled * (values[j] ?? 0);
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) curvature[j * size + i] = curvature[i * size + j] ?? 0;
  const at = Float64Array.from(active, (j) => weights[j] ?? 0);
  const linear = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = -(gradient[active[i] ?? 0] ?? 0);
    for (let j = 0; j < size; j++) sum += (curvature[i * size + j] ?? 0) * (at[j] ?? 0);
    linear[i] = sum;
  }
  descend(
    curvature,
    linear,
    Float64Array.from(active, (j) => (j === width ? 0 : 1)),
    at,
  );
  const result = Float64Array.from(weights);
  for (const [i, j] of active.entries()) result[j] = at[i] ?? 0;
  return result;
}

function expectedDescent(gradient: Float64Array, weights: Float64Array, moved: Float64Array): number {
  return gradient.reduce(
    (sum, slope, j) => sum + slope * ((moved[j] ?? 0) - (weights[j] ?? 0)),
    penaltyOf(moved) - penaltyOf(weights),
  );
}
