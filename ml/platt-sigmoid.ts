/**
 * @file A logistic function of scores that is likeliest to have given two classes (Platt, "Probabilistic outputs for support
 * vector machines", 1999), by Newton's method (Lin, Lin and Weng, "A note on Platt's probabilistic outputs for support vector
 * machines", 2007).
 */

/** A sigmoid of a score: `1 / (1 + exp(-(slope · score + intercept)))`. */
export interface Sigmoid {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Fits a sigmoid to finite scores of two classes. Targets are drawn in from 0 and 1, as one more row of each class would
 * draw them.
 * @param isPositive tells each row's class
 * @param weights how much each row counts; the same where absent
 */
export function fitSigmoid(
  scores: ArrayLike<number>,
  isPositive: (row: number) => boolean,
  weights?: ArrayLike<number>,
): Sigmoid {
  let [positives, negatives, largest] = [0, 0, 0];
  for (let row = 0; row < scores.length; row++) {
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    if (isPositive(row)) positives += weight;
    else negatives += weight;
    largest = Math.max(largest, Math.abs(scores[row] ?? 0));
  }
  const [upper, lower] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)];
  const scale = largest || 1;
  const rows = scores.length;
  const data: Weighed = {
    scores: new Float64Array(rows),
    targets: new Float64Array(rows),
    weights: new Float64Array(rows),
  };
  for (let row = 0; row < rows; row++) {
    data.scores[row] = (scores[row] ?? 0) / scale;
    data.targets[row] = isPositive(row) ? upper : lower;
    data.weights[row] = weights === undefined ? 1 : (weights[row] ?? 0);
  }
  const { slope, intercept } = minimized(data, {
    slope: 0,
    intercept: -Math.log((negatives + 1) / (positives + 1)),
  });
  return { slope: slope / scale, intercept };
}

/** What the sigmoid is fitted to, row by row. */
interface Weighed {
  readonly scores: Float64Array;
  readonly targets: Float64Array;
  readonly weights: Float64Array;
}

const mostSteps = 100;

/** Newton's method with halved steps; the loss is convex. */
function minimized(data: Weighed, start: Sigmoid): Sigmoid {
  let at = start;
  let loss = lossOf(data, at);
  for (let step = 0; step < mostSteps; step++) {
    const { slope, intercept } = newtonStep(data, at);
    let share = 1;
    let next = at;
    let reached = Number.POSITIVE_INFINITY;
    for (; share > 1e-10; share /= 2) {
      next = { slope: at.slope + share * slope, intercept: at.intercept + share * intercept };
      reached = lossOf(data, next);
      if (reached <= loss) break;
    }
    if (!(reached <= loss)) return at;
    const isStill = Math.abs(slope) <= 1e-12 * (1 + Math.abs(at.slope)) && Math.abs(intercept) <= 1e-12;
    at = next;
    loss = reached;
    if (isStill) return at;
  }
  return at;
}

function newtonStep({ scores, targets, weights }: Weighed, { slope, intercept }: Sigmoid): Sigmoid {
  // Scores that are all equal leave the slope free: a trace of a penalty holds it.
  let [ss, si, ii, s, i] = [1e-12, 0, 1e-12, 0, 0];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] ?? 0;
    const weight = weights[row] ?? 0;
    const probability = 1 / (1 + Math.exp(-(slope * score + intercept)));
    const curvature = weight * probability * (1 - probability);
    const gradient = weight * (probability - (targets[row] ?? 0));
    ss += curvature * score * score;
    si += curvature * score;
    ii += curvature;
    s += gradient * score;
    i += gradient;
  }
  const determinant = ss * ii - si * si;
  return { slope: (si * i - ii * s) / determinant, intercept: (si * s - ss * i) / determinant };
}

function lossOf({ scores, targets, weights }: Weighed, { slope, intercept }: Sigmoid): number {
  let sum = 0;
  for (let row = 0; row < scores.length; row++) {
    const logit = slope * (scores[row] ?? 0) + intercept;
    // log(1 + exp(logit)) without overflow.
    const penalty = Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
    sum += (weights[row] ?? 0) * (penalty - (targets[row] ?? 0) * logit);
  }
  return sum;
}
