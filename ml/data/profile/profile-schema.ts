/** @file Reads profiles that come from elsewhere: a file, another program. */
import * as v from "valibot";
import { parseStored } from "../report-format.ts";
import type { ProfileData, WarningCode } from "./profile-data.ts";

/** JSON that is no profile, or one of another version. */
export class ProfileFormatError extends Error {
  override readonly name = "ProfileFormatError";
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const value = v.union([v.string(), v.number(), v.boolean()]);
const measure = v.nullable(v.number());
const names = v.array(v.string());
const matrix = v.array(v.array(measure));
const sampledRows = v.exactOptional(count);
const histogram = v.object({ edges: v.array(v.number()), counts: v.array(count) });
const association = v.object({ columns: names, values: matrix, sampledRows });
const kinds = ["number", "boolean", "date", "category", "text", "other"] as const;
const warningCodes = [
  "no-rows",
  "all-missing",
  "mostly-missing",
  "constant",
  "unique",
  "high-cardinality",
  "imbalanced",
  "skewed",
  "zeros",
  "infinite",
  "outliers",
  "suspicious-value",
  "numbers-as-text",
  "dates-as-text",
  "blank-text",
  "untrimmed-text",
  "high-correlation",
  "duplicate-rows",
] as const satisfies readonly WarningCode[];

const numberStatistics = v.object({
  min: value,
  max: value,
  mean: v.number(),
  standardDeviation: measure,
  skewness: measure,
  kurtosis: measure,
  zeros: count,
  negatives: count,
  infinite: count,
  nan: count,
  outliers: count,
  quantiles: v.array(v.object({ q: v.number(), value: v.number() })),
  quantilesApproximate: v.boolean(),
  histogram,
});

const column = v.object({
  name: v.string(),
  type: v.string(),
  kind: v.picklist(kinds),
  missing: count,
  distinct: v.object({ count, approximate: v.boolean() }),
  top: v.object({ values: v.array(v.object({ value, count })), approximate: v.boolean() }),
  number: v.exactOptional(numberStatistics),
  date: v.exactOptional(v.object({ min: v.string(), max: v.string(), histogram })),
  text: v.exactOptional(
    v.object({
      minLength: count,
      meanLength: v.number(),
      maxLength: count,
      blank: count,
      untrimmed: count,
      numeric: v.number(),
      dates: v.number(),
    }),
  ),
});

/** A profile of version 1. */
export const profileSchema = v.object({
  format: v.literal("tenon.profile"),
  version: v.literal(1),
  rows: count,
  duplicateRows: count,
  columns: v.array(column),
  associations: v.object({
    pearson: v.exactOptional(association),
    spearman: v.exactOptional(association),
    cramersV: v.exactOptional(association),
    correlationRatio: v.exactOptional(
      v.object({ categories: names, numbers: names, values: matrix, sampledRows }),
    ),
  }),
  missing: v.object({
    cells: count,
    completeRows: count,
    patterns: v.array(v.object({ columns: names, rows: count })),
    patternCount: count,
  }),
  warnings: v.array(
    v.object({
      code: v.picklist(warningCodes),
      severity: v.picklist(["warning", "note"]),
      columns: names,
      message: v.string(),
    }),
  ),
  sampledRows,
});

/**
 * Reads JSON (text, or what it parses to) as a profile.
 * @throws {@link ProfileFormatError} where it is none, or of a version that this release does not know
 */
export function parseProfile(json: unknown): ProfileData {
  return parseStored(json, {
    what: "profile",
    format: "tenon.profile",
    schema: profileSchema,
    fail: (message, options) => new ProfileFormatError(message, options),
  });
}
