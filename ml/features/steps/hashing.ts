/** @file Feature hashing: a fixed number of features for any number of texts. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { where } from "../../graph/functions/elementwise.ts";
import { oneHot } from "../../graph/functions/indexing.ts";
import { murmurHash } from "../../graph/ops/encoding.ts";
import { Tensor } from "../../graph/tensor.ts";
import { remainder } from "../../graph/functions/elementwise.ts";
import type { StepDefinition } from "../step.ts";
import { eachColumn, isEmptyText, sideBySide } from "../traced.ts";
import type { TextColumn, Transformer } from "../transformer.ts";

/** How {@link hashing} places texts. */
export interface HashingOptions {
  /** How many features; 64 where absent. */
  readonly features?: number;
  /** Whether the hash also gives the sign, so that collisions cancel out on average; it does where absent. */
  readonly alternateSign?: boolean;
}

const state = v.object({
  features: v.pipe(v.number(), v.integer(), v.minValue(1)),
  alternateSign: v.boolean(),
});

/**
 * Puts 1 or -1 in the feature that a text's hash names (MurmurHash3): scikit-learn's FeatureHasher on one text a row.
 * There is nothing to fit and no unknown text; different texts may share a feature. What is missing gives zeros.
 */
export function hashing({ features = 64, alternateSign = true }: HashingOptions = {}): Transformer<
  TextColumn,
  "number"
> {
  if (!Number.isInteger(features) || features < 1 || features > 2 ** 20)
    throw new InvalidInputError(`hashing: ${features} is no number of features from 1 to 1048576`);
  return { kind: "hashing", settings: { features, alternateSign } };
}

/** The kind of step behind {@link hashing}. */
export const hashingStep: StepDefinition<Required<HashingOptions>, v.InferOutput<typeof state>> = {
  kind: "hashing",
  state,
  takes: "text",
  fit: async ({ features, alternateSign }) => ({ features, alternateSign }),
  names: ({ features }, columns) =>
    columns.flatMap((name) => Array.from({ length: features }, (_, at) => `${name} hash ${at}`)),
  trace: ({ features, alternateSign }, columns) =>
    sideBySide(
      eachColumn(columns).map(({ tensor: texts }) => {
        // Int64, since int32 has no -(-2³¹).
        const hash = new Tensor(murmurHash(texts.value)).cast("int64");
        const feature = where(isEmptyText(texts), -1, remainder(hash.abs(), features));
        const ones = oneHot(feature.reshape([-1]), features);
        if (!alternateSign) return ones;
        return ones.mul(hash.greaterOrEqual(0).cast("float32").mul(2).sub(1));
      }),
    ),
};
