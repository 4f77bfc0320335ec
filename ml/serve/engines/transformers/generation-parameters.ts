/** @file What a caller may say of a generation, in the library's names. */
import * as v from "valibot";
import { InvalidInputError } from "../../../errors.ts";
import type { Parameters } from "../../inference.ts";

const schema = v.object({
  max_new_tokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  do_sample: v.optional(v.boolean()),
  temperature: v.optional(v.pipe(v.number(), v.gtValue(0))),
  top_k: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  top_p: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  repetition_penalty: v.optional(v.pipe(v.number(), v.gtValue(0))),
});

/**
 * The parameters of a request that are a generation's; others are left out.
 * @param most the most tokens that may be asked for
 * @throws {@link InvalidInputError} that names the parameter
 */
export function generationParameters(given: Parameters, most: number): Parameters {
  const found = v.safeParse(schema, given);
  if (!found.success) {
    const [issue] = found.issues;
    throw new InvalidInputError(`the parameter ${v.getDotPath(issue) ?? ""}: ${issue.message}`);
  }
  const { max_new_tokens: tokens = most } = found.output;
  if (tokens > most)
    throw new InvalidInputError(`the parameter max_new_tokens: ${tokens} is more than the model's ${most}`);
  return Object.fromEntries(
    Object.entries(found.output).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
