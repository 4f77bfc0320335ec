/**
 * @file Parts of a table by chance, the same each time for the same seed.
 *
 * Chance is DuckDB's hash of a row's place and the seed where rows come in the same order each time (files, and what keeps
 * their order), and of the row's content else: then equal rows go together. So every part is a query of its own, and the
 * parts never overlap though each is computed anew.
 */
import { ColumnError } from "./errors.ts";
import { familyOf } from "./families.ts";
import { identifiers } from "./literals.ts";
import { identifier } from "./relation-sql.ts";
import type { ColumnDescription } from "./query-result.ts";
import { requireColumn } from "./render.ts";
import type { TableParts } from "./table.ts";
import { describe, next, scopeOf } from "./verbs.ts";

/** What a split keeps together or in balance. */
export interface SplitRules {
  readonly seed: number;
  readonly stratifyBy: readonly string[];
  readonly groupBy: readonly string[];
  readonly time: string | undefined;
}

/** Shares of a table by the names of its parts. */
export type Shares = Readonly<Record<string, number>>;

/** A number that is chance for each value. One hash alone only flips the same bits of all numbers for another seed. */
function chanceOf(what: string, seed: number): string {
  return `hash(hash(${what}, ${seed}))`;
}

/** A table with `tenon_chance`, a number that is chance for each row. */
function withChance(table: TableParts, seed: number): string {
  const what = table.isOrdered ? "row_number() OVER ()" : table.columns.map(contentOf).join(", ");
  return `SELECT *, ${chanceOf(what, seed)} AS tenon_chance FROM (${table.sql}\n)`;
}

/** Rows up to which a share is exact to the row. In more, the share of chance alone differs by less than a thousandth. */
const mostCounted = 1_000_000;

/** The number below which a share of all chances lies. */
function quantileOfChance(share: number): string {
  const bound = BigInt(Math.round(share * 2 ** 53)) << 11n;
  return `CAST(${bound > 0n ? bound - 1n : 0n} AS UBIGINT)`;
}

/** What of a column counts. A mean of floats may end in another bit each time, as its rows come in another order. */
function contentOf({ name, type }: ColumnDescription): string {
  return type === "DOUBLE" ? `TRY_CAST(${identifier(name)} AS FLOAT)` : identifier(name);
}

/** Some rows, or a share of them, each with the same chance. */
export function sample(
  table: TableParts,
  size: { readonly rows: number } | { readonly fraction: number },
  seed: number,
): TableParts {
  requireSeed(seed);
  const chance = withChance(table, seed);
  if ("rows" in size) {
    if (!Number.isSafeInteger(size.rows) || size.rows < 0) {
      throw new RangeError(`a sample has a whole number of rows, not ${size.rows}`);
    }
    const sql = `SELECT * EXCLUDE tenon_chance FROM (${chance}) ORDER BY tenon_chance LIMIT ${size.rows}`;
    return { ...next(table, sql, table.columns), isOrdered: table.isOrdered };
  }
  const { fraction } = size;
  if (!(fraction >= 0 && fraction <= 1)) throw new RangeError(`a share is between 0 and 1, not ${fraction}`);
  const sql = `SELECT * EXCLUDE tenon_chance FROM (${chance}) WHERE ${fraction > 0 ? `tenon_chance <= ${quantileOfChance(fraction)}` : "false"}`;
  return next(table, sql, table.columns);
}

/** Parts of a table by their shares, which sum to one. Every row is in one part. */
export function split(
  table: TableParts,
  shares: Shares,
  rules: SplitRules,
): Readonly<Record<string, TableParts>> {
  const bounds = boundsOf(shares);
  const kinds = [rules.stratifyBy.length > 0, rules.groupBy.length > 0, rules.time !== undefined];
  if (kinds.filter(Boolean).length > 1) {
    throw new ColumnError("a split is stratified, grouped or in time; it cannot be two of them");
  }
  requireSeed(rules.seed);
  const part = partMaker(table, rules);
  return Object.fromEntries(
    bounds.map(({ name, from, to }) => [
      name,
      {
        ...next(table, part(from, to), table.columns),
        isOrdered: table.isOrdered && rules.stratifyBy.length === 0,
      },
    ]),
  );
}

type PartMaker = (from: number | undefined, to: number | undefined) => string;

