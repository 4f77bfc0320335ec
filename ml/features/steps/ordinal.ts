/** @file Ordinal encoding: the number of a category. */
import * as v from "valibot";
import { category, fittedCategories, unknownCategory } from "../categories.ts";
import { sqlCategoryPosition, sqlNumber } from "../sql.ts";
import type { StepDefinition } from "../step.ts";
import { categoryPosition, eachColumn, numberAt, sideBySide } from "../traced.ts";
import type { CategoryColumn, Transformer } from "../transformer.ts";

/** How {@link ordinal} encodes. */
export interface OrdinalOptions {
  /** The number of a category that the fit has not seen; where absent, that is an error in `transform`, and NaN exported. */
  readonly unknown?: number;
  /** The categories in their order, where it isn't the ascending one; others than these are unknown. */
  readonly categories?: readonly (string | number)[];
}

const encoded = v.object({
  categories: v.array(category),
  /** Null where an unknown category is an error. */
  unknown: v.nullable(v.number()),
});
const state = v.object({ columns: v.array(encoded) });

/**
 * The number of a column's category, from 0 in ascending order (texts by code points); what is missing stays missing:
 * scikit-learn's OrdinalEncoder.
 * @example columns({ size: ordinal({ categories: ["small", "medium", "large"] }) })
 */
export function ordinal(options: OrdinalOptions = {}): Transformer<CategoryColumn, "number"> {
  return { kind: "ordinal", settings: { ...options } };
}

/** The kind of step behind {@link ordinal}. */
export const ordinalStep: StepDefinition<OrdinalOptions, v.InferOutput<typeof state>> = {
  kind: "ordinal",
  state,
  takes: "any",
  fit: async ({ unknown = null, categories }, columns, queries) => ({
    columns: await Promise.all(
      columns.map(async (column) => {
        if (categories) return { categories: [...categories, null], unknown };
        const found = (await fittedCategories("ordinal", column, queries)).map(({ value }) => value);
        // What is missing has a place, so that it is never unknown.
        return { categories: [...found.filter((value) => value !== null), null], unknown };
      }),
    ),
  }),
  names: (_, columns) => columns,
  sql: (fitted, columns) =>
    columns.map((column, at) => {
      const { categories = [], unknown = null } = fitted.columns[at] ?? {};
      const otherwise = unknown === null ? unknownCategory(column) : sqlNumber(unknown);
      const known = categories.filter((category) => category !== null);
      const isMissing = column.type === "text" ? `${column.sql} = ''` : `${column.sql} IS NULL`;
      return {
        type: "number",
        sql: `CASE WHEN ${isMissing} THEN NULL ELSE coalesce(${sqlCategoryPosition(column, known)}, ${otherwise}) END`,
      };
    }),
  trace: (fitted, columns) =>
    sideBySide(
      eachColumn(columns).map((column, at) => {
        const { categories = [], unknown } = fitted.columns[at] ?? {};
        const numbers = categories.map((category, number) => (category === null ? Number.NaN : number));
        return numberAt(categoryPosition(column, categories), numbers, unknown ?? Number.NaN);
      }),
    ),
};
