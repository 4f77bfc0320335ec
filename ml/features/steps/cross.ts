/** @file Crosses: a feature for each combination of the values of several columns. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { tensor } from "../../graph/create.ts";
import { where } from "../../graph/functions/elementwise.ts";
import { oneHot as oneHotTensor, take } from "../../graph/functions/indexing.ts";
import { positionAmong } from "../../graph/ops/encoding.ts";
import { Tensor } from "../../graph/tensor.ts";
import { category, fittedCategories } from "../categories.ts";
import { toNumber } from "../fit-queries.ts";
import { sqlCategoryPosition, sqlNumbers } from "../sql.ts";
import type { SqlColumn, StepDefinition } from "../step.ts";
import { categoryPosition, eachColumn } from "../traced.ts";
import type { CategoryColumn, Transformer } from "../transformer.ts";
import { encodeCategories, encodedCategories } from "./one-hot-encoding.ts";

/** Which combinations {@link cross} keeps. */
export interface CrossOptions {
  /** Combinations in fewer rows than this, or in a smaller share of them where it is below 1, share one feature. */
  readonly minFrequency?: number;
}

const state = v.object({
  columns: v.array(v.array(category)),
  /** The combinations as numbers, in the order of the encoding's categories; see {@link combined}. */
  combinations: v.array(v.number()),
  encoding: encodedCategories,
});

/**
 * A feature for each combination of the columns' values that the fit saw, in ascending order of the values: scikit-learn's
 * OneHotEncoder on the columns joined. A combination that it didn't see gives zeros, or, with `minFrequency`, the feature
 * of infrequent ones. A missing value combines as any other.
 * @example columns({ route: from(["origin", "destination"], cross({ minFrequency: 50 })) })
 */
export function cross({ minFrequency = 0 }: CrossOptions = {}): Transformer<CategoryColumn, "number"> {
  return { kind: "cross", settings: { minFrequency } };
}

/** The kind of step behind {@link cross}. */
export const crossStep: StepDefinition<Required<CrossOptions>, v.InferOutput<typeof state>> = {
  kind: "cross",
  state,
  takes: "any",
  fit: async ({ minFrequency }, columns, queries) => {
    const categories = await Promise.all(
      columns.map(async (column) =>
        (await fittedCategories("cross", column, queries)).map(({ value }) => value),
      ),
    );
    const size = categories.reduce((product, { length }) => product * length, 1);
    if (!Number.isSafeInteger(size)) throw new InvalidInputError(`cross: ${size} combinations are too many`);
    const number = combined(columns, categories);
    const rows = await queries.rows(
      (from) => `SELECT ${number} AS number, count(*) AS count FROM ${from} GROUP BY number ORDER BY number`,
    );
    const counted = rows.map((row) => {
      const combination = toNumber(row["number"]);
      return { combination, value: labelOf(combination, categories), count: toNumber(row["count"]) };
    });
    return {
      columns: categories,
      combinations: counted.map(({ combination }) => combination),
      encoding: encodeCategories(counted, { handleUnknown: "infrequent", minFrequency }),
    };
  },
  names: ({ encoding }, columns) => encoding.labels.map((label) => `${columns.join("×")}=${label}`),
  sql: ({ columns: categories, combinations, encoding }, columns) => {
    const position = sqlCategoryPosition(
      { type: "integer", sql: `(${combined(columns, categories)})`, name: "" },
      combinations,
    );
    const feature = `${sqlNumbers(encoding.features, "INTEGER")}[${position} + 1]`;
    return [
      {
        type: "position",
        sql: `coalesce(${feature}, ${encoding.unknown ?? -1})`,
        width: encoding.labels.length,
      },
    ];
  },
  trace: ({ columns: categories, combinations, encoding }, columns) => {
    const number = eachColumn(columns).reduce<Tensor | undefined>((sum, column, at) => {
      const each = categories[at] ?? [];
      const position = categoryPosition(column, each);
      if (!sum) return position;
      const isUnknown = sum.less(0).or(position.less(0));
      return where(isUnknown, -1, sum.mul(each.length).add(position));
    }, undefined);
    if (!number) throw new InvalidInputError("cross stands on at least one column");
    const position = new Tensor(positionAmong(number.value, combinations));
    const feature = take(tensor([encoding.unknown ?? -1, ...encoding.features], "int64"), position.add(1));
    return oneHotTensor(feature.reshape([-1]), encoding.labels.length);
  },
};

/** The number of a combination: the positions of its values as digits, the first column's the highest. */
function combined(
  columns: readonly SqlColumn[],
  categories: readonly (readonly v.InferOutput<typeof category>[])[],
): string {
  return columns
    .map((column, at) => {
      const weight = categories.slice(at + 1).reduce((product, { length }) => product * length, 1);
      return `(${sqlCategoryPosition(column, categories[at] ?? [])})::BIGINT * ${weight}`;
    })
    .join(" + ");
}

function labelOf(
  combination: number,
  categories: readonly (readonly v.InferOutput<typeof category>[])[],
): string {
  let rest = combination;
  const values = categories.toReversed().map((each) => {
    const value = each[rest % each.length];
    rest = Math.floor(rest / each.length);
    return value ?? "null";
  });
  return values.toReversed().join("×");
}
