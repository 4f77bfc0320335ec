/** @file The parts of CatBoost's JSON model that a forest is made of (CatBoost, "JSON model"). */
import * as v from "valibot";

const numbers = v.array(v.number());

const floatFeature = v.object({
  feature_id: v.optional(v.string(), ""),
  feature_index: v.number(),
  flat_feature_index: v.number(),
  nan_value_treatment: v.optional(v.picklist(["AsIs", "AsFalse", "AsTrue"]), "AsIs"),
});

const otherFeature = v.object({ flat_feature_index: v.number(), feature_id: v.optional(v.string(), "") });

const split = v.object({
  split_type: v.optional(v.string(), "FloatFeature"),
  border: v.optional(v.number()),
  float_feature_index: v.optional(v.number()),
});

/** A test of a float feature; others have no border. */
export type CatboostSplit = v.InferOutput<typeof split>;

/** A node of a tree that isn't symmetric: a leaf's value, or a split with both sides. */
export interface CatboostNode {
  readonly value?: number | readonly number[] | undefined;
  readonly weight?: number | undefined;
  readonly split?: CatboostSplit | undefined;
  readonly left?: unknown;
  readonly right?: unknown;
}

/** One node; its sides are of the same schema. */
export const catboostNodeSchema: v.GenericSchema<unknown, CatboostNode> = v.object({
  value: v.optional(v.union([v.number(), numbers])),
  weight: v.optional(v.number()),
  split: v.optional(split),
  left: v.optional(v.unknown()),
  right: v.optional(v.unknown()),
});

const symmetricTree = v.object({
  splits: v.nullish(v.array(split), []),
  leaf_values: numbers,
  leaf_weights: v.nullish(numbers, []),
});

/** A tree that tests the same at all nodes of a level. */
export type CatboostSymmetricTree = v.InferOutput<typeof symmetricTree>;

/** The whole model. */
export const catboostSchema = v.object({
  features_info: v.object({
    float_features: v.optional(v.array(floatFeature), []),
    categorical_features: v.optional(v.array(otherFeature), []),
    text_features: v.optional(v.array(otherFeature), []),
    embedding_features: v.optional(v.array(otherFeature), []),
  }),
  model_info: v.optional(
    v.object({
      class_params: v.optional(
        v.object({
          class_names: v.optional(v.array(v.union([v.string(), v.number(), v.boolean()]))),
        }),
      ),
      params: v.optional(v.object({ loss_function: v.optional(v.object({ type: v.optional(v.string()) })) })),
    }),
  ),
  oblivious_trees: v.optional(v.array(symmetricTree)),
  trees: v.optional(v.array(v.unknown())),
  scale_and_bias: v.optional(v.tuple([v.number(), v.union([v.number(), numbers])]), [1, 0]),
});

/** What the whole model's schema gives. */
export type CatboostModel = v.InferOutput<typeof catboostSchema>;
