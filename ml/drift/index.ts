/** @file `tenon/drift`: what was counted of a distribution, and how far one has moved from another. */
export { CategoryCounts, type CategoryCountsJson } from "./category-counts.ts";
export { NumberSketch, type NumberSketchJson } from "./number-sketch.ts";
export { drift, type Counted, type Drift } from "./stability.ts";
