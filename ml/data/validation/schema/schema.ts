/**
 * @file Schemas in the terms of TensorFlow Data Validation: the JSON form of `tensorflow_metadata`'s Schema message, of
 * which this is the part that tables need. TFDV reads what is written here.
 */
import * as v from "valibot";
import { SuiteError } from "../errors.ts";
import { describeIssue } from "../expectation.ts";

// Protocol buffers write 64-bit integers as text.
const integer = v.union([
  v.pipe(v.number(), v.integer()),
  v.pipe(v.string(), v.regex(/^-?\d+$/, "is not an integer")),
]);
const threshold = v.object({ threshold: v.pipe(v.number(), v.minValue(0)) });
const comparator = v.object({
  infinityNorm: v.optional(threshold),
  jensenShannonDivergence: v.optional(threshold),
});

const featureSchema = v.object({
  name: v.pipe(v.string(), v.minLength(1)),
  type: v.optional(v.picklist(["BYTES", "INT", "FLOAT", "STRUCT"])),
  presence: v.optional(
    v.object({
      minFraction: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
      minCount: v.optional(integer),
    }),
  ),
  stringDomain: v.optional(v.object({ value: v.array(v.string()) })),
  intDomain: v.optional(v.object({ min: v.optional(integer), max: v.optional(integer) })),
  floatDomain: v.optional(v.object({ min: v.optional(v.number()), max: v.optional(v.number()) })),
  boolDomain: v.optional(v.object({})),
  driftComparator: v.optional(comparator),
  skewComparator: v.optional(comparator),
});

const schemaSchema = v.object({ feature: v.array(featureSchema) });

/** What is expected of one column. */
export type SchemaFeature = v.InferOutput<typeof featureSchema>;

/** What is expected of a table's columns. */
export type DataSchema = v.InferOutput<typeof schemaSchema>;

/** How far two tables' distributions of a column may be apart. */
export type Comparator = v.InferOutput<typeof comparator>;

/**
 * Parses a schema's JSON. What it holds beyond what tables need is left out.
 * @throws {@link SuiteError} with the first problem
 */
export function parseSchema(text: string, place = "the schema"): DataSchema {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SuiteError(`${place} is no JSON`, { cause });
  }
  const parsed = v.safeParse(schemaSchema, json);
  if (parsed.success) return parsed.output;
  throw new SuiteError(`${place}: ${parsed.issues.map(describeIssue)[0]}`);
}
