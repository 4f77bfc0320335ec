/** @file Tests whether two samples come from one distribution. */
import type { ChiSquare, KolmogorovSmirnov } from "./comparison-data.ts";

/**
 * The two-sample Kolmogorov-Smirnov test of two lists of numbers (NaN left out): the greatest distance of their empirical
 * distribution functions, as SciPy's `ks_2samp`, with the asymptotic p-value.
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): KolmogorovSmirnov {
  const [x, y] = [sorted(a), sorted(b)];
  let [i, j, statistic] = [0, 0, 0];
  while (i < x.length && j < y.length) {
    const value = Math.min(x[i] ?? Infinity, y[j] ?? Infinity);
    while (i < x.length && x[i] === value) i += 1;
    while (j < y.length && y[j] === value) j += 1;
    statistic = Math.max(statistic, Math.abs(i / x.length - j / y.length));
  }
  const effective = (x.length * y.length) / (x.length + y.length);
  return { statistic, pValue: kolmogorovTail(Math.sqrt(effective) * statistic) };
}

function sorted(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/**
 * The chance that Kolmogorov's distribution exceeds `x`: 2 Σ (-1)^(k-1) exp(-2 k² x²), for small x by the equal series
 * 1 - √(2π) / x Σ exp(-(2k-1)² π² / (8 x²)) (Kolmogorov 1933).
 */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  const terms = Array.from({ length: 100 }, (_, at) => at + 1);
  if (x < 1) {
    const sum = terms.reduce(
      (all, k) => all + Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x ** 2)),
      0,
    );
    return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum));
  }
  return Math.max(
    0,
    2 * terms.reduce((all, k) => all + (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k ** 2 * x ** 2), 0),
  );
}

/**
 * Pearson's χ² test of homogeneity of two lists of counts over the same levels, as SciPy's `chi2_contingency` without
 * correction. Levels that neither has are left out; undefined where fewer than two are left, or a side is empty.
 */
export function chiSquareTest(a: readonly number[], b: readonly number[]): ChiSquare | undefined {
  const [m, n] = [total(a), total(b)];
  const levels = a.map((count, at) => [count, b[at] ?? 0] as const).filter(([x, y]) => x + y > 0);
  if (levels.length < 2 || m === 0 || n === 0) return undefined;
  const statistic = levels.reduce((sum, [x, y]) => {
    const [expectedX, expectedY] = [((x + y) * m) / (m + n), ((x + y) * n) / (m + n)];
    return sum + (x - expectedX) ** 2 / expectedX + (y - expectedY) ** 2 / expectedY;
  }, 0);
  const degreesOfFreedom = levels.length - 1;
  return { statistic, degreesOfFreedom, pValue: chiSquareTail(statistic, degreesOfFreedom) };
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The chance that a χ² variable with `degrees` degrees of freedom exceeds `x`: Γ(degrees / 2, x / 2) / Γ(degrees / 2). */
export function chiSquareTail(x: number, degrees: number): number {
  return x <= 0 ? 1 : upperGamma(degrees / 2, x / 2);
}

/** The regularised upper incomplete gamma function Q(s, x): the series DLMF 8.11.4 below s + 1, else the fraction 8.9.2. */
function upperGamma(s: number, x: number): number {
  const scale = Math.exp(s * Math.log(x) - x - logGamma(s));
  if (x < s + 1) {
    let [term, sum] = [1 / s, 1 / s];
    for (let k = 1; term > sum * 1e-17; k++) {
      term *= x / (s + k);
      sum += term;
    }
    return Math.max(0, 1 - scale * sum);
  }
  // Lentz's method for the continued fraction.
  let b = x + 1 - s;
  let [c, d] = [1e300, 1 / b];
  let value = d;
  for (let k = 1; k < 10_000; k++) {
    const a = -k * (k - s);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return scale * value;
}

/** ln Γ(x) for x > 0 by Stirling's series (DLMF 5.11.1), moved up to where eight terms are exact to double precision. */
function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  while (shifted < 15) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted;
  const coefficients = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156];
  const series =
    coefficients.reduceRight((sum, coefficient) => sum * inverse ** 2 + coefficient, 0) * inverse;
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - Math.log(product)
  );
}
