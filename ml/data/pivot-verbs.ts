/** @file Values that become columns, and columns that become values. */
import { ColumnError } from "./errors.ts";
import { untyped } from "./expression.ts";
import { identifiers, literalAs, textLiteral } from "./literals.ts";
import { identifier } from "./relation-sql.ts";
import { castTo, commonType, renderColumn, requireColumn } from "./render.ts";
import type { TableParts } from "./table.ts";
import { describe, next, requireGroup, scopeOf } from "./verbs.ts";

/** What a column may be pivoted by. */
export type PivotValue = string | number | boolean;

/** One row for each group of `index`, one column for each value of `on`, holding an aggregate of its rows. */
export function pivot(
  table: TableParts,
  index: readonly string[],
  on: string,
  values: readonly PivotValue[],
  aggregate: unknown,
): TableParts {
  const scope = scopeOf(table);
  if (values.length === 0) throw new ColumnError("pivot needs the values that become columns");
  const column = renderColumn(on, scope);
  const made = values.map((value) => {
    const name = String(value);
    const filter = `${column.sql} = ${literalAs(value, column).sql}`;
    const rendered = requireGroup(untyped(aggregate).render({ columns: scope.columns, filter }), name);
    return { name, sql: `${rendered.sql} AS ${identifier(name)}`, type: rendered.type };
  });
  const terms = [...index.map(identifier), ...made.map(({ sql }) => sql)];
  const group = index.length === 0 ? "" : ` GROUP BY ${identifiers(index)}`;
  return {
    ...next(table, `SELECT ${terms.join(", ")} FROM (${table.sql}\n)${group}`, [
      ...describe(table, index),
      ...made.map(({ name, type }) => ({ name, type })),
    ]),
    isOrdered: false,
  };
}

/** One row for each value of some columns: its column's name and the value, beside the other columns. Nulls stay. */
export function unpivot(
  table: TableParts,
  columns: readonly string[],
  nameColumn: string,
  valueColumn: string,
): TableParts {
  const scope = scopeOf(table);
  if (columns.length === 0) throw new ColumnError("unpivot needs the columns that become values");
  const type = commonType(columns.map((name) => requireColumn(name, scope.columns)));
  const kept = table.columns.filter(({ name }) => !columns.includes(name));
  const values = columns.map((name) => castTo(renderColumn(name, scope), type));
  const terms = [
    ...kept.map(({ name }) => identifier(name)),
    `unnest([${columns.map((name) => textLiteral(name)).join(", ")}]) AS ${identifier(nameColumn)}`,
    `unnest([${values.join(", ")}]) AS ${identifier(valueColumn)}`,
  ];
  return next(table, `SELECT ${terms.join(", ")} FROM (${table.sql}\n)`, [
    ...kept,
    { name: nameColumn, type: "VARCHAR" },
    { name: valueColumn, type },
  ]);
}