function partMaker(table: TableParts, { seed, stratifyBy, groupBy, time }: SplitRules): PartMaker {
  if (time !== undefined) return inTime(table, time);
  if (groupBy.length > 0) return ofGroups(table, groupBy, seed);
  const chance = withChance(table, seed);
  if (stratifyBy.length > 0) return stratified(table, chance, stratifyBy);
  const chances = table.isOrdered
    ? `(SELECT ${chanceOf("place", seed)} AS tenon_chance FROM range(1, (SELECT count(*) + 1 FROM (${table.sql}\n))) AS places(place))`
    : `(${chance})`;
  const bound = (share: number): string =>
    `(SELECT CASE WHEN (SELECT count(*) FROM (${table.sql}\n)) > ${mostCounted} THEN ${quantileOfChance(share)}
       ELSE (SELECT quantile_disc(tenon_chance, ${share}) FROM (SELECT * FROM ${chances} LIMIT ${mostCounted})) END)`;
  return (from, to) =>
    `SELECT * EXCLUDE tenon_chance FROM (${chance}) WHERE ${between("tenon_chance", from && bound(from), to && bound(to))}`;
}

/** Of each stratum the same share, to the nearest row. */
function stratified(table: TableParts, chance: string, strata: readonly string[]): PartMaker {
  describe(table, strata);
  const own = strata.map((name, index) => `${identifier(name)} AS tenon_stratum_${index}`);
  const same = strata.map(
    (name, index) => `rows.${identifier(name)} IS NOT DISTINCT FROM tenon_stratum_${index}`,
  );
  const place = (share: number | undefined, name: string): string =>
    share === undefined
      ? ""
      : `, tenon_chances[CAST(round(${share} * len(tenon_chances)) AS BIGINT)] AS ${name}`;
  return (from, to) =>
    `SELECT rows.* EXCLUDE tenon_chance FROM (${chance}) AS rows JOIN (
       SELECT * EXCLUDE tenon_chances${place(from, "tenon_from")}${place(to, "tenon_to")} FROM (
         SELECT ${own.join(", ")}, list_sort(list(tenon_chance)) AS tenon_chances
         FROM (${chance}) GROUP BY ALL)) ON ${same.join(" AND ")}
     WHERE ${between("tenon_chance", from && "tenon_from", to && "tenon_to")}`;
}

/** Whole groups: of their number the share, whatever their sizes. */
function ofGroups(table: TableParts, groups: readonly string[], seed: number): PartMaker {
  describe(table, groups);
  const chance = chanceOf(identifiers(groups), seed);
  const bound = (share: number): string =>
    `(SELECT quantile_disc(chance, ${share}) FROM (SELECT DISTINCT ${chance} AS chance FROM (${table.sql}\n)))`;
  return (from, to) =>
    `SELECT * FROM (${table.sql}\n) WHERE ${between(chance, from && bound(from), to && bound(to))}`;
}

/** The earlier rows first. Rows of one moment stay together; those without any are in the first part. */
function inTime(table: TableParts, time: string): PartMaker {
  const type = requireColumn(time, scopeOf(table).columns);
  if (familyOf(type) !== "date" && familyOf(type) !== "number") {
    throw new ColumnError(`column "${time}" is ${type}; a split in time needs a date or a number`);
  }
  const column = identifier(time);
  const bound = (share: number): string =>
    `(SELECT quantile_disc(${column}, ${share}) FROM (${table.sql}\n))`;
  return (from, to) => {
    const after = from === undefined ? [] : [`coalesce(${column} > ${bound(from)}, false)`];
    const until = to === undefined ? [] : [`coalesce(${column} <= ${bound(to)}, true)`];
    return `SELECT * FROM (${table.sql}\n) WHERE ${[...after, ...until].join(" AND ") || "true"}`;
  };
}

/** After one bound and until another. A bound is null where no row is until there. */
function between(value: string, from: string | 0 | undefined, to: string | 0 | undefined): string {
  const terms = [
    ...(from === undefined ? [] : [`coalesce(${value} > ${from}, true)`]),
    ...(to === undefined ? [] : [`coalesce(${value} <= ${to}, false)`]),
  ];
  return terms.join(" AND ") || "true";
}

/** Where each part begins and ends, as shares of the whole; the first has no beginning and the last no end. */
function boundsOf(
  shares: Shares,
): { readonly name: string; readonly from: number | undefined; readonly to: number | undefined }[] {
  const entries = Object.entries(shares);
  for (const [name, share] of entries) {
    if (!(share > 0 && share <= 1))
      throw new RangeError(`the share of "${name}" must be above 0, not ${share}`);
  }
  const total = entries.reduce((sum, [, share]) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-9) throw new RangeError(`the shares must sum to 1, not to ${total}`);
  let before = 0;
  return entries.map(([name, share], index) => {
    const from = index === 0 ? undefined : rounded(before);
    before += share;
    return { name, from, to: index === entries.length - 1 ? undefined : rounded(before) };
  });
}

/** 0.1 + 0.2 is 0.3 here, or a row more would be in the part. */
function rounded(share: number): number {
  return Number(share.toFixed(12));
}

function requireSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a whole number, not ${seed}`);
}
