/** @file How far two distributions are apart, by the measures of TensorFlow Data Validation. */

/**
 * The Jensen-Shannon divergence of two distributions over the same outcomes, with logarithms to base 2: from 0, the same,
 * to 1, nothing in common. The counts need not be normalised. NaN where one has none.
 * Source: Lin, Divergence measures based on the Shannon entropy (1991).
 */
export function jensenShannonDivergence(first: readonly number[], second: readonly number[]): number {
  const [p, q] = [normalize(first), normalize(second)];
  const divergence = p.reduce((sum, a, index) => {
    const b = q[index] ?? 0;
    const middle = (a + b) / 2;
    return sum + half(a, middle) + half(b, middle);
  }, 0);
  return Math.min(divergence, 1);
}

/** The greatest difference of shares, and whose it is. NaN where one has no counts. */
export function lInfinityDistance(
  first: ReadonlyMap<string, number>,
  second: ReadonlyMap<string, number>,
): { readonly value: number; readonly at: string | null } {
  const [firstTotal, secondTotal] = [sum([...first.values()]), sum([...second.values()])];
  if (firstTotal === 0 || secondTotal === 0) return { value: Number.NaN, at: null };
  let farthest: { readonly value: number; readonly at: string | null } = { value: 0, at: null };
  for (const key of new Set([...first.keys(), ...second.keys()])) {
    const value = Math.abs((first.get(key) ?? 0) / firstTotal - (second.get(key) ?? 0) / secondTotal);
    if (value > farthest.value) farthest = { value, at: key };
  }
  return farthest;
}

function half(share: number, middle: number): number {
  return share === 0 ? 0 : (share * Math.log2(share / middle)) / 2;
}

function normalize(counts: readonly number[]): number[] {
  const total = sum(counts);
  return counts.map((count) => count / total);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
