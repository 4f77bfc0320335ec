/** @file A column of the table that is examined, and its values as SQL expressions. */
import { columnType, type ColumnType } from "../column-types.ts";
import type { ColumnDescription } from "../query-result.ts";

/** What the values of a column can be computed with. */
export type ValueKind = "number" | "boolean" | "date" | "text" | "other";

const kinds: Partial<Record<ColumnType, ValueKind>> = {
  boolean: "boolean",
  date: "date",
  timestamp: "date",
  timestamptz: "date",
  string: "text",
  json: "text",
  uuid: "text",
};
const numberType = /^(?:u?int\d+|float\d+|decimal)$/;

/** A column, under the short name that it has in the table that is examined. */
export interface ExaminedColumn {
  readonly name: string;
  readonly type: string;
  readonly kind: ValueKind;
  readonly isInteger: boolean;
  /** The column in the working table. */
  readonly id: string;
  /** The value, NaN as null. */
  readonly value: string;
  /** A finite number, of dates the milliseconds since 1970, as DOUBLE; null for all others. */
  readonly number: string;
}

/** The columns of a table, numbered. */
export function examinedColumns(columns: readonly ColumnDescription[]): ExaminedColumn[] {
  return columns.map(({ name, type }, index) => {
    const id = `c${index}`;
    const known = columnType(type);
    const kind = kinds[known] ?? (numberType.test(known) ? "number" : "other");
    const isFloat = known === "float32" || known === "float64";
    return {
      name,
      type,
      kind,
      isInteger: /^u?int/.test(known),
      id,
      value: isFloat ? `CASE WHEN isnan(${id}) THEN NULL ELSE ${id} END` : id,
      number: numberExpression(id, kind, isFloat),
    };
  });
}

function numberExpression(id: string, kind: ValueKind, isFloat: boolean): string {
  if (kind === "date")
    return `CASE WHEN isfinite(${id}::TIMESTAMP) THEN epoch_ms(${id}::TIMESTAMP)::DOUBLE END`;
  if (kind !== "number") return "NULL::DOUBLE";
  return isFloat ? `CASE WHEN isfinite(${id}) THEN ${id}::DOUBLE END` : `${id}::DOUBLE`;
}

/** The expressions for a column that has neither NaN nor infinite values. */
export function plainValues({ id, kind }: ExaminedColumn): Pick<ExaminedColumn, "value" | "number"> {
  return { value: id, number: kind === "date" ? `epoch_ms(${id}::TIMESTAMP)::DOUBLE` : `${id}::DOUBLE` };
}
