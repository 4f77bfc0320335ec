/** @file What speaks for a model: one envelope for evaluations, fairness and drift reports, reviews, and what others add. */
import * as v from "valibot";

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "it must be a SHA-256 in hexadecimal"));

/** The schema of a piece of evidence. */
export const evidenceSchema = v.object({
  /** What was looked at, such as "evaluation" or "fairness". */
  kind: v.pipe(v.string(), v.minLength(1)),
  verdict: v.picklist(["passed", "failed", "unjudged"]),
  /** What was measured, by name. */
  figures: v.record(v.string(), v.pipe(v.number(), v.finite())),
  /** The SHA-256 of the report that says more. */
  report: v.optional(digest),
});

/** A piece of evidence. */
export type Evidence = v.InferOutput<typeof evidenceSchema>;

/** The schema of the file of evidence. */
export const evidenceFileSchema = v.object({ version: v.literal(1), evidence: v.array(evidenceSchema) });

const lineageSchema = v.object({
  /** What it was trained on. */
  data: v.optional(v.array(v.object({ name: v.string(), digest: v.optional(digest) }))),
  code: v.optional(v.object({ repository: v.optional(v.string()), commit: v.optional(v.string()) })),
  /** The id of the run that made it. */
  run: v.optional(v.string()),
  /** The models that it was made of. */
  parents: v.optional(v.array(v.string())),
});

/** Where a model comes from. */
export type Lineage = v.InferOutput<typeof lineageSchema>;

/** The schema of the file of lineage. */
export const lineageFileSchema = v.object({ version: v.literal(1), lineage: lineageSchema });
