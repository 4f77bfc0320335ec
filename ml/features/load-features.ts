/** @file Fitted features that were stored as JSON. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { FittedFeatures } from "./fitted-features.ts";
import type { FittedStep } from "./fitted-route.ts";
import { featureColumnTypes } from "./input-columns.ts";
import { findStep } from "./step-registry.ts";

const inputSchema = v.object({
  name: v.string(),
  type: v.picklist(featureColumnTypes),
  dtype: v.picklist(["float32", "float64", "int64", "bool", "string"]),
});
const stepSchema = v.object({ kind: v.string(), state: v.unknown() });
const schema = v.object({
  version: v.literal(1),
  inputs: v.array(inputSchema),
  routes: v.array(
    v.object({
      columns: v.pipe(v.array(v.string()), v.minLength(1)),
      steps: v.pipe(v.array(stepSchema), v.minLength(1)),
    }),
  ),
  piped: v.optional(v.array(stepSchema), []),
});

/**
 * Fitted features out of what `JSON.stringify` made of them.
 * @throws {@link InvalidInputError} for what isn't that, or of kinds of steps that this version doesn't know
 */
export function loadFeatures(json: unknown): FittedFeatures {
  const parsed = v.safeParse(schema, json);
  if (!parsed.success) throw notFeatures(parsed.issues);
  const routes = parsed.output.routes.map(({ columns, steps }) => ({
    columns,
    steps: steps.map(checkedStep),
  }));
  const names = new Set(parsed.output.inputs.map(({ name }) => name));
  const lost = routes.flatMap(({ columns }) => columns).find((name) => !names.has(name));
  if (lost !== undefined) throw new InvalidInputError(`these are no fitted features: no input "${lost}"`);
  return new FittedFeatures(parsed.output.inputs, routes, parsed.output.piped.map(checkedStep));
}

function checkedStep({ kind, state }: v.InferOutput<typeof stepSchema>): FittedStep {
  const found = v.safeParse(findStep(kind).state, state);
  if (!found.success) throw notFeatures(found.issues, kind);
  return { kind, state: found.output };
}

function notFeatures(
  issues: [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]],
  kind?: string,
): InvalidInputError {
  const [{ message }] = issues;
  const place = v.getDotPath(issues[0]);
  return new InvalidInputError(
    `these are no fitted features: ${kind === undefined ? "" : `${kind}: `}${place === null ? "" : `${place}: `}${message}`,
  );
}
