/** The middle value; of an even number of values, the mean of the middle two. NaN for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The `q` quantile with linear interpolation between values. NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (position - Math.floor(position));
}
