/**
 * @file The columns that features are computed from: how they are read from a table, and what stands for them as inputs
 * of a model.
 *
 * A column is read as DOUBLE, BIGINT or VARCHAR, with one form for what is missing (NaN and infinite dates are NULL, a text
 * that is NULL is ""). As a model's input it is `[rows, 1]` of the type that holds its values: whole numbers are int64, or float64 where
 * some may be missing.
 */
import { columnType, type ColumnType } from "../data/column-types.ts";
import type { ColumnDescription } from "../data/query-result.ts";
import { nearName } from "../data/near-name.ts";
import { identifier } from "../data/relation-sql.ts";
import { sqlText } from "../data/sql-text.ts";
import { InvalidInputError } from "../errors.ts";
import type { SqlColumn, StepInput, TimeUnit } from "./step.ts";

/** The element type of a model's input. */
export type InputDType = "float32" | "float64" | "int64" | "bool" | "string";

/** A column of the table, fitted: its kind of values, and the type of the model's input for it. */
export interface InputColumn {
  readonly name: string;
  readonly type: FeatureColumnType;
  readonly dtype: InputDType;
}

interface Reading {
  readonly sqlType: SqlColumn["type"];
  /** The model's input where no value is missing. */
  readonly dtype: InputDType;
  readonly unit?: TimeUnit;
}

const integer: Reading = { sqlType: "integer", dtype: "int64" };
const wide: Reading = { sqlType: "number", dtype: "float64" };
const text: Reading = { sqlType: "text", dtype: "string" };
const instant: Reading = { sqlType: "integer", dtype: "int64", unit: "microseconds" };

const readings = {
  boolean: { sqlType: "integer", dtype: "bool" },
  int8: integer,
  int16: integer,
  int32: integer,
  int64: integer,
  uint8: integer,
  uint16: integer,
  uint32: integer,
  uint64: wide,
  int128: wide,
  uint128: wide,
  decimal: wide,
  float32: { sqlType: "number", dtype: "float32" },
  float64: wide,
  string: text,
  uuid: text,
  json: text,
  date: { sqlType: "integer", dtype: "int64", unit: "days" },
  timestamp: instant,
  timestamptz: instant,
} as const satisfies Partial<Record<ColumnType, Reading>>;

/** The types of columns that features are made of. */
export type FeatureColumnType = keyof typeof readings;

// SAFETY: the keys of an object that is known whole.
export const featureColumnTypes = Object.keys(readings) as FeatureColumnType[];

/** The column of that name in a table. Throws {@link InvalidInputError} where there is none, or its values fit no step. */
export function findInput(columns: readonly ColumnDescription[], name: string): InputColumn {
  const found = columns.find((column) => column.name === name);
  if (!found) {
    const names = columns.map((column) => column.name);
    const near = nearName(name, names);
    throw new InvalidInputError(
      `there is no column "${name}"; ${near === undefined ? `there are: ${names.join(", ")}` : `did you mean "${near}"?`}`,
    );
  }
  const ofTable = columnType(found.type);
  const type = featureColumnTypes.find((each) => each === ofTable);
  if (!type)
    throw new InvalidInputError(`column "${name}" is of type ${ofTable}: no feature is made of such values`);
  return { name, type, dtype: readingOf(type).dtype };
}

function readingOf(type: FeatureColumnType): Reading {
  return readings[type];
}

/** The column as steps read it, under a quoted name. */
export function sqlColumnOf({ name, type }: InputColumn, sql: string): SqlColumn {
  const { sqlType, unit } = readingOf(type);
  return { type: sqlType, sql, name, ...(unit && { unit }) };
}

/** The column's values read out of the table. */
export function readExpression({ name, type }: InputColumn): string {
  const column = identifier(name);
  const { sqlType, unit } = readingOf(type);
  if (unit !== undefined) {
    const time = unit === "days" ? `epoch_us(${column}) // 86400000000` : `epoch_us(${column})`;
    return `CASE WHEN isfinite(${column}) THEN ${time} END`;
  }
  if (sqlType === "text") return `coalesce(${column}::VARCHAR, '')`;
  if (sqlType === "integer") return `${column}::BIGINT`;
  return isFloating(type) ? `nullif(${column}::DOUBLE, 'nan'::DOUBLE)` : `${column}::DOUBLE`;
}

/** As {@link readExpression}, where a missing value is an error if the model's input has none for it. */
export function checkedExpression(input: InputColumn): string {
  const value = readExpression(input);
  if (input.dtype !== "int64" && input.dtype !== "bool") return value;
  const message = `column "${input.name}" has a missing value, which it had not where the features were fitted: fill it, or let an imputer be its first step`;
  return `CASE WHEN (${value}) IS NULL THEN error(${sqlText(message)}) ELSE ${value} END`;
}

/**
 * A fitted input as a table has it now: the type may differ from that of the fit as long as it holds the same kind of
 * values.
 * @throws {@link InvalidInputError} for a column that is missing or of another kind
 */
export function presentInput(columns: readonly ColumnDescription[], input: InputColumn): InputColumn {
  const present = findInput(columns, input.name);
  const [fitted, now] = [sqlColumnOf(input, ""), sqlColumnOf(present, "")];
  if ((fitted.type === "text") === (now.type === "text") && fitted.unit === now.unit)
    return { ...input, type: present.type };
  throw new InvalidInputError(
    `column "${input.name}" is of type ${present.type}; the features were fitted on ${input.type}`,
  );
}

/** Whether the column may hold infinite numbers. */
export function isFloating(type: FeatureColumnType): boolean {
  return type === "float32" || type === "float64";
}

/** Throws {@link InvalidInputError} where a step can't stand on a column. */
export function checkTaken(kind: string, takes: StepInput, column: SqlColumn): void {
  const held = column.type === "text" ? "text" : column.unit === undefined ? "number" : "date";
  if (takes === "any" || takes === held) return;
  throw new InvalidInputError(`${kind} takes ${takes}s, and column "${column.name}" holds ${held}s`);
}
