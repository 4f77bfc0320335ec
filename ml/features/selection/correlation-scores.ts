/** @file How each column alone goes with the target, by sums of squares: F tests, Pearson's correlation, chi-squared. */
import { InvalidInputError } from "../../errors.ts";
import { checkMatrix, type DenseMatrix } from "../../dense-matrix.ts";
import { checkSparse, isSparse, type SparseMatrix } from "../../sparse-matrix.ts";
import { classMoments, classSums, type ClassMoments } from "./class-moments.ts";
import { chiSquaredAbove, fAbove } from "../../special-functions.ts";
import { classCodes, targetNumbers, type ClassTarget, type NumericTarget } from "../../target.ts";

/** A score for each column, higher for those that say more of the target. */
export interface ColumnScores {
  readonly scores: Float64Array;
  /** The probability of such a score where the column says nothing; absent for scores without a known distribution. */
  readonly pValues?: Float64Array;
}

/**
 * The F statistic of each column between classes (one-way analysis of variance; scikit-learn's `f_classif`). A column
 * without variance within classes scores infinity, one without any variance NaN.
 * @throws {@link InvalidInputError} for numbers that aren't finite, or a target without two classes
 */
export function fClassif(matrix: DenseMatrix | SparseMatrix, target: ClassTarget): ColumnScores {
  check(matrix);
  const { codes, counts } = classCodes(target, matrix.rows);
  return varianceBetween(classMoments(matrix, codes, counts));
}

/** {@link fClassif} from the moments of the classes. */
export function varianceBetween({ width, counts, means, variances }: ClassMoments): ColumnScores {
  const classes = counts.length;
  const rows = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const scores = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    const first = means[column] ?? 0;
    let mean = 0;
    let within = 0;
    for (let each = 0; each < classes; each++) {
      const count = counts[each] ?? 0;
      mean += (count / rows) * ((means[each * width + column] ?? 0) - first);
      within += count * (variances[each * width + column] ?? 0);
    }
    let between = 0;
    for (let each = 0; each < classes; each++)
      between += (counts[each] ?? 0) * ((means[each * width + column] ?? 0) - first - mean) ** 2;
    scores[column] = between / (classes - 1) / (within / (rows - classes));
  }
  return { scores, pValues: scores.map((score) => fAbove(score, classes - 1, rows - classes)) };
}

/**
 * Pearson's correlation of each column with a numeric target (scikit-learn's `r_regression`); 0 where either is constant.
 * @throws {@link InvalidInputError} for numbers that aren't finite
 */
export function rRegression(matrix: DenseMatrix, target: NumericTarget): ColumnScores {
  checkMatrix(matrix);
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const y = targetNumbers(target, rows);
  const first = y[0] ?? 0;
  const mean = y.reduce((sum, value) => sum + (value - first), 0) / rows;
  const deviations = y.map((value) => value - first - mean);
  const shift = data.slice(0, width);
  const sums = new Float64Array(width);
  const squares = new Float64Array(width);
  const products = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    const deviation = deviations[row] ?? 0;
    for (let column = 0; column < width; column++) {
      const value = (data[start + column] ?? 0) - (shift[column] ?? 0);
      sums[column] = (sums[column] ?? 0) + value;
      squares[column] = (squares[column] ?? 0) + value * value;
      products[column] = (products[column] ?? 0) + value * deviation;
    }
  }
  const norm = Math.sqrt(deviations.reduce((sum, value) => sum + value * value, 0));
  return {
    scores: products.map((product, column) => {
      const sum = sums[column] ?? 0;
      const deviation = Math.sqrt(Math.max(0, (squares[column] ?? 0) - (sum * sum) / rows));
      return deviation === 0 || norm === 0 ? 0 : product / deviation / norm;
    }),
  };
}

/**
 * The F statistic of a regression of a numeric target on each column alone (scikit-learn's `f_regression`): at most the
 * largest double, for a perfect correlation; 0 for a constant column.
 * @throws {@link InvalidInputError} for numbers that aren't finite
 */
export function fRegression(matrix: DenseMatrix, target: NumericTarget): ColumnScores {
  return varianceExplained(rRegression(matrix, target).scores, matrix.rows);
}

/** {@link fRegression} from the correlations. */
export function varianceExplained(correlations: Float64Array, rows: number): ColumnScores {
  const degrees = rows - 2;
  const scores = correlations.map((correlation) => {
    const explained = correlation * correlation;
    return explained >= 1 ? Number.MAX_VALUE : (explained / (1 - explained)) * degrees;
  });
  return {
    scores,
    pValues: scores.map((score) => (score === Number.MAX_VALUE ? 0 : fAbove(score, 1, degrees))),
  };
}

/**
 * The chi-squared statistic of each column's sums in the classes against what the classes' sizes let expect
 * (scikit-learn's `chi2`); for counts and other numbers that aren't negative. A column of zeros scores NaN.
 * @throws {@link InvalidInputError} for numbers that are negative or not finite, or a target without two classes
 */
export function chi2(matrix: DenseMatrix | SparseMatrix, target: ClassTarget): ColumnScores {
  check(matrix);
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const negative = data.findIndex((value) => value < 0);
  if (negative >= 0) {
    const column = isSparse(matrix) ? (matrix.indexes[negative] ?? 0) : negative % width;
    throw new InvalidInputError(
      `column "${columns[column]}" holds ${data[negative]}: chi-squared needs counts, which aren't negative`,
    );
  }
  const { codes, counts } = classCodes(target, rows);
  const { sums } = classSums(matrix, codes, counts.length, new Float64Array(width));
  return differenceOfCounts(sums, counts, width);
}

/** {@link chi2} from the columns' sums in the classes, `classes` x `width`, and the classes' rows. */
export function differenceOfCounts(
  observed: Float64Array,
  counts: ArrayLike<number>,
  width: number,
): ColumnScores {
  const classes = counts.length;
  const rows = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const scores = new Float64Array(width);
  for (let column = 0; column < width; column++) {
    let total = 0;
    for (let each = 0; each < classes; each++) total += observed[each * width + column] ?? 0;
    let score = 0;
    for (let each = 0; each < classes; each++) {
      const expected = (total * (counts[each] ?? 0)) / rows;
      score += ((observed[each * width + column] ?? 0) - expected) ** 2 / expected;
    }
    scores[column] = score;
  }
  return { scores, pValues: scores.map((score) => chiSquaredAbove(score, classes - 1)) };
}

function check(matrix: DenseMatrix | SparseMatrix): void {
  if (isSparse(matrix)) checkSparse(matrix);
  else checkMatrix(matrix);
}
