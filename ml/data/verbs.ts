/**
 * @file The verbs of tables, as SQL around SQL. Each gives the parts of the next table, its columns worked out without
 * asking DuckDB.
 */
import type { DuckDBMaterializedResult } from "@duckdb/node-api";
import { ColumnError } from "./errors.ts";
import { untyped } from "./expression.ts";
import { identifiers } from "./literals.ts";
import { orderBy } from "./order.ts";
import type { OrderTerm } from "./expression-methods.ts";
import type { ColumnDescription } from "./query-result.ts";
import { identifier } from "./relation-sql.ts";
import { requireColumn, requireFamily, type Rendered, type Scope } from "./render.ts";
import type { TableParts } from "./table.ts";

/** The names and types that a table's expressions see. */
export function scopeOf({ columns }: Pick<TableParts, "columns">): Scope {
  return { columns: new Map(columns.map(({ name, type }) => [name, type])) };
}

/** The next table: another query over the same files. Throws {@link ColumnError} where two columns have one name. */
export function next(table: TableParts, sql: string, columns: readonly ColumnDescription[]): TableParts {
  requireDistinct(columns.map(({ name }) => name));
  return { database: table.database, files: table.files, isOrdered: table.isOrdered, sql, columns };
}

/** Columns by name. Throws {@link ColumnError} for an unknown one, with the likely name. */
export function select(table: TableParts, names: readonly string[]): TableParts {
  const columns = describe(table, names);
  if (columns.length === 0) throw new ColumnError("a table has at least one column");
  return next(table, `SELECT ${identifiers(names)} FROM (${table.sql}\n)`, columns);
}

/** The descriptions of columns. Throws {@link ColumnError} for an unknown one, with the likely name. */
export function describe(table: TableParts, names: readonly string[]): ColumnDescription[] {
  const { columns } = scopeOf(table);
  return names.map((name) => ({ name, type: requireColumn(name, columns) }));
}

/** All columns but some. */
export function drop(table: TableParts, names: readonly string[]): TableParts {
  describe(table, names);
  return select(
    table,
    table.columns.map(({ name }) => name).filter((name) => !names.includes(name)),
  );
}

/** Columns under other names. */
export function rename(table: TableParts, names: Readonly<Record<string, string | undefined>>): TableParts {
  describe(table, Object.keys(names));
  const columns = table.columns.map(({ name, type }) => ({ name: names[name] ?? name, type }));
  const terms = table.columns.map(({ name }) => `${identifier(name)} AS ${identifier(names[name] ?? name)}`);
  return next(table, `SELECT ${terms.join(", ")} FROM (${table.sql}\n)`, columns);
}

/** Computed columns: those of known names in their places, new ones at the end. */
export function derive(table: TableParts, expressions: Readonly<Record<string, unknown>>): TableParts {
  const scope = scopeOf(table);
  const made = new Map(
    Object.entries(expressions).map(([name, expression]) => [name, renderRow(expression, name, scope)]),
  );
  const added = [...made.keys()].filter((name) => !scope.columns.has(name));
  const names = [...scope.columns.keys(), ...added];
  const terms = names.map((name) => {
    const column = made.get(name);
    return column === undefined ? identifier(name) : `${column.sql} AS ${identifier(name)}`;
  });
  const columns = names.map((name) => ({
    name,
    type: made.get(name)?.type ?? requireColumn(name, scope.columns),
  }));
  const usesWindow = [...made.values()].some((column) => column.usesWindow);
  return {
    ...next(table, `SELECT ${terms.join(", ")} FROM (${table.sql}\n)`, columns),
    isOrdered: table.isOrdered && !usesWindow,
  };
}

/** The rows for which a condition holds. */
export function filter(table: TableParts, condition: unknown): TableParts {
  const rendered = untyped(condition).render(scopeOf(table));
  requireFamily(rendered, "filter", "boolean");
  requireRow(rendered, "filter");
  // What looks at a window is asked after the windows are made.
  const clause = rendered.usesWindow ? "QUALIFY" : "WHERE";
  return {
    ...next(table, `SELECT * FROM (${table.sql}\n) ${clause} ${rendered.sql}`, table.columns),
    isOrdered: table.isOrdered && !rendered.usesWindow,
  };
}

