/**
 * @file Linear support vector machines whose loss is linear beyond its margin, by coordinate descent on the dual: a number
 * for each row, moved one at a time in random order (Hsieh and others, "A dual coordinate descent method for large-scale
 * linear SVM", 2008; Ho and Lin, "Large-scale linear support vector regression", 2012).
 */
import type { DenseMatrix } from "../../dense-matrix.ts";
import { Random } from "../../random.ts";
import type { Turns } from "../../turns.ts";
import type { Minimum, StopRule } from "./quasi-newton.ts";

/** A support vector machine: `½ |w|² + ½ v² + Σ bound · loss`, where the intercept is `interceptScale · v`. */
export interface DualProblem {
  readonly matrix: DenseMatrix;
  /** Classes 1 and −1, or numbers. */
  readonly target: Float64Array | Int8Array;
  /** The most that each row may count: its weight times C. */
  readonly bounds: (row: number) => number;
  /** 0 where there is no intercept. */
  readonly interceptScale: number;
  readonly turns: Turns;
}

/** How one row's dual number moves. */
interface RowRule {
  /** How far the number is from where it should be. */
  violation(slope: number, dual: number, bound: number): number;
  /** Where it goes, before the bounds. */
  target(slope: number, dual: number, curvature: number): number;
}

/** Classes: the hinge loss `max(0, 1 - y m)`. `tol` is of the largest violation. */
export async function hingeDual(problem: DualProblem, stop: StopRule): Promise<Minimum> {
  const { target } = problem;
  const rule: RowRule = {
    violation: (slope, dual, bound) => {
      if (dual <= 0) return Math.max(0, -slope);
      return dual >= bound ? Math.max(0, slope) : Math.abs(slope);
    },
    target: (slope, dual, curvature) => dual - slope / curvature,
  };
  return descendRows(problem, stop, {
    rule,
    least: () => 0,
    sign: (row) => target[row] ?? 0,
    goal: () => 1,
  });
}

/** Numbers: the loss `max(0, |y - m| - epsilon)`. `tol` is of the largest violation. */
export async function epsilonDual(problem: DualProblem, epsilon: number, stop: StopRule): Promise<Minimum> {
  const { target } = problem;
  const rule: RowRule = {
    violation: (slope, dual, bound) => {
      const [above, below] = [slope + epsilon, slope - epsilon];
      if (dual === 0) return Math.max(0, -above, below);
      if (dual > 0) return dual >= bound ? Math.max(0, above) : Math.abs(above);
      return dual <= -bound ? Math.max(0, -below) : Math.abs(below);
    },
    target: (slope, dual, curvature) => {
      if (slope + epsilon < curvature * dual) return dual - (slope + epsilon) / curvature;
      if (slope - epsilon > curvature * dual) return dual - (slope - epsilon) / curvature;
      return 0;
    },
  };
  return descendRows(problem, stop, {
    rule,
    least: (bound) => -bound,
    sign: () => 1,
    goal: (row) => target[row] ?? 0,
  });
}

/** The clock is looked at once for so many rows. */
const rowsOfTurn = 64;

interface RowForm {
  readonly rule: RowRule;
  readonly least: (bound: number) => number;
  /** What a row is multiplied by. */
  readonly sign: (row: number) => number;
  /** What the product with the coefficients should be. */
  readonly goal: (row: number) => number;
}

async function descendRows(
  { matrix, bounds, interceptScale, turns }: DualProblem,
  { tol, maxIter, onIteration }: StopRule,
  { rule, least, sign, goal }: RowForm,
): Promise<Minimum> {
  const { data, rows, columns } = matrix;
  const width = columns.length;
  const weights = new Float64Array(width + 1);
  const duals = new Float64Array(rows);
  const curvatures = curvaturesOf(matrix, interceptScale);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  const random = new Random(0);
  let iterations = 0;
  let largest = Number.POSITIVE_INFINITY;
  for (; iterations < maxIter && largest > tol; iterations++) {
    largest = 0;
    random.shuffle(order);
    for (let place = 0; place < rows; place++) {
      if (place % rowsOfTurn === 0 && turns.due) await turns.give();
      const row = order[place] ?? 0;
      const bound = bounds(row);
      const curvature = curvatures[row] ?? 0;
      if (bound === 0 || curvature === 0) continue;
      const start = row * width;
      const side = sign(row);
      let margin = interceptScale * (weights[width] ?? 0);
      for (let at = 0; at < width; at++) margin += (weights[at] ?? 0) * (data[start + at] ?? 0);
      const slope = side * margin - goal(row);
      const dual = duals[row] ?? 0;
      const violation = rule.violation(slope, dual, bound);
      if (violation < 1e-14) continue;
      largest = Math.max(largest, violation);
      const next = Math.min(bound, Math.max(least(bound), rule.target(slope, dual, curvature)));
      duals[row] = next;
      const change = side * (next - dual);
      for (let at = 0; at < width; at++) weights[at] = (weights[at] ?? 0) + change * (data[start + at] ?? 0);
      weights[width] = (weights[width] ?? 0) + change * interceptScale;
    }
    onIteration?.(iterations + 1, largest);
  }
  weights[width] = interceptScale * (weights[width] ?? 0);
  return { at: weights, iterations, converged: largest <= tol };
}

function curvaturesOf({ data, rows, columns }: DenseMatrix, interceptScale: number): Float64Array {
  const width = columns.length;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = interceptScale * interceptScale;
    for (let at = row * width; at < (row + 1) * width; at++) sum += (data[at] ?? 0) ** 2;
    return sum;
  });
}
