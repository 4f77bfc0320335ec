/** @file Row conditions: which rows an expectation looks at, in the form that Great Expectations writes in its suites. */
import * as v from "valibot";

/** What a value of a column is compared with. */
export type ConditionValue = number | string | boolean;

type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

interface ColumnReference<Name extends string> {
  readonly name: Name;
}

/**
 * Rows to look at. A null (or NaN) satisfies no comparison, `!=` and `NOT_IN` included, as in SQL. Made by
 * {@link where}, {@link whereIn}, {@link whereNull}, {@link allOf} and {@link anyOf}.
 */
export type RowCondition<Name extends string = string> =
  | {
      readonly type: "comparison";
      readonly column: ColumnReference<Name>;
      readonly operator: Comparison;
      readonly parameter: ConditionValue;
    }
  | {
      readonly type: "comparison";
      readonly column: ColumnReference<Name>;
      readonly operator: "IN";
      readonly parameter: readonly ConditionValue[];
    }
  | {
      readonly type: "comparison";
      readonly column: ColumnReference<Name>;
      readonly operator: "NOT_IN";
      readonly parameter: readonly ConditionValue[];
    }
  | { readonly type: "nullity"; readonly column: ColumnReference<Name>; readonly is_null: boolean }
  | { readonly type: "and" | "or"; readonly conditions: readonly RowCondition<Name>[] };

/** Rows whose value compares so: `where("origin", "==", "ORD")`. */
export function where<const Name extends string>(
  column: Name,
  operator: Comparison,
  parameter: ConditionValue,
): RowCondition<Name> {
  return { type: "comparison", column: { name: column }, operator, parameter };
}

/** Rows whose value is one of these; with `"NOT_IN"`, none of them. */
export function whereIn<const Name extends string>(
  column: Name,
  parameter: readonly ConditionValue[],
  operator: "IN" | "NOT_IN" = "IN",
): RowCondition<Name> {
  return { type: "comparison", column: { name: column }, operator, parameter };
}

/** Rows whose value is missing; with `false`, those that have one. */
export function whereNull<const Name extends string>(column: Name, isNull = true): RowCondition<Name> {
  return { type: "nullity", column: { name: column }, is_null: isNull };
}

/** Rows that meet every condition. */
export function allOf<Name extends string>(...conditions: readonly RowCondition<Name>[]): RowCondition<Name> {
  return { type: "and", conditions };
}

/** Rows that meet at least one condition. */
export function anyOf<Name extends string>(...conditions: readonly RowCondition<Name>[]): RowCondition<Name> {
  return { type: "or", conditions };
}

const column = v.object({ name: v.string() });
const value = v.union([v.number(), v.string(), v.boolean()]);

/** Parses a condition of a suite's file. */
export const rowConditionSchema: v.GenericSchema<unknown, RowCondition> = v.union(
  [
    v.object({
      type: v.literal("comparison"),
      column,
      operator: v.picklist(["==", "!=", "<", "<=", ">", ">="]),
      parameter: value,
    }),
    v.object({
      type: v.literal("comparison"),
      column,
      operator: v.picklist(["IN", "NOT_IN"]),
      parameter: v.array(value),
    }),
    v.object({ type: v.literal("nullity"), column, is_null: v.boolean() }),
    v.object({
      type: v.picklist(["and", "or"]),
      conditions: v.pipe(v.array(v.lazy(() => rowConditionSchema)), v.minLength(1)),
    }),
  ],
  'a row condition is {"type": "comparison" | "nullity" | "and" | "or", …}; conditions in other languages are not read',
);
