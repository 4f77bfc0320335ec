/** @file Orders of rows, and the windows that are made of them. */
import type { OrderTerm, WindowSpecification } from "./expression-methods.ts";
import { ColumnError } from "./errors.ts";
import { renderColumn, type Render, type Rendered, type Scope } from "./render.ts";
import { identifiers } from "./literals.ts";

/** An order by an expression. */
export class Order {
  readonly descending: boolean;
  /** @internal */
  readonly expression: { readonly render: Render };

  constructor(expression: { readonly render: Render }, descending: boolean) {
    this.expression = expression;
    this.descending = descending;
  }
}

/** The terms of `ORDER BY`; nulls come last in both directions. Throws {@link ColumnError} for unknown columns. */
export function orderBy(terms: readonly OrderTerm[], scope: Scope): string {
  return terms
    .map((term) => {
      const { rendered, descending } = render(term, scope);
      return `${rendered.sql} ${descending ? "DESC" : "ASC"} NULLS LAST`;
    })
    .join(", ");
}

/** The window as it stands after `OVER`. Throws {@link ColumnError} for unknown columns. */
export function windowClause(window: WindowSpecification, scope: Scope): string {
  const partition = list(window.partitionBy);
  for (const name of partition) renderColumn(name, scope);
  const order = list(window.orderBy);
  const parts = [
    partition.length === 0 ? "" : `PARTITION BY ${identifiers(partition)}`,
    order.length === 0 ? "" : `ORDER BY ${orderBy(order, { columns: scope.columns })}`,
    window.rows === undefined ? "" : frame(window.rows),
  ];
  return `(${parts.filter((part) => part !== "").join(" ")})`;
}

function render(term: OrderTerm, scope: Scope): { rendered: Rendered; descending: boolean } {
  if (typeof term === "string") return { rendered: renderColumn(term, scope), descending: false };
  if (term instanceof Order) {
    const rendered = term.expression.render(scope);
    if (rendered.usesGroup) throw new ColumnError("rows cannot be ordered by an aggregate; derive it first");
    return { rendered, descending: term.descending };
  }
  throw new TypeError(
    `rows are ordered by a column's name or by col("name").desc(), not by a ${typeof term}`,
  );
}

function frame([from, to]: readonly [number, number]): string {
  if (from > to)
    throw new RangeError(`a window's rows go from the lower to the higher, not from ${from} to ${to}`);
  return `ROWS BETWEEN ${bound(from, "PRECEDING")} AND ${bound(to, "FOLLOWING")}`;
}

function bound(row: number, unbounded: "PRECEDING" | "FOLLOWING"): string {
  if (row === -Infinity || row === Infinity) return `UNBOUNDED ${unbounded}`;
  if (!Number.isInteger(row)) throw new RangeError(`a window's rows are whole numbers, not ${row}`);
  if (row === 0) return "CURRENT ROW";
  return row < 0 ? `${-row} PRECEDING` : `${row} FOLLOWING`;
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  // SAFETY: what is an array is one of T, since no T here is an array itself.
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
