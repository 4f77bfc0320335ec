/**
 * @file Functions that probabilities are made of, in double precision.
 *
 * Sources: Lanczos, "A precision approximation of the gamma function" (1964); the NIST Digital Library of Mathematical
 * Functions, sections 5.5, 5.11, 8.9, 8.11 and 8.17. Continued fractions are evaluated by Lentz's method.
 */

const lanczos = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6,
  1.505_632_735_149_311_6e-7,
];

/** The natural logarithm of the gamma function of a positive number. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  const series = lanczos.reduce(
    (sum, each, index) => sum + (index === 0 ? each : each / (shifted + index)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}

const eulerGamma = 0.577_215_664_901_532_9;

/** The digamma function at the whole numbers 0 (where it has no value) to `last`: ψ(n) = 1 + 1/2 + … + 1/(n-1) - γ. */
export function digammas(last: number): Float64Array {
  const values = new Float64Array(last + 1);
  values[0] = Number.NaN;
  let sum = -eulerGamma;
  for (let n = 1; n <= last; n++) {
    values[n] = sum;
    sum += 1 / n;
  }
  return values;
}

const tiny = 1e-300;
const mostTerms = 10_000;

/** The regularized upper incomplete gamma function Q(a, x), for positive a and x from 0 on. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < mostTerms && Math.abs(term) > Math.abs(sum) * Number.EPSILON; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - sum * front);
  }
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < mostTerms; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / awayFromZero(numerator * d + b);
    c = awayFromZero(b + numerator / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < Number.EPSILON) break;
  }
  return front * fraction;
}

/** The regularized incomplete beta function I_x(a, b), for positive a and b and x from 0 to 1; `rest` is 1 - x exactly. */
export function incompleteBeta(x: number, rest: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest));
  // The fraction converges fast on this side of the mean; the other side is its complement.
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(rest, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < Number.EPSILON) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}

/** The probability that a variable of the chi-squared distribution exceeds a value. */
export function chiSquaredAbove(value: number, degrees: number): number {
  return Number.isNaN(value) ? Number.NaN : upperGamma(degrees / 2, value / 2);
}

/** The probability that a variable of Fisher's F distribution exceeds a value. */
export function fAbove(value: number, numerator: number, denominator: number): number {
  if (Number.isNaN(value)) return Number.NaN;
  if (value === Number.POSITIVE_INFINITY) return 0;
  if (value <= 0) return 1;
  const scaled = numerator * value;
  const sum = denominator + scaled;
  return incompleteBeta(denominator / sum, scaled / sum, denominator / 2, numerator / 2);
}
