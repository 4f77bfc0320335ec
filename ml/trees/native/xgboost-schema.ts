/** @file The parts of XGBoost's JSON model that a forest is made of (XGBoost, "Introduction to Model IO"). */
import * as v from "valibot";

const numbers = v.array(v.number());
/** Nodes that test categories have NaN for a threshold in files of XGBoost 2. */
const thresholds = v.array(
  v.union([
    v.number(),
    v.nan(),
    v.pipe(
      v.null(),
      v.transform(() => Number.NaN),
    ),
  ]),
);
/** JSON has whole numbers as texts in settings. */
const count = v.pipe(
  v.string(),
  v.transform(Number),
  v.check((value) => Number.isSafeInteger(value) && value >= 0, "a whole number is needed"),
);

const tree = v.object({
  tree_param: v.object({ num_nodes: count, size_leaf_vector: v.optional(count, "1") }),
  left_children: numbers,
  right_children: numbers,
  split_indices: numbers,
  split_conditions: thresholds,
  split_type: v.optional(numbers, []),
  default_left: v.array(v.union([v.number(), v.boolean()])),
  categories: v.optional(numbers, []),
  categories_nodes: v.optional(numbers, []),
  categories_segments: v.optional(numbers, []),
  categories_sizes: v.optional(numbers, []),
  base_weights: v.optional(numbers, []),
  leaf_weights: v.optional(numbers, []),
  sum_hessian: v.optional(numbers, []),
  loss_changes: v.optional(numbers, []),
});

/** One tree in flat arrays. */
export type XgboostTree = v.InferOutput<typeof tree>;

const treeModel = v.object({ trees: v.array(tree), tree_info: numbers });

const booster = v.variant("name", [
  v.object({ name: v.literal("gbtree"), model: treeModel }),
  v.object({
    name: v.literal("dart"),
    gbtree: v.object({ model: treeModel }),
    weight_drop: numbers,
  }),
]);

/** The whole model. */
export const xgboostSchema = v.object({
  learner: v.object({
    feature_names: v.optional(v.array(v.string()), []),
    gradient_booster: booster,
    learner_model_param: v.object({
      base_score: v.string(),
      num_class: v.optional(count, "0"),
      num_feature: count,
      num_target: v.optional(count, "1"),
    }),
    objective: v.object({ name: v.string() }),
  }),
});

/** What the whole model's schema gives. */
export type XgboostModel = v.InferOutput<typeof xgboostSchema>;
