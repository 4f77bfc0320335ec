/** @file Distributions in Optuna's form: a JSON text of `{"name": "FloatDistribution", "attributes": {…}}`. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { categorical, float, int, type Choice, type Distribution } from "../distributions.ts";
import { extendedJson, parseExtendedJson } from "./extended-json.ts";

const numericAttributes = { low: v.number(), high: v.number() };
const distributionSchema = v.variant("name", [
  v.object({
    name: v.literal("FloatDistribution"),
    attributes: v.object({ ...numericAttributes, log: v.boolean(), step: v.nullable(v.number()) }),
  }),
  v.object({
    name: v.literal("IntDistribution"),
    attributes: v.object({ ...numericAttributes, log: v.boolean(), step: v.number() }),
  }),
  v.object({
    name: v.literal("CategoricalDistribution"),
    attributes: v.object({
      choices: v.pipe(
        v.array(v.union([v.string(), v.number(), v.boolean(), v.null()])),
        v.minLength(1, "there are no choices"),
      ),
    }),
  }),
  // What Optuna wrote before its release 3.
  v.object({ name: v.literal("UniformDistribution"), attributes: v.object(numericAttributes) }),
  v.object({ name: v.literal("LogUniformDistribution"), attributes: v.object(numericAttributes) }),
  v.object({
    name: v.literal("DiscreteUniformDistribution"),
    attributes: v.object({ ...numericAttributes, q: v.number() }),
  }),
  v.object({
    name: v.literal("IntUniformDistribution"),
    attributes: v.object({ ...numericAttributes, step: v.number() }),
  }),
  v.object({ name: v.literal("IntLogUniformDistribution"), attributes: v.object(numericAttributes) }),
]);

/** A distribution as Optuna writes it. */
export function distributionJson(distribution: Distribution): string {
  const { kind } = distribution;
  if (kind === "categorical")
    return extendedJson({
      name: "CategoricalDistribution",
      attributes: { choices: distribution.choices },
    });
  const { low, high, log, step } = distribution;
  return kind === "float"
    ? extendedJson({ name: "FloatDistribution", attributes: { step: step ?? null, low, high, log } })
    : extendedJson({ name: "IntDistribution", attributes: { log, step: step ?? 1, low, high } });
}

const known = new Map<string, Distribution>();

/**
 * Reads what Optuna or {@link distributionJson} wrote. The same text gives the same object.
 * @throws {@link InvalidInputError} for anything else
 */
export function parseDistribution(text: string): Distribution {
  const before = known.get(text);
  if (before !== undefined) return before;
  const distribution = parse(text);
  // Few are different in a study; a file made to have many must not fill the memory.
  if (known.size >= 1000) known.clear();
  known.set(text, distribution);
  return distribution;
}

function parse(text: string): Distribution {
  let json: unknown;
  try {
    json = parseExtendedJson(text);
  } catch (cause) {
    throw new InvalidInputError("a distribution is no JSON", { cause });
  }
  const result = v.safeParse(distributionSchema, json);
  if (!result.success)
    throw new InvalidInputError(`a distribution is none of Optuna's: ${v.summarize(result.issues)}`);
  const { name, attributes } = result.output;
  switch (name) {
    case "FloatDistribution": {
      const { low, high, log, step } = attributes;
      return float(low, high, { log, ...(step !== null && { step }) });
    }
    case "IntDistribution":
      return int(attributes.low, attributes.high, { log: attributes.log, step: attributes.step });
    case "CategoricalDistribution":
      return choicesOf(attributes.choices);
    case "UniformDistribution":
      return float(attributes.low, attributes.high);
    case "LogUniformDistribution":
      return float(attributes.low, attributes.high, { log: true });
    case "DiscreteUniformDistribution":
      return float(attributes.low, attributes.high, { step: attributes.q });
    case "IntUniformDistribution":
      return int(attributes.low, attributes.high, { step: attributes.step });
    case "IntLogUniformDistribution":
      return int(attributes.low, attributes.high, { log: true });
  }
}

/** Python can tell 1 from 1.0 and True; where that makes a choice stand twice, the file's places must still count. */
function choicesOf(choices: readonly Choice[]): Distribution {
  const [first, ...others] = choices;
  if (first === undefined || new Set(choices).size < choices.length) return { kind: "categorical", choices };
  return categorical([first, ...others]);
}
