/** @file Reads comparisons that come from elsewhere. */
import * as v from "valibot";
import { parseStored } from "../report-format.ts";
import type { ComparisonData, FindingCode } from "./comparison-data.ts";

/** JSON that is no comparison, or one of another version. */
export class ComparisonFormatError extends Error {
  override readonly name = "ComparisonFormatError";
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const counts = v.array(count);
const value = v.union([v.string(), v.number(), v.boolean()]);
const measure = v.nullable(v.number());
const described = v.array(v.object({ name: v.string(), type: v.string() }));
const findingCodes = [
  "column-missing",
  "column-new",
  "type-changed",
  "distribution-shifted",
  "missing-changed",
  "new-values",
  "key-repeated",
] as const satisfies readonly FindingCode[];

const side = v.object({
  type: v.string(),
  rows: count,
  missing: count,
  distinct: v.object({ count, approximate: v.boolean() }),
  mean: measure,
  standardDeviation: measure,
  median: measure,
  min: v.nullable(value),
  max: v.nullable(value),
});

const distances = { psi: v.number(), jensenShannon: v.number() };
const numberDistribution = v.object({
  kind: v.picklist(["number", "date"]),
  ...distances,
  histogram: v.object({ edges: v.array(v.number()), a: counts, b: counts }),
  bins: v.object({ cuts: v.array(v.number()), a: counts, b: counts }),
  kolmogorovSmirnov: v.object({
    statistic: v.number(),
    pValue: v.number(),
    sampled: v.exactOptional(v.tuple([count, count])),
  }),
});
const categoryDistribution = v.object({
  kind: v.literal("category"),
  ...distances,
  levels: v.array(value),
  a: counts,
  b: counts,
  pooledLevels: count,
  chiSquare: v.exactOptional(
    v.object({ statistic: v.number(), degreesOfFreedom: count, pValue: v.number() }),
  ),
});

/** A comparison of version 1. */
export const comparisonSchema = v.object({
  format: v.literal("tenon.comparison"),
  version: v.literal(1),
  names: v.tuple([v.string(), v.string()]),
  rows: v.tuple([count, count]),
  schema: v.object({
    onlyA: described,
    onlyB: described,
    typeChanges: v.array(v.object({ name: v.string(), a: v.string(), b: v.string() })),
    reordered: v.boolean(),
  }),
  columns: v.array(
    v.object({
      name: v.string(),
      a: side,
      b: side,
      distribution: v.exactOptional(v.variant("kind", [numberDistribution, categoryDistribution])),
    }),
  ),
  overlap: v.exactOptional(
    v.object({
      key: v.array(v.string()),
      both: count,
      onlyA: count,
      onlyB: count,
      repeatedA: count,
      repeatedB: count,
      keylessA: count,
      keylessB: count,
      comparedRows: count,
      changedRows: count,
      changes: v.array(v.object({ column: v.string(), rows: count })),
    }),
  ),
  findings: v.array(
    v.object({
      code: v.picklist(findingCodes),
      severity: v.picklist(["warning", "note"]),
      column: v.string(),
      message: v.string(),
    }),
  ),
});

/**
 * Reads JSON (text, or what it parses to) as a comparison.
 * @throws {@link ComparisonFormatError} where it is none, or of a version that this release does not know
 */
export function parseComparison(json: unknown): ComparisonData {
  return parseStored(json, {
    what: "comparison",
    format: "tenon.comparison",
    schema: comparisonSchema,
    fail: (message, options) => new ComparisonFormatError(message, options),
  });
}
