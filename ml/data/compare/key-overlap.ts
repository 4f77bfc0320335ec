/** @file Which rows two tables have in common by their keys, and which values differ in them: one query. */
import { AggregateQuery, numberOf } from "../profile/aggregate-query.ts";
import type { ColumnPair, ComparedSide } from "./compared-side.ts";
import type { KeyOverlap } from "./comparison-data.ts";

/** Tables that cannot be compared as asked: a key that one lacks, two databases. */
export class ComparisonError extends Error {
  override readonly name = "ComparisonError";
}

/**
 * Counts the keys of both tables, and the rows that differ among those whose key each table has once. Nulls are equal to
 * each other, values of different types are compared as text; rows whose key has a null are counted apart.
 * @throws {@link ComparisonError} where a table lacks a column of the key, or they are in two databases
 */
export async function keyOverlap(
  a: ComparedSide,
  b: ComparedSide,
  key: readonly string[],
  pairs: readonly ColumnPair[],
): Promise<KeyOverlap> {
  if (a.table.database !== b.table.database)
    throw new ComparisonError("rows are matched by key within one database: open both tables in it");
  const keys = key.map((name) => {
    const pair = pairs.find((each) => each.name === name);
    if (pair === undefined) throw new ComparisonError(`the key column "${name}" is not in both tables`);
    return pair;
  });
  const values = pairs.filter(({ name }) => !key.includes(name));
  const [groupedA, groupedB] = (["a", "b"] as const).map((side) =>
    grouped(side === "a" ? a : b, side, keys, values),
  );
  const query = new AggregateQuery();
  const once = "a.n = 1 AND b.n = 1";
  const differs = values.map((pair, at) => {
    const isSameType = pair.a.profile.type === pair.b.profile.type;
    const as = isSameType ? "" : "::VARCHAR";
    return `(a.v${at}${as} IS DISTINCT FROM b.v${at}${as})`;
  });
  const both = query.add("count_if(a.n IS NOT NULL AND b.n IS NOT NULL)");
  const [onlyA, onlyB] = [query.add("count_if(b.n IS NULL)"), query.add("count_if(a.n IS NULL)")];
  const [repeatedA, repeatedB] = [query.add("count_if(a.n > 1)"), query.add("count_if(b.n > 1)")];
  const [keyedA, keyedB] = [query.add("sum(a.n)"), query.add("sum(b.n)")];
  const comparedRows = query.add(`count_if(${once})`);
  const changedRows = query.add(
    `count_if(${once} AND (${differs.length === 0 ? "false" : differs.join(" OR ")}))`,
  );
  const changes = differs.map((condition) => query.add(`count_if(${once} AND ${condition})`));
  const match = keys.map((_, at) => `a.k${at} = b.k${at}`).join(" AND ");
  const row = await query.run(a.table.database, `${groupedA} AS a FULL JOIN ${groupedB} AS b ON ${match}`);
  return {
    key,
    both: numberOf(both(row)),
    onlyA: numberOf(onlyA(row)),
    onlyB: numberOf(onlyB(row)),
    repeatedA: numberOf(repeatedA(row)),
    repeatedB: numberOf(repeatedB(row)),
    keylessA: a.table.rows - numberOf(keyedA(row)),
    keylessB: b.table.rows - numberOf(keyedB(row)),
    comparedRows: numberOf(comparedRows(row)),
    changedRows: numberOf(changedRows(row)),
    changes: values
      .map(({ name }, at) => ({ column: name, rows: numberOf(changes[at]?.(row)) }))
      .filter(({ rows }) => rows > 0)
      .sort((x, y) => y.rows - x.rows),
  };
}

/** A table's rows by key: how many there are, and the values of one. */
function grouped(
  { table }: ComparedSide,
  side: "a" | "b",
  keys: readonly ColumnPair[],
  values: readonly ColumnPair[],
): string {
  const column = (pair: ColumnPair): string => pair[side].range.column.id;
  const asText = (pair: ColumnPair): string =>
    pair.a.profile.type === pair.b.profile.type ? "" : "::VARCHAR";
  const named = keys.map((pair, at) => `${column(pair)}${asText(pair)} AS k${at}`);
  const firsts = values.map((pair, at) => `first(${column(pair)}) AS v${at}`);
  const isKeyed = keys.map((pair) => `${column(pair)} IS NOT NULL`).join(" AND ");
  const selected = [...named, ...firsts, "count(*) AS n"].join(", ");
  return `(SELECT ${selected} FROM ${table.all} WHERE ${isKeyed} GROUP BY ${keys.map((_, at) => `k${at}`).join(", ")})`;
}
