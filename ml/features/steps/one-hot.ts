/** @file One-hot encoding: a feature for each category. */
import * as v from "valibot";
import { oneHot as oneHotTensor, take } from "../../graph/functions/indexing.ts";
import { tensor } from "../../graph/create.ts";
import { fittedCategories, unknownCategory } from "../categories.ts";
import { sqlCategoryPosition, sqlNumbers } from "../sql.ts";
import type { StepDefinition } from "../step.ts";
import { categoryPosition, eachColumn, sideBySide } from "../traced.ts";
import type { CategoryColumn, Transformer } from "../transformer.ts";
import { encodeCategories, encodedCategories, type OneHotOptions } from "./one-hot-encoding.ts";

const state = v.object({ columns: v.array(encodedCategories) });

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
  takes: "any",
  fit: async (options, columns, queries) => ({
    columns: await Promise.all(
      columns.map(async (column) =>
        encodeCategories(await fittedCategories("oneHot", column, queries), options),
      ),
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
      const feature = isSame ? position : `${sqlNumbers(features, "INTEGER")}[${position} + 1]`;
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
