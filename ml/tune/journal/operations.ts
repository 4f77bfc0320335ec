/**
 * @file The lines of a journal: each an operation, as Optuna's JournalStorage writes them (optuna/storages/journal, releases
 * 3 to 5). Numbers for states, directions and operations are Optuna's.
 */
import * as v from "valibot";
import type { TrialState } from "../trial-record.ts";
import { extendedJson, type Json, parseExtendedJson } from "./extended-json.ts";

/** The states by their number. */
export const states = ["running", "complete", "pruned", "fail", "waiting"] as const satisfies TrialState[];

/** Thrown where a journal holds what is no operation, or one that can't be. */
export class JournalFormatError extends Error {
  override readonly name = "JournalFormatError";
}

/**
 * Values by any name. (`v.record` leaves out names that objects have of their own, such as "constructor", which a parameter
 * or an attribute may have.)
 */
function named<Value>(
  value: v.GenericSchema<unknown, Value>,
): v.GenericSchema<unknown, Readonly<Record<string, Value>>> {
  return v.pipe(
    v.custom<object>(
      (given) => typeof given === "object" && given !== null && !Array.isArray(given),
      "an object is missing",
    ),
    v.transform((given) => Object.entries(given)),
    v.array(v.tuple([v.string(), value])),
    v.transform((entries) => Object.fromEntries(entries)),
  );
}

const jsonSchema: v.GenericSchema<unknown, Json> = v.lazy(() =>
  v.union([
    v.null(),
    v.boolean(),
    // NaN too, which v.number() refuses.
    v.custom<number>((value) => typeof value === "number"),
    v.string(),
    v.array(jsonSchema),
    named(jsonSchema),
  ]),
);
const number = v.custom<number>((value) => typeof value === "number", "a number is missing");
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const state = v.picklist([0, 1, 2, 3, 4]);
const time = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), "a time is none"),
);
const values = v.nullish(v.array(number), null);
const attributes = named(jsonSchema);
const inTrial = { worker_id: v.string(), trial_id: index };
const inStudy = { worker_id: v.string(), study_id: index };

/** What a line may be. */
const operationSchema = v.variant("op_code", [
  v.object({
    op_code: v.literal(0),
    worker_id: v.string(),
    study_name: v.string(),
    directions: v.pipe(v.array(v.picklist([0, 1, 2])), v.minLength(1)),
  }),
  v.object({ op_code: v.literal(1), ...inStudy }),
  v.object({ op_code: v.literal(2), ...inStudy, user_attr: attributes }),
  v.object({ op_code: v.literal(3), ...inStudy, system_attr: attributes }),
  v.object({
    op_code: v.literal(4),
    ...inStudy,
    datetime_start: v.nullable(time),
    datetime_complete: v.optional(time),
    state: v.optional(state),
    value: v.nullish(number, null),
    values,
    distributions: v.optional(named(v.string())),
    params: v.optional(named(number)),
    user_attrs: v.optional(attributes),
    system_attrs: v.optional(attributes),
    intermediate_values: v.optional(
      v.record(v.pipe(v.string(), v.regex(/^-?\d+$/, "a step is no number")), number),
    ),
  }),
  v.object({
    op_code: v.literal(5),
    ...inTrial,
    param_name: v.string(),
    param_value_internal: number,
    distribution: v.string(),
  }),
  v.object({
    op_code: v.literal(6),
    ...inTrial,
    state,
    values,
    datetime_start: v.optional(time),
    datetime_complete: v.optional(time),
  }),
  v.object({
    op_code: v.literal(7),
    ...inTrial,
    step: v.pipe(v.number(), v.safeInteger()),
    intermediate_value: number,
  }),
  v.object({ op_code: v.literal(8), ...inTrial, user_attr: attributes }),
  v.object({ op_code: v.literal(9), ...inTrial, system_attr: attributes }),
  // Written by another program that shares the format; says nothing about what is kept.
  v.object({ op_code: v.literal(10) }),
]);

/** A line of a journal. */
export type Operation = v.InferOutput<typeof operationSchema>;

/**
 * Reads a line.
 * @throws {@link JournalFormatError} that says what is wrong with it
 */
export function parseOperation(line: string, where: string): Operation {
  let json: unknown;
  try {
    json = parseExtendedJson(line);
  } catch (cause) {
    throw new JournalFormatError(`${where} is no JSON: the file is damaged or no journal of Optuna's`, {
      cause,
    });
  }
  const result = checked(json, where);
  if (result.success) return result.output;
  throw new JournalFormatError(`${where} is no operation of a journal: ${v.summarize(result.issues)}`);
}

function checked(json: unknown, where: string): v.SafeParseResult<typeof operationSchema> {
  try {
    return v.safeParse(operationSchema, json);
  } catch (cause) {
    // The stack has an end.
    throw new JournalFormatError(`${where} is nested too deeply`, { cause });
  }
}

/** Writes a line, without its end. */
export function operationLine(operation: Operation): string {
  // SAFETY: an operation is plain data; a member that is undefined is not written.
  return extendedJson(operation as unknown as Json);
}

/** The time as Optuna writes it. */
export function timeText(time: Date = new Date()): string {
  return time.toISOString().replace("Z", "000+00:00");
}
