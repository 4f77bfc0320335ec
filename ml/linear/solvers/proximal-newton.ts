/**
 * @file The minimum of a smooth loss with a penalty on magnitudes, by proximal Newton steps (Lee, Sun and Saunders,
 * "Proximal Newton-type methods for minimizing composite functions", 2014): each minimises the quadratic approximation
 * with the penalty by coordinate descent, and is shortened until it descends.
 */
import { descend } from "../../coordinate-descent.ts";
import { InvalidInputError } from "../../errors.ts";
import { RowPass } from "../row-blocks.ts";
import { Curvature, fromShifted, toShifted } from "./curvature.ts";
import { PenalisedLoss, type PenalisedProblem } from "./penalised-loss.ts";
import type { Minimum, StopRule } from "./quasi-newton.ts";

/** A loss with penalties on squares and on magnitudes. */
export interface SparseProblem extends PenalisedProblem {
  /** What a coefficient's magnitude is multiplied by. */
  readonly magnitudePenalty: number;
  /** The same of the intercept. */
  readonly interceptMagnitudePenalty: number;
}

/** The most coefficients, intercepts included, whose curvature fits into memory. */
const mostCoefficients = 6000;

/**
 * Moves from `start` to where no coefficient's slope, the penalties' included, is steeper than `tol`.
 * @throws {@link InvalidInputError} where there are too many coefficients
 */
export async function minimiseSparse(
  problem: SparseProblem,
  start: Float64Array,
  { tol, maxIter, onIteration }: StopRule,
): Promise<Minimum> {
  const { matrix, loss, scale, turns, interceptPenalty } = problem;
  const f = new PenalisedLoss(problem);
  if (f.size > mostCoefficients)
    throw new InvalidInputError(
      `${f.size} coefficients are more than the l1 penalty's solver takes (${mostCoefficients}): use sgdClassifier`,
    );
  const isFree = interceptPenalty === 0 && problem.interceptMagnitudePenalty === 0;
  const curvature = new Curvature(matrix, loss, scale, isFree, turns);
  const pass = new RowPass(matrix, loss.outputs);
  const penalties = penaltiesOf(problem, f.size);
  let at = Float64Array.from(start);
  let gradient = new Float64Array(f.size);
  let value = (await f.evaluate(at, gradient)) + magnitude(at, penalties);
  let iterations = 0;
  for (; steepest(at, gradient, penalties) > tol; iterations++) {
    if (iterations === maxIter) return { at, iterations, converged: false };
    onIteration?.(iterations, steepest(at, gradient, penalties));
    pass.coefficients.set(at);
    const whole = await wholeCurvature(problem, curvature, pass, f.size);
    const direction = await directionOf(at, gradient, whole, penalties, curvature.shift, loss.outputs);
    const expected = dot(gradient, direction) + magnitude(added(at, direction, 1), penalties) - magnitude(at, penalties);
    if (!(-expected > 1e-3 * Number.EPSILON * Math.abs(value))) break;
    let length = 1;
    for (; length > 1e-10; length /= 2) {
      const next = added(at, direction, length);
      const slopes = new Float64Array(f.size);
      const reached = (await f.evaluate(next, slopes)) + magnitude(next, penalties);
      // What rounding hides of a descent that is expected is taken on trust.
      if (!(reached <= value + 1e-4 * length * expected + 1e-14 * Math.abs(value))) continue;
      at = next;
      gradient = slopes;
      value = reached;
      break;
    }
    if (length <= 1e-10) return { at, iterations, converged: false };
  }
  return { at, iterations, converged: true };
}

function penaltiesOf(problem: SparseProblem, size: number): Float64Array {
  const each = problem.matrix.columns.length + 1;
  return Float64Array.from({ length: size }, (_, j) =>
    j % each === each - 1 ? problem.interceptMagnitudePenalty : problem.magnitudePenalty,
  );
}

/** The second derivatives by all coefficients, as seen from the curvature's shift. */
async function wholeCurvature(
  { loss, matrix, penalty, interceptPenalty }: SparseProblem,
  curvature: Curvature,
  pass: RowPass,
  size: number,
): Promise<Float64Array> {
  const each = matrix.columns.length + 1;
  const { outputs } = loss;
  const pairs = Array.from({ length: outputs }, (_, a) =>
    Array.from({ length: a + 1 }, (_, b) => [a, b] as const),
  ).flat();
  const parts = await curvature.at(pass, pairs);
  const whole = new Float64Array(size * size);
  for (const [index, [a, b]] of pairs.entries()) {
    for (let i = 0; i < each; i++) {
      for (let j = 0; j < each; j++) {
        const value = parts[index]?.[i * each + j] ?? 0;
        whole[(a * each + i) * size + b * each + j] = value;
        whole[(b * each + j) * size + a * each + i] = value;
      }
    }
  }
  for (let j = 0; j < size; j++) {
    const isIntercept = j % each === each - 1;
    const added = isIntercept ? (interceptPenalty ?? 0) : penalty;
    if (isIntercept && interceptPenalty === undefined) clear(whole, j, size);
    whole[j * size + j] = (whole[j * size + j] ?? 0) + added;
  }
  return whole;
}

/** A coordinate without curvature or slope, which stays where it is. */
function clear(matrix: Float64Array, j: number, size: number): void {
  for (let k = 0; k < size; k++) {
    matrix[j * size + k] = 0;
    matrix[k * size + j] = 0;
  }
}

async function directionOf(
  at: Float64Array,
  gradient: Float64Array,
  whole: Float64Array,
  penalties: Float64Array,
  shift: Float64Array,
  outputs: number,
): Promise<Float64Array> {
  const size = at.length;
  const each = size / outputs;
  const slopes = Float64Array.from(gradient);
  const moved = Float64Array.from(at);
  for (let output = 0; output < outputs; output++)
    toShifted(slopes.subarray(output * each, (output + 1) * each), shift);
  const linear = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = -(slopes[i] ?? 0);
    for (let j = 0; j < size; j++) sum += (whole[i * size + j] ?? 0) * (at[j] ?? 0);
    linear[i] = sum;
  }
  descend(whole, linear, penalties, moved);
  const direction = added(moved, at, -1);
  for (let output = 0; output < outputs; output++)
    fromShifted(direction.subarray(output * each, (output + 1) * each), shift);
  return direction;
}

/** The steepest slope that a coefficient could still follow. */
function steepest(at: Float64Array, gradient: Float64Array, penalties: Float64Array): number {
  let largest = 0;
  for (const [j, slope] of gradient.entries()) {
    const weight = at[j] ?? 0;
    const penalty = penalties[j] ?? 0;
    const rest =
      weight === 0 ? Math.max(0, Math.abs(slope) - penalty) : Math.abs(slope + Math.sign(weight) * penalty);
    largest = Math.max(largest, rest);
  }
  return largest;
}

function magnitude(at: Float64Array, penalties: Float64Array): number {
  return at.reduce((sum, weight, j) => sum + Math.abs(weight) * (penalties[j] ?? 0), 0);
}

function added(a: Float64Array, b: Float64Array, factor: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, j) => value + factor * (b[j] ?? 0));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, j) => sum + value * (b[j] ?? 0), 0);
}
