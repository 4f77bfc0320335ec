/** @file The rules by which callers who name no version get one, as JSON has them. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";

const version = v.pipe(v.string(), v.nonEmpty(), v.maxLength(255));
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const weightsSchema = v.pipe(
  v.array(v.strictObject({ version, weight: v.pipe(v.number(), v.finite(), v.minValue(0)) })),
  v.minLength(1),
  v.maxLength(32),
  v.check((routes) => routes.some(({ weight }) => weight > 0), "one weight must be above 0"),
  v.check(
    (routes) => new Set(routes.map((route) => route.version)).size === routes.length,
    "a version stands there twice",
  ),
);

const blueGreenSchema = v.strictObject({
  blue: version,
  green: version,
  active: v.picklist(["blue", "green"]),
});

const shadowSchema = v.strictObject({
  version,
  /** The share of calls that it sees too. */
  share,
  /** By how much a number may differ, as a share of the greater magnitude. */
  tolerance: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0)), 1e-5),
});

const gatesSchema = v.strictObject({
  /** The version that all go back to. */
  baseline: version,
  windowSeconds: v.optional(positive, 60),
  /** Calls of a version within the window below which nothing is decided. */
  minimumRequests: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), 100),
  /** The greatest share of calls that the model fails. */
  maxErrorRate: v.optional(share),
  /** The greatest 99th percentile of times. */
  maxP99Seconds: v.optional(positive),
  /** The greatest population stability index of any output against the baseline's. */
  maxDrift: v.optional(positive),
});

const ruleSchema = v.pipe(
  v.strictObject({
    weights: v.optional(weightsSchema),
    blueGreen: v.optional(blueGreenSchema),
    shadows: v.optional(v.pipe(v.array(shadowSchema), v.maxLength(8)), []),
    gates: v.optional(gatesSchema),
    /** Why all went back to the baseline; written by the service. */
    rolledBack: v.optional(v.strictObject({ version, reason: v.string(), time: v.string() })),
  }),
  v.check(
    ({ weights, blueGreen }) => (weights === undefined) !== (blueGreen === undefined),
    "a rule has either weights or blueGreen",
  ),
);

/** The schema of {@link TrafficRules}. */
export const rulesSchema = v.strictObject({
  version: v.literal(1),
  models: v.record(v.pipe(v.string(), v.nonEmpty()), ruleSchema),
});

/**
 * The rule of a model. `version` is a version's number or an alias of the registry; an alias follows the registry.
 * `weights` are relative, of canaries and A/B tests; `blueGreen` sends all to the active one of two; `shadows` see a share of the
 * calls too, and their answers are only compared; `gates` send all back to the baseline when another version does badly.
 */
export type TrafficRule = v.InferOutput<typeof ruleSchema>;
/** A version that sees calls without answering them. */
export type Shadow = v.InferOutput<typeof shadowSchema>;
/** When a version is taken back. */
export type Gates = v.InferOutput<typeof gatesSchema>;
/** The rules of all models that have one. */
export type TrafficRules = v.InferOutput<typeof rulesSchema>;

/** @throws {InvalidInputError} that names the field, for what is no rule */
export function parseRule(input: unknown): TrafficRule {
  return parse(ruleSchema, input, "the rule");
}

/** @throws {InvalidInputError} that names the field, for what is no file of rules */
export function parseRules(input: unknown): TrafficRules {
  return parse(rulesSchema, input, "the traffic rules");
}

/** The versions that a rule speaks of. */
export function ruleVersions({ weights, blueGreen, shadows, gates }: TrafficRule): string[] {
  const named = [
    ...(weights?.map((route) => route.version) ?? []),
    ...(blueGreen ? [blueGreen.blue, blueGreen.green] : []),
    ...shadows.map((shadow) => shadow.version),
    ...(gates ? [gates.baseline] : []),
  ];
  return [...new Set(named)];
}

/** The versions that answer by a rule, with their weights. */
export function ruleWeights({
  weights,
  blueGreen,
}: TrafficRule): readonly { readonly version: string; readonly weight: number }[] {
  if (blueGreen) return [{ version: blueGreen[blueGreen.active], weight: 1 }];
  return (weights ?? []).filter(({ weight }) => weight > 0);
}

/** The rule after the other of blue and green became active. Throws {@link InvalidInputError} where there is no such pair. */
export function switched(rule: TrafficRule): TrafficRule {
  const { blueGreen } = rule;
  if (!blueGreen) throw new InvalidInputError("only a rule with blueGreen can be switched");
  return { ...rule, blueGreen: { ...blueGreen, active: blueGreen.active === "blue" ? "green" : "blue" } };
}

/** The rule after all went back to the baseline, or to a version that is named. */
export function rolledBack(
  rule: TrafficRule,
  cause: NonNullable<TrafficRule["rolledBack"]>,
  to: string,
): TrafficRule {
  const { shadows, gates } = rule;
  return { shadows, ...(gates && { gates }), weights: [{ version: to, weight: 1 }], rolledBack: cause };
}

function parse<const S extends v.GenericSchema>(schema: S, input: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new InvalidInputError(`${what}${path === null ? "" : `: ${path}`}: ${issue.message}`);
}
