/**
 * @file What the benchmark and the processes that it compares say to each other: one JSON request a line on the
 * standard input, one answer a line on the standard output.
 */
import * as v from "valibot";
import { trainCaseNames } from "./cases.ts";

/** Builds a case with its data, or runs steps of it. */
export const requestSchema = v.union([
  v.object({ load: v.picklist(trainCaseNames) }),
  v.object({ run: v.pipe(v.number(), v.integer(), v.minValue(1)) }),
]);

/** What is asked. */
export type SubjectRequest = v.InferOutput<typeof requestSchema>;

/** A case is ready. */
export const loadedSchema = v.object({
  /** The program with its version, and the settings it chose. */
  ready: v.string(),
  /** Seconds of tracing and compiling; 0 where nothing is compiled. */
  compileSeconds: v.number(),
  /** Resident memory before the case was built: the program and its libraries. */
  baseMiB: v.number(),
});

/** Steps were run. */
export const ranSchema = v.object({
  /** One for each step. */
  seconds: v.array(v.number()),
  /** The last step's loss; of the matrix product, the mean of its elements. Null where it is not finite. */
  loss: v.nullable(v.number()),
  /** The most resident memory that the process ever had. */
  peakMiB: v.number(),
});

/** A request could not be met. */
export const failedSchema = v.object({ error: v.string() });

/** The answer to a load. */
export type Loaded = v.InferOutput<typeof loadedSchema>;
/** The answer to a run. */
export type Ran = v.InferOutput<typeof ranSchema>;
