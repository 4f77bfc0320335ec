/** @file Intervals: how far an estimate may be from the truth. */
export { bootstrapInterval, type BootstrapInterval, type BootstrapOptions } from "./bootstrap.ts";
export { delongInterval, delongTest, type AucComparison, type AucInterval } from "./delong.ts";
export { wilsonInterval } from "./wilson.ts";
export type { RowArray } from "../../row-selection.ts";
export type { ConfidenceOptions, Interval } from "./interval.ts";
