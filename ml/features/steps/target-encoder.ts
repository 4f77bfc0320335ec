/** @file Target encoding: a category as the mean of what is to be predicted. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { category, checkedText, compareCategories } from "../categories.ts";
import { toNumber } from "../fit-queries.ts";
import { sqlCategoryPosition, sqlNumber, sqlNumbers, type Category } from "../sql.ts";
import type { FitQueries, SqlColumn, StepDefinition } from "../step.ts";
import { categoryPosition, eachColumn, numberAt, sideBySide } from "../traced.ts";
import type { CategoryColumn, Transformer } from "../transformer.ts";
import { mergeMoments, type Moments } from "../moments.ts";

/** How {@link targetEncoder} encodes. */
export interface TargetEncoderOptions {
  /**
   * How many rows of the overall mean each category's mean is blended with. "auto", the default: as many as the variances
   * within the category and overall say (an empirical Bayes estimate).
   */
  readonly smooth?: number | "auto";
}

const encoded = v.object({
  categories: v.array(category),
  encodings: v.array(v.number()),
  /** The encoding of a category that the fit has not seen. */
  overall: v.number(),
});
const state = v.object({ columns: v.array(encoded) });
type Encoded = v.InferOutput<typeof encoded>;
type State = v.InferOutput<typeof state>;

/**
 * A category as the mean of the target over the rows that hold it, blended with the overall mean: scikit-learn's
 * TargetEncoder for numbers and for two classes (0 and 1). The fit needs a target. For rows that it was fitted on use
 * `fitTransform`, which encodes each row by the other folds: otherwise the features know the answer. A missing value is a
 * category of its own; one that the fit hasn't seen becomes the overall mean.
 * @example await columns({ city: targetEncoder() }).fitTransform(table, { target: "price" })
 */
export function targetEncoder({ smooth = "auto" }: TargetEncoderOptions = {}): Transformer<
  CategoryColumn,
  "number"
> {
  if (smooth !== "auto" && !(smooth >= 0))
    throw new InvalidInputError(`targetEncoder: ${smooth} is no number of rows to smooth by`);
  return { kind: "targetEncoder", settings: { smooth } };
}

/** The kind of step behind {@link targetEncoder}. */
export const targetEncoderStep: StepDefinition<Required<TargetEncoderOptions>, State> = {
  kind: "targetEncoder",
  state,
  takes: "any",
  fit: async ({ smooth }, columns, queries) => {
    const groups = await Promise.all(columns.map(async (column) => groupsOf(column, queries)));
    return { columns: groups.map((each) => encode(each, () => true, smooth)) };
  },
  fitOthers: async ({ smooth }, columns, queries, folds) => {
    const groups = await Promise.all(columns.map(async (column) => groupsOf(column, queries)));
    return Array.from({ length: folds }, (_, fold) => ({
      columns: groups.map((each) => encode(each, (other) => other !== fold, smooth)),
    }));
  },
  names: (_, columns) => columns,
  sql: (fitted, columns) =>
    columns.map((column, at) => {
      const { categories = [], encodings = [], overall = 0 } = fitted.columns[at] ?? {};
      const position = sqlCategoryPosition(column, categories);
      return {
        type: "number",
        sql: `coalesce(${sqlNumbers(encodings)}[${position} + 1], ${sqlNumber(overall)})`,
      };
    }),
  trace: (fitted, columns) =>
    sideBySide(
      eachColumn(columns).map((column, at) => {
        const { categories = [], encodings = [], overall = 0 } = fitted.columns[at] ?? {};
        return numberAt(categoryPosition(column, categories), encodings, overall);
      }),
    ),
};

/** The target over the rows that hold a category, in one fold. */
interface Group extends Moments {
  readonly category: Category;
  readonly fold: number;
}

async function groupsOf({ name, type, sql }: SqlColumn, queries: FitQueries): Promise<readonly Group[]> {
  const { target, fold } = queries;
  if (target === undefined)
    throw new InvalidInputError(`targetEncoder of column "${name}" needs a target: fit(table, { target })`);
  const rows = await queries.rows(
    (from) =>
      `SELECT ${sql} AS category, ${fold ?? 0} AS fold, count(*) AS count, avg(${target}) AS mean, var_pop(${target}) * count(*) AS squares FROM ${from} GROUP BY ALL ORDER BY ALL`,
  );
  return rows.map((row): Group => {
    const found = row["category"] ?? null;
    const value = found === null || (type === "text" && found === "") ? null : found;
    if (value !== null && typeof value !== "string" && typeof value !== "number")
      throw new InvalidInputError(
        `targetEncoder: column "${name}" holds values beyond ±2⁵³: cast such values to VARCHAR`,
      );
    return {
      category: typeof value === "string" ? checkedText("targetEncoder", name, value) : value,
      fold: toNumber(row["fold"]),
      count: toNumber(row["count"]),
      mean: toNumber(row["mean"]),
      squares: toNumber(row["squares"]),
    };
  });
}

/**
 * Encodings by the groups of some folds. With "auto", `λ · mean + (1 - λ) · overall` with
 * `λ = v·n / (v·n + squares / n)`, where `v` is the target's variance (Micci-Barreca 2001, as scikit-learn has it).
 */
function encode(
  groups: readonly Group[],
  isUsed: (fold: number) => boolean,
  smooth: number | "auto",
): Encoded {
  const used = groups.filter(({ fold }) => isUsed(fold));
  const all = mergeMoments(used);
  const variance = all.squares / all.count;
  const byCategory = new Map<Category, Group[]>();
  for (const group of used) {
    const known = byCategory.get(group.category);
    if (known) known.push(group);
    else byCategory.set(group.category, [group]);
  }
  const categories = [...byCategory.keys()].sort(compareCategories);
  const encodings = categories.map((each) => {
    const { count, mean, squares } = mergeMoments(byCategory.get(each) ?? []);
    if (smooth !== "auto") return (count * mean + smooth * all.mean) / (count + smooth);
    const weight = (variance * count) / (variance * count + squares / count);
    return Number.isNaN(weight) ? all.mean : weight * mean + (1 - weight) * all.mean;
  });
  return { categories, encodings, overall: all.mean };
}
