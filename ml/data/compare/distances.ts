/** @file How far two distributions over the same bins are apart. */

/** Shares below this are taken as this, so that an empty bin has a logarithm. */
const leastShare = 1e-4;

/**
 * The population stability index of counts `b` against counts `a` in the same bins: Σ (qᵢ - pᵢ) ln(qᵢ / pᵢ), p and q being
 * their shares, none below 0.0001. The symmetrised Kullback-Leibler divergence in nats. NaN where a side has no counts.
 */
export function populationStabilityIndex(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [shares(a), shares(b)];
  return p.reduce((sum, share, at) => {
    const [expected, actual] = [Math.max(share, leastShare), Math.max(q[at] ?? 0, leastShare)];
    return sum + (actual - expected) * Math.log(actual / expected);
  }, 0);
}

/**
 * The Jensen-Shannon distance of two lists of counts: √((KL(p ‖ m) + KL(q ‖ m)) / 2) with m = (p + q) / 2 and logarithms to
 * base 2, so it lies between 0 and 1. As SciPy's `jensenshannon(p, q, base=2)`.
 */
export function jensenShannonDistance(a: readonly number[], b: readonly number[]): number {
  const [p, q] = [shares(a), shares(b)];
  const divergence = p.reduce((sum, share, at) => {
    const other = q[at] ?? 0;
    const middle = (share + other) / 2;
    return sum + (term(share, middle) + term(other, middle)) / 2;
  }, 0);
  return Math.sqrt(Math.min(1, Math.max(0, divergence)));
}

function term(share: number, middle: number): number {
  return share === 0 ? 0 : share * Math.log2(share / middle);
}

function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}
