/** @file Plain values as SQL. Nothing that a program gives becomes SQL in any other way. */
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import { familyOf, isInteger } from "./families.ts";
import { identifier } from "./relation-sql.ts";

/** A plain value that an expression may hold. */
export type Literal = number | bigint | string | boolean | Date;

/** A piece of SQL and DuckDB's name of its type. */
export interface TypedSql {
  readonly sql: string;
  readonly type: string;
}

/** Quotes a text, whatever it holds. */
export function textLiteral(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  // A statement ends at a NUL, so a text is put together around it.
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(" || chr(0) || ")})`;
}

/** Quotes names and puts commas between them. */
export function identifiers(names: readonly string[]): string {
  return names.map(identifier).join(", ");
}

/** A value with the type that it has by itself. Throws {@link ColumnError} for an invalid date. */
export function literal(value: Literal): TypedSql {
  switch (typeof value) {
    case "number":
      return number(value);
    case "bigint":
      return BigInt.asIntN(64, value) === value
        ? { sql: `CAST(${textLiteral(String(value))} AS BIGINT)`, type: "BIGINT" }
        : { sql: `CAST(${textLiteral(String(value))} AS HUGEINT)`, type: "HUGEINT" };
    case "string":
      return { sql: textLiteral(value), type: "VARCHAR" };
    case "boolean":
      return { sql: String(value), type: "BOOLEAN" };
    default:
      return { sql: `CAST(${textLiteral(iso(value))} AS TIMESTAMPTZ)`, type: "TIMESTAMP WITH TIME ZONE" };
  }
}

/**
 * A value to stand beside one of this type: texts and dates take its type, numbers keep theirs.
 * @throws {@link ColumnError} where their families differ
 */
export function literalBeside(value: Literal, other: TypedSql & { readonly label: string }): TypedSql {
  const family = familyOf(other.type);
  const own = literal(value);
  if (value instanceof Date && family === "date") return { sql: moment(value, other.type), type: other.type };
  if (typeof value === "string" && ["date", "time", "interval"].includes(family)) {
    return { sql: `CAST(${own.sql} AS ${other.type})`, type: other.type };
  }
  if (familyOf(own.type) !== family) {
    throw new ColumnError(
      `${other.label} is ${typeName(other.type)}; ${describeLiteral(value)} is not of its kind`,
    );
  }
  // A bare number leaves the column's type as it is, so that row groups are still skipped by their statistics.
  return Number.isSafeInteger(value) ? { sql: String(value), type: own.type } : own;
}

/** A value as exactly this type. Throws {@link ColumnError} where it does not fit. */
export function literalAs(value: Literal, other: TypedSql & { readonly label: string }): TypedSql {
  const beside = literalBeside(value, other);
  if (isInteger(other.type) && typeof value === "number" && !Number.isInteger(value)) {
    throw new ColumnError(`${other.label} holds whole numbers (${typeName(other.type)}); ${value} is none`);
  }
  return beside.type === other.type
    ? beside
    : { sql: `CAST(${beside.sql} AS ${other.type})`, type: other.type };
}

/** A type for an error's text: our name, and DuckDB's where that says more. */
export function typeName(nativeType: string): string {
  const name = columnType(nativeType);
  return ["decimal", "list", "struct", "map", "other"].includes(name) ? nativeType : name;
}

function number(value: number): TypedSql {
  if (Number.isSafeInteger(value)) return { sql: `CAST(${value} AS BIGINT)`, type: "BIGINT" };
  return { sql: `CAST('${value}' AS DOUBLE)`, type: "DOUBLE" };
}

function moment(value: Date, type: string): string {
  const text = iso(value);
  // A day compared as an instant would hide it from the statistics by which Parquet's row groups are skipped.
  if (type === "DATE" && text.endsWith("T00:00:00.000Z")) return `CAST('${text.slice(0, 10)}' AS DATE)`;
  if (type === "TIMESTAMP WITH TIME ZONE") return `CAST('${text}' AS TIMESTAMPTZ)`;
  return `CAST('${text.slice(0, -1)}' AS TIMESTAMP)`;
}

function iso(value: Date): string {
  if (Number.isNaN(value.getTime())) throw new ColumnError("an invalid date is no value to compute with");
  return value.toISOString();
}

function describeLiteral(value: Literal): string {
  return value instanceof Date
    ? iso(value)
    : typeof value === "string"
      ? JSON.stringify(value)
      : String(value);
}
