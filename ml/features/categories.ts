/** @file The categories of a column: its distinct values with their counts. */
import * as v from "valibot";
import { InvalidInputError } from "../errors.ts";
import { sqlText } from "../data/sql-text.ts";
import { toNumber } from "./fit-queries.ts";
import type { Category } from "./sql.ts";
import type { FitQueries, SqlColumn } from "./step.ts";

/** A category in a stored state. */
export const category = v.union([v.string(), v.number(), v.null()]);

/** A category and how many rows hold it. */
export interface CountedCategory {
  readonly value: Category;
  readonly count: number;
}

const histogram = v.nullable(
  v.array(
    v.object({
      key: v.union([v.string(), v.number(), v.bigint()]),
      value: v.union([v.number(), v.bigint()]),
    }),
  ),
);

/**
 * The categories of a column in ascending order (texts by code points), the missing one (null) last.
 * @throws {@link InvalidInputError} for whole numbers beyond ±2⁵³, which JSON and numbers don't hold
 */
export async function fittedCategories(
  kind: string,
  { name, sql, type }: SqlColumn,
  queries: FitQueries,
): Promise<readonly CountedCategory[]> {
  const [found, rows, present] = await queries.aggregate([
    `histogram(${type === "text" ? `nullif(${sql}, '')` : sql})`,
    "count(*)",
    `count(${type === "text" ? `nullif(${sql}, '')` : sql})`,
  ]);
  const entries = v.parse(histogram, found ?? null) ?? [];
  const counted = entries.map(({ key, value }): CountedCategory => {
    if (typeof key === "string") return { value: checkedText(kind, name, key), count: Number(value) };
    const number = Number(key);
    if (typeof key === "bigint" && !Number.isSafeInteger(number))
      throw new InvalidInputError(`${kind}: column "${name}" holds ${key}: cast such numbers to VARCHAR`);
    return { value: number, count: Number(value) };
  });
  const missing = toNumber(rows) - toNumber(present);
  return [
    ...counted.sort((a, b) => compareCategories(a.value, b.value)),
    ...(missing > 0 ? [{ value: null, count: missing }] : []),
  ];
}

/** A text that SQL can write. Throws {@link InvalidInputError} for one with a zero byte. */
export function checkedText(kind: string, column: string, text: string): string {
  if (!text.includes("\0")) return text;
  throw new InvalidInputError(
    `${kind}: column "${column}" holds ${JSON.stringify(text)}: replace the zero byte before the fit`,
  );
}

/** Numbers by size, texts by code points, as Python and DuckDB sort them; the missing one is the last. */
export function compareCategories(a: Category, b: Category): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
}

/** SQL that fails with a message about the value, for one that the fit has not seen. */
export function unknownCategory({ name, sql, type }: SqlColumn): string {
  const value = type === "text" ? `nullif(${sql}, '')` : `${sql}::VARCHAR`;
  const before = sqlText(`column "${name}" holds `);
  const after = sqlText(", which it didn't where the features were fitted: see handleUnknown");
  return `error(${before} || coalesce('"' || ${value} || '"', 'a missing value') || ${after})`;
}