/** Rows in an order. */
export function sort(table: TableParts, terms: readonly unknown[]): TableParts {
  if (terms.length === 0) throw new ColumnError("sort needs a column to sort by");
  // SAFETY: what is no term is refused by orderBy.
  const order = orderBy(terms as readonly OrderTerm[], scopeOf(table));
  return {
    ...next(table, `SELECT * FROM (${table.sql}\n) ORDER BY ${order}`, table.columns),
    isOrdered: false,
  };
}

/** Rows without repetition; of some columns one row each, the first in an order. */
export function distinct(table: TableParts, names: readonly string[], order: readonly unknown[]): TableParts {
  if (names.length === 0) {
    return { ...next(table, `SELECT DISTINCT * FROM (${table.sql}\n)`, table.columns), isOrdered: false };
  }
  describe(table, names);
  if (order.length === 0) throw new ColumnError("distinct needs orderBy, which tells the row that stays");
  // SAFETY: what is no term is refused by orderBy.
  const terms = orderBy(order as readonly OrderTerm[], scopeOf(table));
  const place = `row_number() OVER (PARTITION BY ${identifiers(names)} ORDER BY ${terms})`;
  return {
    ...next(table, `SELECT * FROM (${table.sql}\n) QUALIFY ${place} = 1`, table.columns),
    isOrdered: false,
  };
}

/** Some rows from a place. */
export function limit(table: TableParts, rows: number, offset: number): TableParts {
  for (const number of [rows, offset]) {
    if (!Number.isSafeInteger(number) || number < 0)
      throw new RangeError(`limit takes whole numbers from 0, not ${number}`);
  }
  return next(table, `SELECT * FROM (${table.sql}\n) LIMIT ${rows} OFFSET ${offset}`, table.columns);
}

/** One row for each group; without keys one row for all. */
export function aggregate(
  table: TableParts,
  keys: readonly string[],
  expressions: Readonly<Record<string, unknown>>,
): TableParts {
  const scope = scopeOf(table);
  const grouped = describe(table, keys);
  const made = Object.entries(expressions).map(([name, expression]) => {
    const { sql, type } = requireGroup(untyped(expression).render(scope), name);
    return { name, sql, type };
  });
  const terms = [...keys.map(identifier), ...made.map(({ name, sql }) => `${sql} AS ${identifier(name)}`)];
  if (terms.length === 0) throw new ColumnError("a table has at least one column");
  const group = keys.length === 0 ? "" : ` GROUP BY ${identifiers(keys)}`;
  return {
    ...next(table, `SELECT ${terms.join(", ")} FROM (${table.sql}\n)${group}`, [
      ...grouped,
      ...made.map(({ name, type }) => ({ name, type })),
    ]),
    isOrdered: false,
  };
}

/** An expression of each row. Throws {@link ColumnError} for one of groups. */
export function renderRow(expression: unknown, name: string, scope: Scope): Rendered {
  return requireRow(untyped(expression).render(scope), `"${name}"`);
}

function requireRow(rendered: Rendered, use: string): Rendered {
  if (!rendered.usesGroup) return rendered;
  throw new ColumnError(
    `${use} needs a value of each row, not an aggregate: give it over({ … }), or aggregate first`,
  );
}

/** Throws {@link ColumnError} unless what was rendered is an aggregate. */
export function requireGroup(rendered: Rendered, name: string): Rendered {
  if (!rendered.usesRows && !rendered.usesWindow) return rendered;
  throw new ColumnError(
    `"${name}" has no single value for a group of rows: aggregate what it uses, such as mean(col("delay"))`,
  );
}

/** Throws {@link ColumnError} where two names are one to DuckDB, which does not tell capitals from small letters. */
export function requireDistinct(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      const why = other === name ? "" : `, and DuckDB does not tell it from "${other}"`;
      throw new ColumnError(`there would be two columns "${name}"${why}; rename one`);
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** Throws {@link ColumnError} where a result's columns are not those that a table has. */
export function requireSameColumns(
  columns: readonly ColumnDescription[],
  result: DuckDBMaterializedResult,
): void {
  const found = result.deduplicatedColumnNames();
  for (const [index, { name, type }] of columns.entries()) {
    const nativeType = index < found.length ? String(result.columnType(index)) : "nothing";
    if (found[index] !== name || nativeType !== type) {
      throw new ColumnError(
        `column "${name}" was ${type} when the table was made, and is ${nativeType} now; make it again`,
      );
    }
  }
}
