/** @file Columns of the type that an expectation needs, or a readable error. */
import { SuiteError } from "../errors.ts";
import { isNumeric, type SqlColumn } from "../sql-values.ts";

/** The column's value as SQL. @throws {@link SuiteError} where it isn't text */
export function requireText(column: SqlColumn): string {
  if (column.type !== "string" && column.type !== "json")
    throw new SuiteError(`"${column.name}" is ${column.type}; this needs a column of strings`);
  return column.type === "json" ? `CAST(${column.value} AS VARCHAR)` : column.value;
}

/** The column's value as a DOUBLE. @throws {@link SuiteError} where it isn't a number */
export function requireNumber(column: SqlColumn): string {
  if (!isNumeric(column.type))
    throw new SuiteError(`"${column.name}" is ${column.type}; this needs a column of numbers`);
  return column.type === "float64" ? column.value : `CAST(${column.value} AS DOUBLE)`;
}
