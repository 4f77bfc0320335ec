/** @file The target of the rows that hold each category, fold by fold: all that target encoding is computed from. */
import { InvalidInputError } from "../../errors.ts";
import { checkedText, compareCategories } from "../categories.ts";
import { toNumber } from "../fit-queries.ts";
import { mergeMoments, type Moments } from "../moments.ts";
import type { Category } from "../sql.ts";
import type { FitQueries, SqlColumn } from "../step.ts";

/** A class of the target, as the table has it. */
export type TargetClass = string | number;

/** The moments of a number over the rows that hold a category, in one fold. */
export interface Group extends Moments {
  readonly category: Category;
  readonly fold: number;
}

/** How many rows of a class hold a category, in one fold. */
interface ClassCount {
  readonly category: Category;
  readonly fold: number;
  /** Null where the target is missing or infinite, which the fit as a whole refuses. */
  readonly of: TargetClass | null;
  readonly count: number;
}

/** The target as numbers: its moments by category and fold. Throws {@link InvalidInputError} without a target. */
export async function numberGroups(column: SqlColumn, queries: FitQueries): Promise<readonly Group[]> {
  const y = targetOf(column, queries);
  const rows = await groupedRows(
    column,
    queries,
    `count(*) AS count, avg(${y}) AS mean, var_pop(${y}) * count(*) AS squares`,
  );
  return rows.map((row): Group => ({
    category: categoryOf(column, row["category"]),
    fold: toNumber(row["fold"]),
    count: toNumber(row["count"]),
    mean: toNumber(row["mean"]),
    squares: toNumber(row["squares"]),
  }));
}

/** How many rows of each class hold each category, by fold. Throws {@link InvalidInputError} without a target. */
export async function classCounts(column: SqlColumn, queries: FitQueries): Promise<readonly ClassCount[]> {
  const rows = await groupedRows(column, queries, `${targetOf(column, queries)} AS class, count(*) AS count`);
  return rows.map((row): ClassCount => ({
    category: categoryOf(column, row["category"]),
    fold: toNumber(row["fold"]),
    of: classOf(row["class"]),
    count: toNumber(row["count"]),
  }));
}

/** The classes in ascending order, texts by code points; undefined where some row has none. */
export function classesOf(counts: readonly ClassCount[]): readonly TargetClass[] | undefined {
  const classes: TargetClass[] = [];
  for (const each of new Set(counts.map(({ of }) => of))) {
    if (each === null) return undefined;
    classes.push(each);
  }
  return classes.sort(compareCategories);
}

/** The moments of "is of this class" (1 or 0), by category and fold. */
export function groupsOfClass(counts: readonly ClassCount[], of: TargetClass): readonly Group[] {
  const byCategory = new Map<Category, Map<number, { readonly all: number; readonly hits: number }>>();
  for (const { category, fold, of: its, count } of counts) {
    const byFold = byCategory.get(category) ?? new Map<number, { all: number; hits: number }>();
    const { all = 0, hits = 0 } = byFold.get(fold) ?? {};
    byFold.set(fold, { all: all + count, hits: hits + (its === of ? count : 0) });
    byCategory.set(category, byFold);
  }
  return [...byCategory].flatMap(([category, byFold]) =>
    [...byFold].map(([fold, { all, hits }]): Group => {
      const mean = hits / all;
      return { category, fold, count: all, mean, squares: hits * (1 - mean) };
    }),
  );
}

/** The groups of each category together. */
export function momentsByCategory(groups: readonly Group[]): ReadonlyMap<Category, Moments> {
  const parts = new Map<Category, Group[]>();
  for (const group of groups) {
    const known = parts.get(group.category);
    if (known) known.push(group);
    else parts.set(group.category, [group]);
  }
  return new Map([...parts].map(([category, each]) => [category, mergeMoments(each)]));
}

function classOf(found: unknown): TargetClass | null {
  return typeof found === "string" || (typeof found === "number" && Number.isFinite(found)) ? found : null;
}

function targetOf({ name }: SqlColumn, { target }: FitQueries): string {
  if (target === undefined)
    throw new InvalidInputError(`targetEncoder of column "${name}" needs a target: fit(table, { target })`);
  return target;
}

async function groupedRows(
  { sql }: SqlColumn,
  queries: FitQueries,
  values: string,
): ReturnType<FitQueries["rows"]> {
  return await queries.rows(
    (from) =>
      `SELECT ${sql} AS category, ${queries.fold ?? 0} AS fold, ${values} FROM ${from} GROUP BY ALL ORDER BY ALL`,
  );
}

function categoryOf({ name, type }: SqlColumn, found: unknown): Category {
  const value = found === undefined || (type === "text" && found === "") ? null : found;
  if (typeof value === "string") return checkedText("targetEncoder", name, value);
  if (value === null || typeof value === "number") return value;
  throw new InvalidInputError(
    `targetEncoder: column "${name}" holds values beyond ±2⁵³: cast such values to VARCHAR`,
  );
}
