/** @file Drift and skew: how far the distributions of two tables' columns are apart. */
import type { TableSource } from "../../table-source.ts";
import { countOf, listOf, fieldOf, numberOf, textOf } from "../answers.ts";
import { aggregate, query } from "../expectation.ts";
import { requireNumber } from "../kinds/require-type.ts";
import { runInRounds, type Asking } from "../rounds.ts";
import { Scope } from "../scope.ts";
import { isNumeric } from "../sql-values.ts";
import { jensenShannonDivergence, lInfinityDistance } from "./distance.ts";

/** How many intervals a histogram has, as in TFDV. */
const intervals = 10;

/** How far a column's distributions are apart. */
export interface DriftMeasurement {
  readonly column: string;
  /** `L_INFTY` is the greatest difference of a category's share, `JENSEN_SHANNON_DIVERGENCE` that of histograms of numbers. */
  readonly type: "L_INFTY" | "JENSEN_SHANNON_DIVERGENCE";
  /** From 0, the same, to 1; null where one table has no values. */
  readonly value: number | null;
  /** Whose share differs most, of categories. */
  readonly category?: string;
}

/**
 * Measures the columns that both tables have, or the named ones of them: numbers by the Jensen-Shannon divergence of their
 * histograms, with the same ten equal intervals over the range of both tables; all others by the greatest difference of a
 * value's share. The tables may be in different databases. Missing values count in neither; infinite values are an outcome
 * of their own.
 *
 * TFDV does the same with histograms that were stored before, whose intervals it must estimate anew where the ranges differ.
 */
export async function measureDrift(
  source: TableSource,
  other: TableSource,
  columns?: readonly string[],
): Promise<readonly DriftMeasurement[]> {
  const scopes = [new Scope(source.columns), new Scope(other.columns)] as const;
  const names = columns ?? namesOf(source).filter((name) => namesOf(other).includes(name));
  const isNumber = (name: string): boolean => scopes.every((scope) => isNumeric(scope.column(name).type));
  const numbers = names.filter(isNumber);
  const categories = names.filter((name) => !isNumber(name));
  const both = async <T>(ask: (scope: Scope, name: string) => Asking<T>, asked: readonly string[]) => [
    await askAll(
      source,
      asked.map((name) => ask(scopes[0], name)),
    ),
    await askAll(
      other,
      asked.map((name) => ask(scopes[1], name)),
    ),
  ];
  const [shares = [], otherShares = []] = await both(sharesOf, categories);
  const [ranges = [], otherRanges = []] = await both(rangeOf, numbers);
  const joint = new Map(
    numbers.map((name, index) => [name, joined(ranges[index], otherRanges[index])] as const),
  );
  const [counts = [], otherCounts = []] = await both(
    (scope, name) => countsOf(scope, name, joint.get(name) ?? null),
    numbers,
  );
  const measured = new Map<string, DriftMeasurement>();
  for (const [index, column] of categories.entries()) {
    const { value, at } = lInfinityDistance(shares[index] ?? new Map(), otherShares[index] ?? new Map());
    const category = at === null ? {} : { category: at };
    measured.set(column, { column, type: "L_INFTY", value: known(value), ...category });
  }
  for (const [index, column] of numbers.entries()) {
    const value = jensenShannonDivergence(counts[index] ?? [], otherCounts[index] ?? []);
    measured.set(column, { column, type: "JENSEN_SHANNON_DIVERGENCE", value: known(value) });
  }
  return names.flatMap((name) => measured.get(name) ?? []);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function namesOf(source: TableSource): readonly string[] {
  return source.columns.map(({ name }) => name);
}

async function askAll<T>(source: TableSource, asking: readonly Asking<T>[]): Promise<readonly T[]> {
  const evaluated = await runInRounds(source, asking);
  return evaluated.map((each) => {
    if ("error" in each) throw each.error;
    return each.outcome;
  });
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function joined(a: Range | null | undefined, b: Range | null | undefined): Range | null {
  const ranges = [a, b].filter((range) => range !== null && range !== undefined);
  if (ranges.length === 0) return null;
  return {
    min: Math.min(...ranges.map(({ min }) => min)),
    max: Math.max(...ranges.map(({ max }) => max)),
  };
}

function* sharesOf(scope: Scope, name: string): Asking<ReadonlyMap<string, number>> {
  const column = scope.column(name);
  const text = column.type === "string" ? column.value : `CAST(${column.value} AS VARCHAR)`;
  const rows = `SELECT ${text} AS v, count(*) AS n ${scope.from(`${column.value} IS NOT NULL`)} GROUP BY 1`;
  const [answer] = yield [query(`SELECT list({'v': v, 'n': n}) FROM (${rows})`)];
  return new Map(listOf(answer).map((each) => [textOf(fieldOf(each, "v")), countOf(fieldOf(each, "n"))]));
}

/** The range of finite values; null without any. */
function* rangeOf(scope: Scope, name: string): Asking<Range | null> {
  const number = requireNumber(scope.column(name));
  const [least, greatest] = yield [
    aggregate(scope.aggregate(`min(${number})`, `isfinite(${number})`)),
    aggregate(scope.aggregate(`max(${number})`, `isfinite(${number})`)),
  ];
  const [min, max] = [numberOf(least), numberOf(greatest)];
  return min === null || max === null ? null : { min, max };
}

/** Counts of the intervals of a range, of negative and of positive infinity. */
function* countsOf(scope: Scope, name: string, range: Range | null): Asking<readonly number[]> {
  const number = requireNumber(scope.column(name));
  const { min, max } = range ?? { min: 0, max: 0 };
  // Divided first: the difference of the greatest numbers is infinite.
  const width = max / intervals - min / intervals;
  const place = width === 0 ? "0" : `floor((${number} - ${sqlNumber(min)}) / ${sqlNumber(width)})`;
  const bucket = `CASE WHEN isfinite(${number}) THEN least(${intervals - 1}, ${place})
    WHEN ${number} < 0 THEN ${intervals} ELSE ${intervals + 1} END`;
  const rows = `SELECT CAST(${bucket} AS INTEGER) AS i, count(*) AS n ${scope.from(`${number} IS NOT NULL`)} GROUP BY 1`;
  const [answer] = yield [query(`SELECT list({'i': i, 'n': n}) FROM (${rows})`)];
  const counted = new Map(
    listOf(answer).map((each) => [countOf(fieldOf(each, "i")), countOf(fieldOf(each, "n"))]),
  );
  return Array.from({ length: intervals + 2 }, (_, index) => counted.get(index) ?? 0);
}

const sqlNumber = (value: number): string => `CAST('${value}' AS DOUBLE)`;
