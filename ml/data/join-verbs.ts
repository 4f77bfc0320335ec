/** @file Two tables made one: side by side, or one below the other. */
import { ColumnError } from "./errors.ts";
import { familyOf } from "./families.ts";
import { typeName } from "./literals.ts";
import { identifier } from "./relation-sql.ts";
import { castTo, commonType, requireColumn } from "./render.ts";
import type { TableParts } from "./table.ts";
import { next, requireDistinct, scopeOf } from "./verbs.ts";

/** Columns whose values must be equal: of the same name on both sides, or from left to right. */
export type KeyPairs = string | readonly string[] | Readonly<Record<string, string | undefined>>;

/** How rows are joined: `semi` keeps the left rows that have a match, `anti` those that have none. */
export type JoinKind = "inner" | "left" | "semi" | "anti";

/** Rows of both sides with equal keys. A null equals nothing. */
export function join(
  left: TableParts,
  right: TableParts,
  on: KeyPairs,
  how: JoinKind,
  suffix: string,
): TableParts {
  const pairs = keyPairs(left, right, on);
  if (pairs.length === 0) throw new ColumnError("join needs a column to join on");
  const condition = pairs.map(([from, to]) => equal(from, to)).join(" AND ");
  const from = `(${left.sql}\n) AS l ${how.toUpperCase()} JOIN (${right.sql}\n) AS r ON ${condition}`;
  if (how === "semi" || how === "anti") {
    return { ...next(left, `SELECT l.* FROM ${from}`, left.columns), ...shared(left, right) };
  }
  return sideBySide(left, right, from, new Set(pairs.map(([, to]) => to)), suffix);
}

/**
 * Each left row with the last right row before it or at the same time (`backward`), or the first one after it (`forward`).
 * Left rows without one stay, with nulls.
 */
export function asofJoin(
  left: TableParts,
  right: TableParts,
  on: KeyPairs,
  by: KeyPairs,
  direction: "backward" | "forward",
  suffix: string,
): TableParts {
  const [time, ...more] = keyPairs(left, right, on);
  if (time === undefined || more.length > 0) throw new ColumnError("asofJoin joins on one column");
  const pairs = keyPairs(left, right, by);
  const [from, to] = time;
  const when = `l.${identifier(from)}`;
  const near = `${when} ${direction === "backward" ? ">=" : "<="} r.${identifier(to)}`;
  // DuckDB's ASOF JOIN may find a row for a null, and a row that holds one: here neither has a key.
  const [[firstKey, firstMatch] = []] = pairs;
  const key = `CASE WHEN ${when} IS NOT NULL THEN ${firstKey === undefined ? 1 : `l.${identifier(firstKey)}`} END`;
  const isWhole = [to, ...pairs.map(([, b]) => b)].map((name) => `${identifier(name)} IS NOT NULL`);
  const whole = { ...right, sql: `SELECT * FROM (${right.sql}\n) WHERE ${isWhole.join(" AND ")}` };
  const dropped = new Set(pairs.map(([, b]) => b));
  if (from === to) dropped.add(to);
  const isText = left.columns.some(
    ({ name, type }) => familyOf(type) === "string" && pairs.some(([by]) => by === name),
  );
  if (left.isOrdered && isText) {
    const joined = sideBySide(left, right, codedSides(left, whole, pairs, from, near), dropped, suffix);
    return { ...joined, sql: `WITH ${codes} AS MATERIALIZED (${codesOf(left, pairs)})\n${joined.sql}` };
  }
  const first = `${key} = ${firstMatch === undefined ? 1 : `r.${identifier(firstMatch)}`}`;
  const condition = [first, ...pairs.slice(1).map(([a, b]) => equal(a, b)), near].join(" AND ");
  const sides = `(${left.sql}\n) AS l ASOF LEFT JOIN (${whole.sql}\n) AS r ON ${condition}`;
  return sideBySide(left, right, sides, dropped, suffix);
}

const codes = "tenon_codes";
const code = "tenon_code";

/** A number for each text, or each combination, by which the left table joins: these sort faster than texts do. */
function codesOf(left: TableParts, pairs: readonly (readonly [string, string])[]): string {
  const keys = pairs.map(([from], index) => `${identifier(from)} AS k${index}`).join(", ");
  return `SELECT *, row_number() OVER ()::INTEGER AS ${code} FROM (SELECT DISTINCT ${keys} FROM (${left.sql}\n))`;
}

