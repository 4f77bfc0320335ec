/**
 * @file The module's exports, for `../kernels.ts`.
 *
 * All kernels work in one memory at addresses that are multiples of 16, on little-endian data. A row's bins are bytes,
 * feature after feature; a gradient and its second derivative are a pair of float32; a histogram holds for each feature
 * 256 pairs of float64 and 64 bytes more, since features exactly 4096 bytes apart would share cache sets.
 */
export { sortKeys, sortKeysWithRows, orderedKeys, cutsOf } from "./cuts.as";
export { binRows } from "./bins.as";
export { clear, histogram, subtract, addHistogram } from "./histogram.as";
export { divide, copyRows, addToRows, numberRows } from "./partition.as";
export { bestSplit, bestBoundedSplit } from "./splits.as";
export { squaredErrorPairs, logisticPairs, poissonPairs, quantilePairs, softmaxPairs } from "./gradients.as";
export { roundPairs } from "./round-pairs.as";
export { addTree } from "./add-tree.as";
