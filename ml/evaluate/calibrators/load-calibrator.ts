import * as v from "valibot";
import { arraySchema } from "../../array-json.ts";
import { InvalidInputError } from "../../errors.ts";
import type { Calibrator } from "./calibrator.ts";
import { fromSteps } from "./isotonic.ts";
import { fromSigmoid } from "./platt.ts";

const version = v.literal(1);
const schema = v.variant("kind", [
  v.object({
    version,
    kind: v.literal("sigmoid"),
    slope: v.pipe(v.number(), v.finite()),
    intercept: v.pipe(v.number(), v.finite()),
  }),
  v.pipe(
    v.object({
      version,
      kind: v.literal("isotonic"),
      scores: arraySchema("float64"),
      probabilities: arraySchema("float64"),
    }),
    v.check(
      ({ scores, probabilities }) => scores.length === probabilities.length,
      "unequal numbers of points",
    ),
    v.check(({ scores }) => scores.length > 0, "no points"),
    v.check(({ scores }) => rises(scores, (a, b) => a < b), "scores that don't rise"),
    v.check(({ probabilities }) => rises(probabilities, (a, b) => a <= b), "probabilities that fall"),
    v.check(
      ({ probabilities }) => (probabilities[0] ?? 0) >= 0 && (probabilities.at(-1) ?? 0) <= 1,
      "probabilities that aren't between 0 and 1",
    ),
  ),
]);

/**
 * A calibrator out of what `JSON.stringify` made of it.
 * @throws {@link InvalidInputError} for what isn't that
 */
export function loadCalibrator(json: unknown): Calibrator {
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const place = v.getDotPath(issue);
    throw new InvalidInputError(
      `this is no calibrator: ${place === null ? "" : `${place}: `}${issue.message}`,
    );
  }
  return parsed.output.kind === "sigmoid" ? fromSigmoid(parsed.output) : fromSteps(parsed.output);
}

function rises(values: Float64Array, isInOrder: (a: number, b: number) => boolean): boolean {
  return values.every(
    (value, at) => Number.isFinite(value) && (at === 0 || isInOrder(values[at - 1] ?? Number.NaN, value)),
  );
}
