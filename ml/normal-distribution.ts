/** @file The standard normal distribution to nearly the precision of doubles, far into its tails. */

const rootOfPi = Math.sqrt(Math.PI);
const logRootOfTwoPi = Math.log(2 * Math.PI) / 2;
/** Where the series becomes slower than the continued fraction. */
const seriesBelow = 2.2;
const epsilon = 2 ** -53;

/** The logarithm of the density at `x`. */
export function logNormalDensity(x: number): number {
  return -(x * x) / 2 - logRootOfTwoPi;
}

/** The probability of a number below `x`. */
export function normalCdf(x: number): number {
  return x < 0 ? erfc(-x / Math.SQRT2) / 2 : 1 - erfc(x / Math.SQRT2) / 2;
}

/** The probability of a number between `a` and `b`, where `a` is not above `b`; as exact in the upper tail as in the lower. */
export function normalMass(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}

/** The two-sided p-value of a standardized difference. */
export function twoSided(z: number): number {
  return Math.min(1, 2 * normalCdf(-Math.abs(z)));
}

/** The number below which one lies with probability `p`, from 0 to 1. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p <= 0) return Number.NEGATIVE_INFINITY;
  const logP = Math.log(p);
  // log Φ is concave: Newton's steps come near the root from below, wherever they begin.
  let x = -Math.sqrt(Math.max(0, -2 * Math.log(2 * p)));
  for (let step = 0; step < 50; step++) {
    const logCdf = Math.log(normalCdf(x));
    const change = (logP - logCdf) * Math.exp(logCdf - logNormalDensity(x));
    x += change;
    if (Math.abs(change) <= 1e-12 * Math.max(1, Math.abs(x))) break;
  }
  return x;
}

/**
 * The complementary error function of a number from 0 up: the series of erf (Abramowitz and Stegun, "Handbook of Mathematical
 * Functions", 7.1.6) for small ones, the continued fraction (7.1.14, by Lentz's method) for large ones.
 */
function erfc(x: number): number {
  if (x === Infinity) return 0;
  if (x < seriesBelow) {
    let term = x;
    let sum = x;
    for (let n = 1; term > epsilon * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / rootOfPi) * Math.exp(-x * x) * sum;
  }
  let fraction = x;
  let upper = x;
  let lower = 0;
  for (let n = 1; n < 200; n++) {
    lower = 1 / (x + (n / 2) * lower);
    upper = x + n / 2 / upper;
    const factor = upper * lower;
    fraction *= factor;
    if (Math.abs(factor - 1) < 2 * epsilon) break;
  }
  return Math.exp(-x * x) / (rootOfPi * fraction);
}
