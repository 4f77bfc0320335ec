/** @file Many aggregates of one table in one query, each read by the handle that adding it gave. */
import type { Database } from "../database.ts";
import type { Row, RowValue } from "../query-result.ts";

/** What an aggregate came to, in the row that the query gave. */
export type Aggregate = (row: Row) => RowValue;

/** An aggregate that was not asked for. */
export const nothing: Aggregate = () => null;

/** Collects aggregate expressions over a table and asks for all of them at once. */
export class AggregateQuery {
  readonly #expressions: string[] = [];

  /** Adds an aggregate, and gives what reads it from the result of {@link run}. */
  add(expression: string): Aggregate {
    const name = `a${this.#expressions.length}`;
    this.#expressions.push(`${expression} AS ${name}`);
    return (row) => row[name] ?? null;
  }

  /** The one row of the aggregates over `from`: a table, or a query in parentheses. */
  async run(database: Database, from: string): Promise<Row> {
    if (this.#expressions.length === 0) return {};
    const { rows } = await database.query(`SELECT ${this.#expressions.join(", ")} FROM ${from}`);
    return rows[0] ?? {};
  }

  /** The aggregates of each group of each key, the keys taken one by one; rows without the key are left out. At most 60 keys. */
  async runGrouped(database: Database, from: string, keys: readonly string[]): Promise<Row[][]> {
    const sets = keys.map((key) => `(${key})`).join(", ");
    const selected = [...this.#expressions, `grouping_id(${keys.join(", ")})::BIGINT AS g`].join(", ");
    const isThere = keys.map((key) => `${key} IS NOT NULL`).join(" OR ");
    const { rows } = await database.query(
      `SELECT ${selected} FROM ${from} GROUP BY GROUPING SETS (${sets}) HAVING ${isThere}`,
    );
    const whole = 2 ** keys.length - 1;
    return keys.map((_, at) => rows.filter((row) => row["g"] === whole - 2 ** (keys.length - 1 - at)));
  }
}

/** A number of a result; 0 for null. */
export function numberOf(value: RowValue | undefined): number {
  return optionalNumber(value) ?? 0;
}

/** A number of a result; null for null and for what is not finite. */
export function optionalNumber(value: RowValue | undefined): number | null {
  if (value === null || value === undefined) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The numbers of a list; empty for null. */
export function numbersOf(value: RowValue | undefined): number[] {
  return Array.isArray(value) ? value.map((item) => numberOf(item)) : [];
}
