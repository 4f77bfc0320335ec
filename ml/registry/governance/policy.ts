/** @file What a project demands of models before an alias may point to them and before they are loaded: `tenon.policy.json`. */
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

/** A public key in PEM or a file of one beside the policy; or who signs keyless, as the certificate says it, letter by letter. */
const signerSchema = v.union(
  [
    name,
    v.strictObject({
      /** An address, or the URI of a workflow or service. */
      identity: name,
      /** The OpenID provider that vouched for it. */
      issuer: name,
      /** A file `trusted_root.json` beside the policy; Sigstore's public deployment, which is fetched, where not given. */
      trustedRoot: v.exactOptional(name),
    }),
  ],
  "must be a key in PEM, a file of one, or identity and issuer",
);
const signedBySchema = v.pipe(v.array(signerSchema), v.minLength(1));
const modelsSchema = v.pipe(v.array(name), v.minLength(1));

const ruleSchema = v.strictObject({
  alias: v.pipe(v.string(), v.regex(/^[\p{L}\p{N}_-]+$/u, "no alias has such a name")),
  /** The models that it is about, `*` standing for any characters; all where not given. */
  models: v.exactOptional(modelsSchema),
  metrics: v.exactOptional(v.array(metricSchema), []),
  /** Kinds of evidence that must be there and passed. */
  evidence: v.exactOptional(v.array(name), []),
  /** Whether callers of the version that has the alias must be able to go on with the new one. */
  compatibleSignature: v.exactOptional(v.boolean(), false),
  /** How many people other than the author must approve. */
  approvals: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)), 0),
  /** One of these must have signed the model's files, also whenever a version that has the alias is loaded. */
  signedBy: v.exactOptional(signedBySchema),
});

const loadingSchema = v.strictObject({
  /** The models that it is about, `*` standing for any characters; all, also those that are not registered, where not given. */
  models: v.exactOptional(modelsSchema),
  /** One of these must have signed a model's files before any of them is read. */
  signedBy: signedBySchema,
});

// A word that nobody knows is refused everywhere: a demand that is misspelt must not be no demand.
const policySchema = v.strictObject({
  $schema: v.exactOptional(v.string()),
  version: v.literal(1),
  rules: v.array(ruleSchema),
  loading: v.exactOptional(v.array(loadingSchema), []),
});

/** What one rule demands of a metric. */
export type MetricDemand = v.InferOutput<typeof metricSchema>;

/** Who may have signed. */
export type PolicySigner = v.InferOutput<typeof signerSchema>;

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

/** A demand for a signature before a model is loaded. */
export interface LoadingDemand {
  /** Where it stands in the policy, such as `loading.0`. */
  readonly place: string;
  /** Who may have signed. */
  readonly signedBy: readonly PolicySigner[];
}

/**
 * What the policy demands before a model is loaded: of those that are loaded by a name, and of versions whose aliases are
 * protected by a signature, whatever they are asked by. Each demand must be met.
 * @param name undefined where the model has none: then only demands of all models are about it
 * @param aliases those that the version has
 */
export function loadingDemands(
  policy: Policy,
  name: string | undefined,
  aliases: readonly string[],
): readonly LoadingDemand[] {
  const ofLoading = policy.loading.flatMap((rule, index): readonly LoadingDemand[] =>
    isAbout(rule, name) ? [{ place: `loading.${index}`, signedBy: rule.signedBy }] : [],
  );
  const ofAliases = policy.rules.flatMap((rule, index): readonly LoadingDemand[] =>
    rule.signedBy !== undefined && aliases.includes(rule.alias) && isAbout(rule, name)
      ? [{ place: `rules.${index} (the alias ${rule.alias})`, signedBy: rule.signedBy }]
      : [],
  );
  return [...ofLoading, ...ofAliases];
}

function isAbout({ models }: Pick<PolicyRule, "models">, model: string | undefined): boolean {
  return models === undefined || (model !== undefined && models.some((pattern) => matches(pattern, model)));
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
