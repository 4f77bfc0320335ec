/** @file What is known of a node before it is split, and how histograms lie in the memory. */

/** Bytes of a feature's histogram: 256 pairs of float64, and a cache line that keeps features apart in the cache. */
export const featureBytes = 4160;

/** Sums over a node's rows, and the least and most that its leaf may be. */
export interface NodeSums {
  readonly gradient: number;
  readonly second: number;
  readonly low: number;
  readonly high: number;
}
