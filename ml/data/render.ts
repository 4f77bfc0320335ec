/** @file An expression becomes SQL on a table: names are looked up, families checked, types worked out. */
import { columnType } from "./column-types.ts";
import { ColumnError } from "./errors.ts";
import { familyOf, widest, type Family } from "./families.ts";
import { literal, literalBeside, typeName, type Literal, type TypedSql } from "./literals.ts";
import { nearName } from "./near-name.ts";
import { identifier } from "./relation-sql.ts";

/** Where an expression is computed. */
export interface Scope {
  /** DuckDB's types of the columns, by name. */
  readonly columns: ReadonlyMap<string, string>;
  /** A condition on the rows that aggregates see. */
  readonly filter?: string;
  /** The window that aggregates and window functions see. */
  readonly over?: string;
}

/** An expression as SQL. */
export interface Rendered extends TypedSql {
  /** What an error calls it. */
  readonly label: string;
  /** Whether it holds a value of each row, outside of aggregates and windows. */
  readonly usesRows: boolean;
  /** Whether it holds an aggregate or a window function that stands in no window. */
  readonly usesGroup: boolean;
  /** Whether it holds a window. */
  readonly usesWindow: boolean;
}

/** Makes the SQL of an expression. Throws {@link ColumnError} where a column is missing or of another family. */
export type Render = (scope: Scope) => Rendered;

/** What an expression or a plain value has in common here. */
export type Renderable = Literal | { readonly render: Render };

/** A column. Throws {@link ColumnError} with the likely name where there is none. */
export function renderColumn(name: string, scope: Scope): Rendered {
  const type = requireColumn(name, scope.columns);
  return {
    sql: identifier(name),
    type,
    label: `column "${name}"`,
    usesRows: true,
    usesGroup: false,
    usesWindow: false,
  };
}

/** The type of a column. Throws {@link ColumnError} with the likely name where there is none. */
export function requireColumn(name: string, columns: ReadonlyMap<string, string>): string {
  const type = columns.get(name);
  if (type !== undefined) return type;
  const near = nearName(name, columns.keys());
  const names = [...columns.keys()];
  const list = names.length > 20 ? `${names.slice(0, 20).join(", ")}, …` : names.join(", ");
  throw new ColumnError(
    `there is no column "${name}"${near === undefined ? `; there are ${list || "none"}` : `; did you mean "${near}"?`}`,
  );
}

/** An expression or a plain value by itself. */
export function renderAny(value: Renderable, scope: Scope): Rendered {
  return isExpression(value) ? value.render(scope) : plain(literal(value));
}

/** An operand: a plain value takes the type of what it stands beside. Throws {@link ColumnError} where families differ. */
export function renderBeside(value: Renderable, beside: Rendered, scope: Scope): Rendered {
  if (!isExpression(value)) return plain(literalBeside(value, beside));
  const rendered = value.render(scope);
  if (familyOf(rendered.type) !== familyOf(beside.type)) {
    throw new ColumnError(
      `${beside.label} is ${typeName(beside.type)} and ${rendered.label} ${typeName(rendered.type)}`,
    );
  }
  return rendered;
}

/** Throws {@link ColumnError} unless what was rendered is of a family. */
export function requireFamily(rendered: Rendered, use: string, ...accepted: readonly Family[]): Rendered {
  if (accepted.includes(familyOf(rendered.type))) return rendered;
  throw new ColumnError(
    `${rendered.label} is ${typeName(rendered.type)}; ${use} needs a ${accepted.join(" or a ")}`,
  );
}

/** A value cast to a type, unless it has that type. */
export function castTo(rendered: TypedSql, type: string): string {
  return rendered.type === type ? rendered.sql : `CAST(${rendered.sql} AS ${type})`;
}

/** SQL that is made of other expressions. */
export function made(parts: readonly Rendered[], type: string, sql: string): Rendered {
  return {
    sql,
    type,
    label: "the expression",
    usesRows: parts.some((part) => part.usesRows),
    usesGroup: parts.some((part) => part.usesGroup),
    usesWindow: parts.some((part) => part.usesWindow),
  };
}

/** The type that several values have in common. Throws {@link ColumnError} where there is none. */
export function commonType(types: readonly string[]): string {
  const [first] = types;
  if (first !== undefined && types.every((type) => type === first)) return first;
  const families = new Set(types.map(familyOf));
  if (families.size === 1) {
    if (families.has("number")) return widest(types);
    if (families.has("string")) return "VARCHAR";
    if (families.has("date")) {
      return types.some((type) => columnType(type) === "timestamptz")
        ? "TIMESTAMP WITH TIME ZONE"
        : "TIMESTAMP";
    }
  }
  throw new ColumnError(`${[...new Set(types.map(typeName))].join(" and ")} have no type in common`);
}

/** Whether a value is an expression. */
export function isExpression(value: Renderable): value is { readonly render: Render } {
  return typeof value === "object" && "render" in value;
}

function plain({ sql, type }: TypedSql): Rendered {
  return { sql, type, label: sql, usesRows: false, usesGroup: false, usesWindow: false };
}
