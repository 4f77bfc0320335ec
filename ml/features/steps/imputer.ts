/** @file Filling what is missing. */
import * as v from "valibot";
import { InvalidInputError } from "../../errors.ts";
import { sqlText } from "../../data/sql-text.ts";
import { fromData, tensor } from "../../graph/create.ts";
import { isNaN as isMissing, where } from "../../graph/functions/elementwise.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fittedCategories } from "../categories.ts";
import { toNumber } from "../fit-queries.ts";
import { sqlNumber } from "../sql.ts";
import type { FitQueries, SqlColumn, SqlOutput, StepDefinition } from "../step.ts";
import { eachColumn, isEmptyText } from "../traced.ts";
import type { NumberColumn, TextColumn, Transformer } from "../transformer.ts";

/** What {@link imputer} fills with: a statistic of the column. */
export type ImputerStrategy = "mean" | "median" | "mostFrequent";

/** Settings of {@link imputer}. */
export interface ImputerOptions {
  /** Adds a feature that is 1 where the value was missing, for each column of which the fit saw a missing value. */
  readonly indicator?: boolean;
}

interface ImputerSettings {
  readonly strategy: ImputerStrategy | { readonly constant: number | string };
  readonly indicator: boolean;
}

const filled = v.object({ value: v.union([v.number(), v.string()]), indicator: v.boolean() });
const state = v.object({ columns: v.array(filled) });

/**
 * Fills missing values with the column's mean, median or most frequent value (the smallest of equally frequent ones), or
 * with a constant: scikit-learn's SimpleImputer. Texts take the most frequent or a constant.
 * @example columns({ age: [imputer("median", { indicator: true }), standardScaler()], job: [imputer({ constant: "none" }), oneHot()] })
 */
export function imputer(
  strategy: "mean" | "median",
  options?: ImputerOptions,
): Transformer<NumberColumn, "same">;
export function imputer(
  strategy: "mostFrequent",
  options?: ImputerOptions,
): Transformer<NumberColumn | TextColumn, "same">;
export function imputer(
  strategy: { readonly constant: number },
  options?: ImputerOptions,
): Transformer<NumberColumn, "same">;
export function imputer(
  strategy: { readonly constant: string },
  options?: ImputerOptions,
): Transformer<TextColumn, "same">;
export function imputer(
  strategy: ImputerSettings["strategy"],
  { indicator = false }: ImputerOptions = {},
): Transformer {
  return { kind: "imputer", settings: { strategy, indicator } };
}

/** The kind of step behind {@link imputer}. */
export const imputerStep: StepDefinition<ImputerSettings, v.InferOutput<typeof state>> = {
  kind: "imputer",
  state,
  takes: "any",
  fillsMissing: true,
  fit: async ({ strategy, indicator }, columns, queries) => ({
    columns: await Promise.all(
      columns.map(async (column) => {
        const [[missing], value] = await Promise.all([
          queries.aggregate([`count_if(${missingOf(column)})`]),
          fillingOf(column, strategy, queries),
        ]);
        return { value, indicator: indicator && toNumber(missing) > 0 };
      }),
    ),
  }),
  names: (fitted, columns) => [
    ...columns,
    ...columns.filter((_, at) => fitted.columns[at]?.indicator === true).map((name) => `${name} missing`),
  ],
  sql: (fitted, columns) => {
    const values = columns.map((column, at): SqlOutput => {
      const value = fitted.columns[at]?.value ?? 0;
      if (column.type === "text")
        return { type: "text", sql: `coalesce(nullif(${column.sql}, ''), ${sqlText(String(value))})` };
      return { type: "number", sql: `coalesce(${column.sql}::DOUBLE, ${sqlNumber(Number(value))})` };
    });
    const indicators = columns
      .filter((_, at) => fitted.columns[at]?.indicator === true)
      .map((column): SqlOutput => ({ type: "number", sql: `(${missingOf(column)})::DOUBLE` }));
    return [...values, ...indicators];
  },
  trace: (fitted, columns) => {
    const given = eachColumn(columns).map(({ tensor: x }) => (x.dtype === "string" ? x : x.cast("float64")));
    const isMissingIn = given.map((x) => (x.dtype === "string" ? isEmptyText(x) : isMissing(x)));
    const values = given.flatMap((x, at): Tensor[] => {
      const value = fitted.columns[at]?.value ?? 0;
      const isGone = isMissingIn[at];
      if (!isGone) return [];
      return [
        where(
          isGone,
          typeof value === "string" ? fromData("string", [value], [1, 1]) : tensor([[value]], "float64"),
          x,
        ),
      ];
    });
    const indicators = isMissingIn
      .filter((_, at) => fitted.columns[at]?.indicator === true)
      .map((isGone) => isGone.cast("float64"));
    return [...values, ...indicators];
  },
};

function missingOf({ type, sql }: SqlColumn): string {
  return type === "text" ? `${sql} = ''` : `${sql} IS NULL`;
}

async function fillingOf(
  column: SqlColumn,
  strategy: ImputerSettings["strategy"],
  queries: FitQueries,
): Promise<number | string> {
  const { name, type, sql } = column;
  if (typeof strategy === "object") {
    if ((typeof strategy.constant === "string") === (type === "text")) return strategy.constant;
    throw new InvalidInputError(
      `imputer: ${JSON.stringify(strategy.constant)} can't stand in column "${name}", which holds ${type}s`,
    );
  }
  if (strategy === "mostFrequent") {
    const categories = (await fittedCategories("imputer", column, queries)).filter(
      ({ value }) => value !== null,
    );
    const most = Math.max(...categories.map(({ count }) => count));
    const value = categories.find(({ count }) => count === most)?.value ?? null;
    if (value === null) throw noValues(name);
    return value;
  }
  if (type === "text")
    throw new InvalidInputError(`imputer: column "${name}" holds texts, which have no ${strategy}`);
  const [found] = await queries.aggregate([`${strategy === "mean" ? "avg" : "median"}(${sql}::DOUBLE)`]);
  const value = toNumber(found);
  if (Number.isNaN(value)) throw noValues(name);
  return value;
}

function noValues(name: string): InvalidInputError {
  return new InvalidInputError(
    `imputer: column "${name}" holds no value at all, so there is none to fill with`,
  );
}
