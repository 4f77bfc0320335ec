/** @file How rows are split into training and test rows. */
export { kFold, leaveOneOut, repeated, timeSeriesSplit, type TimeSeriesOptions } from "./k-fold.ts";
export { stratifiedKFold } from "./stratified.ts";
export { groupKFold, stratifiedGroupKFold } from "./grouped.ts";
export { shuffleSplit, stratifiedShuffleSplit, type ShuffleOptions } from "./shuffled.ts";
export { purgedKFold, type PurgedOptions } from "./purged.ts";
export { nestedSplits, type NestedSplit } from "./nested.ts";
export type { FoldOptions, RowsToSplit, Spans, Split, Splitter } from "./splitter.ts";
