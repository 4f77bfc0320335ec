/** @file `tenon/data/compare`: how two tables differ. */
export { compare, type CompareOptions } from "./compare.ts";
export { TableComparison } from "./table-comparison.ts";
export { ComparisonError } from "./key-overlap.ts";
export { ComparisonFormatError } from "./comparison-schema.ts";
export { jensenShannonDistance, populationStabilityIndex } from "./distances.ts";
export { chiSquareTest, kolmogorovSmirnov } from "./two-sample-tests.ts";
export type * from "./comparison-data.ts";
