/**
 * @file Values of suites as SQL literals, by the type of the column that they are compared with.
 *
 * Every literal of a suite becomes SQL here and nowhere else. A literal has the column's own precision, so that a
 * `float32` of 0.1 equals 0.1; a value that the column's type can't hold has no literal.
 */
import { columnType, type ColumnType } from "../column-types.ts";
import { sqlText } from "../sql-text.ts";
import type { ColumnDescription } from "../query-result.ts";
import { identifier } from "../relation-sql.ts";
import { SuiteError } from "./errors.ts";

/** A value as suites hold it; integers beyond 2^53, long decimals, dates and times are strings. */
export type SuiteValue = number | string | boolean;

/** A column with its value as SQL, where NaN counts as missing, as it does for Great Expectations on pandas. */
export interface SqlColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nativeType: string;
  /** The value, or NULL. */
  readonly value: string;
  /** The value as results show it: a number, text or boolean. */
  readonly shown: string;
}

const integers = /^u?int\d+$/;
const moments: ReadonlySet<ColumnType> = new Set(["date", "timestamp", "timestamptz"]);
const maxFloat32 = 3.4e38;

/** Whether arithmetic works on columns of the type. */
export function isNumeric(type: ColumnType): boolean {
  return integers.test(type) || type === "decimal" || type === "float32" || type === "float64";
}

/** A column of a source as SQL. */
export function sqlColumn({ name, type: nativeType }: ColumnDescription): SqlColumn {
  const type = columnType(nativeType);
  const column = identifier(name);
  const isFloat = type === "float32" || type === "float64";
  const value = isFloat ? `CASE WHEN isnan(${column}) THEN NULL ELSE ${column} END` : column;
  const isPlain = isNumeric(type) || type === "boolean" || type === "string";
  const shown = !isPlain || type === "decimal" ? `CAST(${value} AS VARCHAR)` : value;
  return { name, type, nativeType, value: isFloat ? `(${value})` : value, shown };
}

/** The value as a literal to compare a column with; undefined where no value of the column's type can equal it. */
export function literal(column: SqlColumn, value: SuiteValue): string | undefined {
  const { type } = column;
  if (isNumeric(type)) return numberLiteral(type, value);
  if (type === "boolean") return typeof value === "boolean" ? String(value) : undefined;
  if (typeof value !== "string") return undefined;
  if (type === "string") return sqlText(value);
  if (type === "date" || type === "timestamp") return `CAST(${sqlText(value)} AS TIMESTAMP)`;
  return `CAST(${sqlText(value)} AS ${column.nativeType})`;
}

/** As {@link literal}. @throws {@link SuiteError} where the column's type can't hold the value */
export function requiredLiteral(column: SqlColumn, value: SuiteValue): string {
  const found = literal(column, value);
  if (found !== undefined) return found;
  throw new SuiteError(
    `${JSON.stringify(value)} is no value to compare "${column.name}" (${column.type}) with`,
  );
}

/** `column IN (…)`; false for an empty set, and for values that the column's type can't hold. */
export function inSet(column: SqlColumn, values: readonly SuiteValue[]): string {
  const literals = values.flatMap((value) => literal(column, value) ?? []);
  return literals.length === 0 ? "false" : `${column.value} IN (${literals.join(", ")})`;
}

function numberLiteral(type: ColumnType, value: SuiteValue): string | undefined {
  if (typeof value === "string") {
    if (/^-?\d{1,38}$/.test(value)) return `CAST('${value}' AS HUGEINT)`;
    return /^-?\d{1,19}\.\d{1,19}$/.test(value) ? value : undefined;
  }
  if (typeof value === "boolean") return undefined;
  if (!Number.isFinite(value)) return `CAST('${value}' AS DOUBLE)`;
  if (type === "float64") return `CAST(${value} AS DOUBLE)`;
  if (type === "float32") return `CAST(${value} AS ${Math.abs(value) > maxFloat32 ? "DOUBLE" : "FLOAT"})`;
  return String(value);
}

/** Whether values of the two columns can be compared: both numbers, both points in time, or of one type. */
export function isComparable(a: SqlColumn, b: SqlColumn): boolean {
  if (isNumeric(a.type) && isNumeric(b.type)) return true;
  return a.type === b.type || (moments.has(a.type) && moments.has(b.type));
}