/** Both tables with their codes; right rows whose texts the left table doesn't have are left out. */
function codedSides(
  left: TableParts,
  right: TableParts,
  pairs: readonly (readonly [string, string])[],
  time: string,
  near: string,
): string {
  const equals = (side: string, at: 0 | 1): string =>
    pairs.map((pair, index) => `${side}.${identifier(pair[at])} = c.k${index}`).join(" AND ");
  const isThere = [...pairs.map(([from]) => from), time].map((name) => `l.${identifier(name)} IS NOT NULL`);
  // Its codes come from a reading of their own: rows that aren't the same in both would find nothing.
  const refusal = "error('the left table of asofJoin has other rows each time that it is read')";
  const own = `CASE WHEN ${isThere.join(" AND ")} THEN coalesce(c.${code}, ${refusal}) END`;
  const coded = `SELECT l.*, ${own} AS ${code} FROM (${left.sql}\n) AS l LEFT JOIN ${codes} AS c ON ${equals("l", 0)}`;
  const others = `SELECT r.*, c.${code} FROM (${right.sql}\n) AS r JOIN ${codes} AS c ON ${equals("r", 1)}`;
  return `(${coded}) AS l ASOF LEFT JOIN (${others}) AS r ON l.${code} = r.${code} AND ${near}`;
}

/** The rows of both, those of the left table first; columns go by name and must be the same. */
export function union(top: TableParts, bottom: TableParts): TableParts {
  const { columns } = scopeOf(bottom);
  for (const { name } of top.columns) requireColumn(name, columns);
  const above = scopeOf(top).columns;
  for (const { name } of bottom.columns) requireColumn(name, above);
  const types = top.columns.map(({ name, type }) => {
    try {
      return { name, type: commonType([type, requireColumn(name, columns)]) };
    } catch (cause) {
      throw new ColumnError(`column "${name}": ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  });
  const rows = (table: TableParts): string => {
    const own = scopeOf(table).columns;
    const terms = types.map(({ name, type }) => {
      const column = identifier(name);
      return `${castTo({ sql: column, type: requireColumn(name, own) }, type)} AS ${column}`;
    });
    return `SELECT ${terms.join(", ")} FROM (${table.sql}\n)`;
  };
  return {
    ...next(top, `${rows(top)} UNION ALL ${rows(bottom)}`, types),
    ...shared(top, bottom),
    isOrdered: top.isOrdered && bottom.isOrdered,
  };
}

function sideBySide(
  left: TableParts,
  right: TableParts,
  from: string,
  dropped: ReadonlySet<string>,
  suffix: string,
): TableParts {
  const taken = new Set(left.columns.map(({ name }) => name.toLowerCase()));
  const added = right.columns
    .filter(({ name }) => !dropped.has(name))
    .map(({ name, type }) => ({
      from: name,
      name: taken.has(name.toLowerCase()) ? `${name}${suffix}` : name,
      type,
    }));
  const terms = [
    ...left.columns.map(({ name }) => `l.${identifier(name)}`),
    ...added.map((column) => `r.${identifier(column.from)} AS ${identifier(column.name)}`),
  ];
  const columns = [...left.columns, ...added.map(({ name, type }) => ({ name, type }))];
  requireDistinct(columns.map(({ name }) => name));
  return { ...next(left, `SELECT ${terms.join(", ")} FROM ${from}`, columns), ...shared(left, right) };
}

function shared(left: TableParts, right: TableParts): Pick<TableParts, "files" | "isOrdered"> {
  if (left.database !== right.database) {
    throw new ColumnError("the two tables are in different databases; read both with the same { database }");
  }
  return { files: [...left.files, ...right.files], isOrdered: false };
}

/** The pairs of key columns. Throws {@link ColumnError} for unknown ones, and for those that cannot be equal. */
function keyPairs(left: TableParts, right: TableParts, on: KeyPairs): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] =
    typeof on === "string"
      ? [[on, on]]
      : isList(on)
        ? on.map((name) => [name, name] as const)
        : Object.entries(on).map(([from, to]) => [from, to ?? from] as const);
  const [leftColumns, rightColumns] = [scopeOf(left).columns, scopeOf(right).columns];
  for (const [from, to] of pairs) {
    const [a, b] = [requireColumn(from, leftColumns), requireColumn(to, rightColumns)];
    if (familyOf(a) !== familyOf(b)) {
      throw new ColumnError(
        `column "${from}" is ${typeName(a)} on the left and "${to}" ${typeName(b)} on the right: they are never equal`,
      );
    }
  }
  return pairs;
}

function isList(on: Exclude<KeyPairs, string>): on is readonly string[] {
  return Array.isArray(on);
}

function equal(from: string, to: string): string {
  return `l.${identifier(from)} = r.${identifier(to)}`;
}
