/** @file What a project demands of a model's version before an alias may point to it: the file `tenon.policy.json`. */
import * as v from "valibot";
import { readModel } from "../../model-json.ts";

const name = v.pipe(v.string(), v.minLength(1));
const finite = v.pipe(v.number(), v.finite());

const metricSchema = v.pipe(
  v.strictObject({
    name,
    /** The least value that it may have. */
    min: v.exactOptional(finite),
    /** The greatest value that it may have. */
    max: v.exactOptional(finite),
    /** The kind of evidence that it must be a figure of; any, and the run's metrics, where not given. */
    evidence: v.exactOptional(name),
  }),
  v.check(({ min, max }) => min !== undefined || max !== undefined, "a metric needs a min or a max"),
  v.check(({ min, max }) => min === undefined || max === undefined || min <= max, "min is above max"),
);

const ruleSchema = v.strictObject({
  alias: v.pipe(v.string(), v.regex(/^[\p{L}\p{N}_-]+$/u, "no alias has such a name")),
  /** The models that it is about, `*` standing for any characters; all where not given. */
  models: v.exactOptional(v.pipe(v.array(name), v.minLength(1))),
  metrics: v.exactOptional(v.array(metricSchema), []),
  /** Kinds of evidence that must be there and passed. */
  evidence: v.exactOptional(v.array(name), []),
  /** Whether callers of the version that has the alias must be able to go on with the new one. */
  compatibleSignature: v.exactOptional(v.boolean(), false),
  /** How many people other than the author must approve. */
  approvals: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  /** Public keys in PEM, or files of them beside the policy: one of them must have signed the model's files. */
  signedBy: v.exactOptional(v.pipe(v.array(name), v.minLength(1))),
});

// A word that nobody knows is refused everywhere: a demand that is misspelt must not be no demand.
const policySchema = v.strictObject({
  $schema: v.exactOptional(v.string()),
  version: v.literal(1),
  rules: v.array(ruleSchema),
});

/** What one rule demands of a metric. */
export type MetricDemand = v.InferOutput<typeof metricSchema>;

/** What is demanded of versions of some models before an alias points to them. */
export type PolicyRule = v.InferOutput<typeof ruleSchema>;

/** All rules. */
export type Policy = v.InferOutput<typeof policySchema>;

/**
 * The policy in plain data.
 * @throws {@link InvalidInputError} that names the first part that doesn't fit; a word that no policy has is one
 */
export function parsePolicy(json: unknown): Policy {
  return readModel("policy", policySchema, json);
}

/** The rules of an alias of a model: each must be met. */
export function rulesOf(policy: Policy, model: string, alias: string): readonly PolicyRule[] {
  return policy.rules.filter((rule) => rule.alias === alias && isAbout(rule, model));
}

/** The aliases of a model that the policy protects. */
export function protectedAliases(policy: Policy, model: string): ReadonlySet<string> {
  return new Set(policy.rules.filter((rule) => isAbout(rule, model)).map(({ alias }) => alias));
}

function isAbout({ models }: PolicyRule, model: string): boolean {
  return models === undefined || models.some((pattern) => matches(pattern, model));
}

/** Whether a text has the parts of a pattern between its stars, in their order. Takes time in proportion to both. */
function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  if (!text.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return text === first;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
