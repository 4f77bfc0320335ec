/**
 * @file Decisions as probabilities by a logistic function of each (Platt, "Probabilistic outputs for support vector
 * machines", 1999), fitted by Newton's method with a line search (Lin, Lin and Weng, "A note on Platt's probabilistic
 * outputs for support vector machines", 2007).
 */

/** The probability is `1 / (1 + exp(slope · decision + intercept))`. */
export interface Sigmoid {
  readonly slope: number;
  readonly intercept: number;
}

const mostSteps = 100;
const leastGradient = 1e-9;
const leastStep = 1e-12;
/** Added to the diagonal of second derivatives. */
const ridge = 1e-12;

/** The likeliest logistic function of decisions; `isPositive` tells each row's class, `weights` how much it counts. */
export function fitSigmoid(
  decisions: Float64Array,
  isPositive: (row: number) => boolean,
  weights: Float64Array | undefined,
): Sigmoid {
  const weightOf = (row: number): number => (weights ? (weights[row] ?? 0) : 1);
  let [positives, negatives] = [0, 0];
  for (let row = 0; row < decisions.length; row++)
    if (isPositive(row)) positives += weightOf(row);
    else negatives += weightOf(row);
  // Targets off 0 and 1, as one more row of each class would make them.
  const [high, low] = [(positives + 1) / (positives + 2), 1 / (negatives + 2)];
  const targetOf = (row: number): number => (isPositive(row) ? high : low);
  const lossOf = (a: number, b: number): number => {
    let sum = 0;
    for (let row = 0; row < decisions.length; row++) {
      const z = (decisions[row] ?? 0) * a + b;
      const loss =
        z >= 0
          ? targetOf(row) * z + Math.log1p(Math.exp(-z))
          : (targetOf(row) - 1) * z + Math.log1p(Math.exp(z));
      sum += weightOf(row) * loss;
    }
    return sum;
  };
  let [a, b] = [0, Math.log((negatives + 1) / (positives + 1))];
  let loss = lossOf(a, b);
  for (let step = 0; step < mostSteps; step++) {
    const { gradient, curvature } = derivatives(decisions, targetOf, weightOf, a, b);
    const [da, db] = gradient;
    if (Math.abs(da) < leastGradient && Math.abs(db) < leastGradient) break;
    const [aa, ab, bb] = curvature;
    const determinant = aa * bb - ab * ab;
    const moveA = -(bb * da - ab * db) / determinant;
    const moveB = -(aa * db - ab * da) / determinant;
    const slope = da * moveA + db * moveB;
    let length = 1;
    for (; length >= leastStep; length /= 2) {
      const next = lossOf(a + length * moveA, b + length * moveB);
      if (next >= loss + 1e-4 * length * slope) continue;
      [a, b, loss] = [a + length * moveA, b + length * moveB, next];
      break;
    }
    if (length < leastStep) break;
  }
  return { slope: a, intercept: b };
}

function derivatives(
  decisions: Float64Array,
  targetOf: (row: number) => number,
  weightOf: (row: number) => number,
  a: number,
  b: number,
): {
  readonly gradient: readonly [a: number, b: number];
  readonly curvature: readonly [aa: number, ab: number, bb: number];
} {
  let [da, db, aa, ab, bb] = [0, 0, ridge, 0, ridge];
  for (let row = 0; row < decisions.length; row++) {
    const decision = decisions[row] ?? 0;
    const probability = 1 / (1 + Math.exp(decision * a + b));
    const weight = weightOf(row);
    const slope = weight * (targetOf(row) - probability);
    const curved = weight * probability * (1 - probability);
    da += decision * slope;
    db += slope;
    aa += decision * decision * curved;
    ab += decision * curved;
    bb += curved;
  }
  return { gradient: [da, db], curvature: [aa, ab, bb] };
}

/**
 * The probability of each class, row-major: of two classes the second has the one sigmoid, of more each has its own and
 * they are divided by their sum. `decisions` are those of `classDecisions`.
 */
export function sigmoidProbabilities(
  decisions: Float64Array,
  sigmoids: readonly Sigmoid[],
  classes: number,
): Float64Array {
  const width = sigmoids.length;
  const rows = decisions.length / width;
  const probabilities = new Float64Array(rows * classes);
  const of = (row: number, at: number): number => {
    const { slope, intercept } = sigmoids[at] ?? { slope: 0, intercept: 0 };
    return 1 / (1 + Math.exp(slope * (decisions[row * width + at] ?? 0) + intercept));
  };
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    if (classes === 2) {
      const probability = of(row, 0);
      probabilities[start] = 1 - probability;
      probabilities[start + 1] = probability;
      continue;
    }
    let sum = 0;
    for (let code = 0; code < classes; code++) {
      probabilities[start + code] = of(row, code);
      sum += probabilities[start + code] ?? 0;
    }
    for (let at = start; at < start + classes; at++)
      probabilities[at] = sum > 0 ? (probabilities[at] ?? 0) / sum : 1 / classes;
  }
  return probabilities;
}
