/** @file Symmetric matrices of correlations. */

/** A symmetric matrix with ones on its diagonal, from the values below it. */
export function symmetricMatrix(
  size: number,
  below: (row: number, column: number) => number | null,
): (number | null)[][] {
  const rows = Array.from({ length: size }, (_, i) => Array.from({ length: i }, (_, j) => below(i, j)));
  return rows.map((_, i) =>
    rows.map((_, j) => (i === j ? 1 : ((i > j ? rows[i]?.[j] : rows[j]?.[i]) ?? null))),
  );
}

/** A correlation within [-1, 1], in spite of rounding; null stays. */
export function clamped(correlation: number | null): number | null {
  return correlation === null ? null : Math.max(-1, Math.min(1, correlation));
}
