/** @file What each subject of the benchmark of tables prints. */
import * as v from "valibot";

/** The questions, in the order in which they are asked. */
export const questions = [
  "read all columns",
  "aggregate",
  "filter and group",
  "group by two keys",
  "join",
  "rank in groups",
  "first 100 of a sort",
  "asof join, 1M with 10M",
] as const;

/** The milliseconds and the answer of each question, and what memory was held at most. */
export const outcomeSchema = v.object({
  version: v.string(),
  times: v.record(v.string(), v.array(v.number())),
  answers: v.record(v.string(), v.array(v.number())),
  /** MiB. */
  peak: v.number(),
});

/** One subject's outcome. */
export type Outcome = v.InferOutput<typeof outcomeSchema>;
