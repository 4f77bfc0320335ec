/** @file Which categories have features of their own. */
import * as v from "valibot";
import { category, type CountedCategory } from "../categories.ts";

/** How `oneHot` encodes. */
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

/** Categories and their features. */
export const encodedCategories = v.object({
  categories: v.array(category),
  /** The feature of each category; -1 for one that is dropped. */
  features: v.array(v.number()),
  /** The labels of the features. */
  labels: v.array(v.string()),
  /** The feature of unknown categories, -1 for none; null where they are an error. */
  unknown: v.nullable(v.number()),
});
type Encoded = v.InferOutput<typeof encodedCategories>;

/** Which categories have features of their own: scikit-learn's rules for infrequent and dropped ones. */
export function encodeCategories(counted: readonly CountedCategory[], options: OneHotOptions): Encoded {
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
