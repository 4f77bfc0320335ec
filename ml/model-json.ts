/** @file Models that were stored as JSON, read by a schema with errors a person understands. */
import * as v from "valibot";
import { InvalidInputError } from "./errors.ts";

/** The schema of what every model's JSON has beside its kind. */
export const modelParts = {
  version: v.literal(1),
  featureNames: v.pipe(v.array(v.string()), v.minLength(1)),
};

/**
 * What a model's JSON holds.
 * @param what the model, as in "these are no …"
 * @throws {@link InvalidInputError} that names the first part that doesn't fit
 */
export function readModel<const Schema extends v.GenericSchema>(
  what: string,
  schema: Schema,
  json: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  throw new InvalidInputError(`this is no ${what}: ${place === null ? "" : `${place}: `}${issue.message}`);
}

/** The schema of numbers, all of them finite. */
export function finiteNumbers(
  array: v.GenericSchema<unknown, Float64Array>,
): v.GenericSchema<unknown, Float64Array> {
  return v.pipe(
    array,
    v.check((numbers) => numbers.every((value) => Number.isFinite(value)), "all numbers must be finite"),
  );
}
