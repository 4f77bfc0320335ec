/**
 * @file The minimum of a smooth convex function by Newton and quasi-Newton steps: L-BFGS (Nocedal and Wright, "Numerical
 * Optimization", algorithm 7.4) that starts from the inverse curvature that the function knows, be it of a sample of the
 * rows or exact. Lengths of steps meet the weak Wolfe conditions by bisection (Lewis and Overton 2013), near the minimum in
 * the form that rounding leaves (Hager and Zhang 2005).
 */

/** A smooth convex function of many numbers. */
export interface SmoothFunction {
  readonly size: number;
  /** The value; the gradient goes to `gradient`. */
  evaluate(at: Float64Array, gradient: Float64Array): Promise<number>;
  /**
   * Looks at the curvature here where that is worth its time now.
   * @returns whether it did, and whether what it saw is exact
   */
  refresh(at: Float64Array): Promise<"kept" | "sampled" | "exact">;
  /** Multiplies by the inverse of the curvature seen last; false where none was, and nothing is done. */
  precondition(vector: Float64Array): boolean;
}

/** When to stop. */
export interface StopRule {
  /** The largest slope at the end. */
  readonly tol: number;
  readonly maxIter: number;
  readonly onIteration?: (iterations: number, largestSlope: number) => void;
}

/** What {@link minimise} found. */
export interface Minimum {
  readonly at: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
}

const mostPairs = 10;
const mostTries = 40;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly inverse: number;
}

/** Moves from `start` to where no slope is steeper than `tol`. */
export async function minimise(
  f: SmoothFunction,
  start: Float64Array,
  { tol, maxIter, onIteration }: StopRule,
): Promise<Minimum> {
  let at = Float64Array.from(start);
  let gradient = new Float64Array(f.size);
  let value = await f.evaluate(at, gradient);
  let pairs: Pair[] = [];
  let iterations = 0;
  for (; largestOf(gradient) > tol; iterations++) {
    if (iterations === maxIter) return { at, iterations, converged: false };
    onIteration?.(iterations, largestOf(gradient));
    if ((await f.refresh(at)) === "exact") pairs = [];
    const direction = directionOf(f, gradient, pairs);
    const slope = dot(gradient, direction);
    // No step is left that would change the value's digits.
    if (!(-slope > 1e-3 * Number.EPSILON * Math.abs(value))) break;
    const isBlind = pairs.length === 0 && !f.precondition(new Float64Array(f.size));
    const found = await search(f, { at, value, direction, slope }, isBlind ? 1 / norm(gradient) : 1);
    if (found === undefined) return { at, iterations, converged: false };
    const step = found.at.map((moved, j) => moved - (at[j] ?? 0));
    const change = found.gradient.map((moved, j) => moved - (gradient[j] ?? 0));
    const curvature = dot(step, change);
    if (curvature > Number.EPSILON * norm(step) * norm(change)) {
      pairs.push({ step, change, inverse: 1 / curvature });
      if (pairs.length > mostPairs) pairs.shift();
    }
    ({ at, gradient, value } = found);
  }
  return { at, iterations, converged: true };
}

interface Point {
  readonly at: Float64Array<ArrayBuffer>;
  readonly gradient: Float64Array<ArrayBuffer>;
  readonly value: number;
}

/** A point on the way that is low and flat enough; undefined where rounding hides any. */
async function search(
  f: SmoothFunction,
  from: {
    readonly at: Float64Array;
    readonly value: number;
    readonly direction: Float64Array;
    readonly slope: number;
  },
  firstLength: number,
): Promise<Point | undefined> {
  const { slope, direction } = from;
  const noise = 1e-12 * Math.abs(from.value);
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, firstLength];
  let best: Point | undefined;
  for (let tries = 0; tries < mostTries; tries++) {
    const at = Float64Array.from(from.at, (each, j) => each + length * (direction[j] ?? 0));
    const gradient = new Float64Array(f.size);
    const value = await f.evaluate(at, gradient);
    const reached = dot(gradient, direction);
    const isLow =
      value <= from.value + 1e-4 * length * slope ||
      (value <= from.value + noise && Math.abs(reached) <= 0.9 * Math.abs(slope));
    if (!isLow || !Number.isFinite(reached)) high = length;
    else {
      best = { at, gradient, value };
      if (reached >= 0.9 * slope) return best;
      low = length;
    }
    length = high === Number.POSITIVE_INFINITY ? 4 * length : (low + high) / 2;
  }
  return best;
}

/** The two-loop recursion. */
function directionOf(f: SmoothFunction, gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const direction = gradient.map((slope) => -slope);
  const shares: number[] = [];
  for (const { step, change, inverse } of pairs.toReversed()) {
    const share = inverse * dot(step, direction);
    shares.push(share);
    addScaled(direction, change, -share);
  }
  const last = pairs.at(-1);
  if (!f.precondition(direction) && last) {
    const scale = 1 / (last.inverse * dot(last.change, last.change));
    for (let j = 0; j < direction.length; j++) direction[j] = (direction[j] ?? 0) * scale;
  }
  for (const { step, change, inverse } of pairs) {
    const share = (shares.pop() ?? 0) - inverse * dot(change, direction);
    addScaled(direction, step, share);
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] ?? 0) * (b[j] ?? 0);
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, a));
}

function addScaled(to: Float64Array, from: Float64Array, factor: number): void {
  for (let j = 0; j < to.length; j++) to[j] = (to[j] ?? 0) + factor * (from[j] ?? 0);
}

function largestOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}
