/** @file One-hot encoding: a feature for each category. */
import * as v from "valibot";
import { oneHot as oneHotTensor, take } from "../../graph/functions/indexing.ts";
import { tensor } from "../../graph/create.ts";
import { fittedCategories, unknownCategory, type CountedCategory } from "../categories.ts";
import { sqlCategoryPosition } from "../sql.ts";
import type { StepDefinition } from "../step.ts";
import { categoryPosition, eachColumn, sideBySide } from "../traced.ts";
import type { CategoryColumn, Transformer } from "../transformer.ts";

/** How {@link oneHot} encodes. */
export interface OneHotOptions {
  /**
   * What becomes of a category that the fit has not seen: an error in `transform` (the default), zeros, or the feature of
   * infrequent categories (zeros where there is none). A model can't throw: exported, "error" gives zeros.
   */
  readonly handleUnknown?: "error" | "ignore" | "infrequent";
  /** Categories in fewer rows than this, or in a smaller share of them where it is below 1, share one feature. */
  readonly minFrequency?: number;
  /** A category that has no feature: the first, or the first of columns with two categories. */
  readonly drop?: "first" | "ifBinary";
}

const category = v.union([v.string(), v.number(), v.null()]);
const encoded = v.object({
  categories: v.array(category),
  /** The feature of each category; -1 for one that is dropped. */
  features: v.array(v.number()),
  /** The labels of the features. */
  labels: v.array(v.string()),
  /** The feature of unknown categories, -1 for none; null where they are an error. */
  unknown: v.nullable(v.number()),
});
type Encoded = v.InferOutput<typeof encoded>;
const state = v.object({ columns: v.array(encoded) });

/**
 * A feature for each category that the fit saw, 1 where the column holds it: scikit-learn's OneHotEncoder. Categories
 * are in ascending order (texts by code points); a missing value is a category of its own, the last, if the fit saw one.
 * @example columns({ job: oneHot({ handleUnknown: "ignore", minFrequency: 20 }) })
 */
export function oneHot(options: OneHotOptions = {}): Transformer<CategoryColumn, "number"> {
  return { kind: "oneHot", settings: { ...options } };
}

/** The kind of step behind {@link oneHot}. */
export const oneHotStep: StepDefinition<OneHotOptions, v.InferOutput<typeof state>> = {
  kind: "oneHot",
  state,
  takes: "category",
  fit: async (options, columns, queries) => ({
    columns: await Promise.all(
      columns.map(async (column) => encode(await fittedCategories("oneHot", column, queries), options)),
    ),
  }),
  names: (fitted, columns) =>
    fitted.columns.flatMap(({ labels }, at) => labels.map((label) => `${columns[at]}=${label}`)),
  sql: (fitted, columns) =>
    fitted.columns.flatMap(({ categories, features, labels, unknown }, at) => {
      const column = columns[at];
      if (!column) return [];
      const position = sqlCategoryPosition(column, categories);
      const isSame = features.every((feature, index) => feature === index);
      const feature = isSame ? position : `[${features.join(", ")}][${position} + 1]`;
      const otherwise = unknown === null ? unknownCategory(column) : String(unknown);
      return [{ type: "position", sql: `coalesce(${feature}, ${otherwise})`, width: labels.length }];
    }),
  trace: (fitted, columns) => {
    const given = eachColumn(columns);
    return sideBySide(
      fitted.columns.flatMap(({ categories, features, labels, unknown }, at) => {
        const column = given[at];
        if (!column) return [];
        const position = categoryPosition(column, categories);
        const table = tensor([unknown ?? -1, ...features], "int64");
        const isSame = (unknown ?? -1) === -1 && features.every((feature, index) => feature === index);
        const feature = isSame ? position : take(table, position.add(1));
        return [oneHotTensor(feature.reshape([-1]), labels.length)];
      }),
    );
  },
};

/** Which categories have features of their own (scikit-learn's rules for infrequent and dropped ones). */
function encode(counted: readonly CountedCategory[], options: OneHotOptions): Encoded {
  const { handleUnknown = "error", minFrequency = 0, drop } = options;
  const rows = counted.reduce((sum, { count }) => sum + count, 0);
  const least = minFrequency < 1 ? minFrequency * rows : minFrequency;
  const isRare = counted.map(({ count }) => count < least);
  const labels = counted.filter((_, at) => isRare[at] !== true).map(({ value }) => labelOf(value));
  const rare = isRare.includes(true) ? labels.push("infrequent") - 1 : -1;
  let next = 0;
  let features = isRare.map((each) => (each ? rare : next++));
  let unknown = handleUnknown === "infrequent" ? rare : -1;
  if (drop === "first" || (drop === "ifBinary" && labels.length === 2)) {
    labels.shift();
    features = features.map((feature) => feature - 1);
    unknown = Math.max(unknown - 1, -1);
  }
  return {
    categories: counted.map(({ value }) => value),
    features,
    labels,
    unknown: handleUnknown === "error" ? null : unknown,
  };
}

const labelOf = (value: string | number | null): string => (value === null ? "null" : String(value));
