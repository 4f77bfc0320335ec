/** @file Drift and skew: how far the distributions of two tables' columns are apart. */
import type { TableSource } from "../../table-source.ts";
import { countOf, listOf, fieldOf, numberOf, textOf } from "../answers.ts";
import { aggregate, query } from "../expectation.ts";
import { requireNumber } from "../kinds/require-type.ts";
import { runInRounds, type Asking } from "../rounds.ts";
import { Scope } from "../scope.ts";
import { isNumeric } from "../sql-values.ts";
import { alignHistograms, jensenShannonDivergence, lInfinityDistance, type Histogram } from "./distance.ts";

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
 * Measures the columns that both tables have, or the named ones of them: numbers by the Jensen-Shannon divergence of
 * histograms with ten intervals of equal width each, all others by the greatest difference of a value's share. The tables
 * may be in different databases. Missing values count in neither.
 */
export async function measureDrift(
  source: TableSource,
  other: TableSource,
  columns?: readonly string[],
): Promise<readonly DriftMeasurement[]> {
  const [first, second] = [new Scope(source.columns), new Scope(other.columns)];
  const shared = source.columns
    .map(({ name }) => name)
    .filter((name) => other.columns.some((each) => each.name === name));
  const names = columns ?? shared;
  const isNumber = (name: string): boolean =>
    isNumeric(first.column(name).type) && isNumeric(second.column(name).type);
  const look = (scope: Scope, name: string): Asking<Histogram | ReadonlyMap<string, number>> =>
    isNumber(name) ? histogramOf(scope, name) : sharesOf(scope, name);
  const [found, foundOther] = [
    await lookAt(
      source,
      names.map((name) => look(first, name)),
    ),
    await lookAt(
      other,
      names.map((name) => look(second, name)),
    ),
  ];
  return names.map((name, index) => measure(name, found[index], foundOther[index]));
}

type Distribution = Histogram | ReadonlyMap<string, number>;

async function lookAt(
  source: TableSource,
  asking: readonly Asking<Distribution>[],
): Promise<readonly Distribution[]> {
  const evaluated = await runInRounds(source, asking);
  return evaluated.map((each) => {
    if ("error" in each) throw each.error;
    return each.outcome;
  });
}

function measure(column: string, a: Distribution | undefined, b: Distribution | undefined): DriftMeasurement {
  if (a instanceof Map && b instanceof Map) {
    const { value, at } = lInfinityDistance(a, b);
    const type = "L_INFTY";
    return { column, type, value: known(value), ...(at === null ? {} : { category: at }) };
  }
  const value =
    isHistogram(a) && isHistogram(b) ? jensenShannonDivergence(...alignHistograms(a, b)) : Number.NaN;
  return { column, type: "JENSEN_SHANNON_DIVERGENCE", value: known(value) };
}

function isHistogram(distribution: Distribution | undefined): distribution is Histogram {
  return distribution !== undefined && "edges" in distribution;
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function* sharesOf(scope: Scope, name: string): Asking<ReadonlyMap<string, number>> {
  const column = scope.column(name);
  const text = column.type === "string" ? column.value : `CAST(${column.value} AS VARCHAR)`;
  const [answer] = yield [
    query(
      `SELECT list({'v': v, 'n': n}) FROM (SELECT ${text} AS v, count(*) AS n ${scope.from(`${column.value} IS NOT NULL`)} GROUP BY v)`,
    ),
  ];
  return new Map(listOf(answer).map((each) => [textOf(fieldOf(each, "v")), countOf(fieldOf(each, "n"))]));
}

function* histogramOf(scope: Scope, name: string): Asking<Histogram> {
  const number = requireNumber(scope.column(name));
  const finite = `isfinite(${number})`;
  const [least, greatest, present, infinite] = yield [
    aggregate(scope.aggregate(`min(${number})`, finite)),
    aggregate(scope.aggregate(`max(${number})`, finite)),
    aggregate(scope.aggregate("count(*)", finite)),
    aggregate(scope.aggregate("count(*)", `isinf(${number})`)),
  ];
  const [min, max] = [numberOf(least), numberOf(greatest)];
  const none = { edges: [], counts: [], infinite: countOf(infinite) };
  if (min === null || max === null) return none;
  if (min === max) return { ...none, point: { value: min, count: countOf(present) } };
  // Halves first: the difference of the greatest numbers is infinite.
  const width = max / intervals - min / intervals;
  const place = `least(${intervals - 1}, floor((${number} - ${sqlNumber(min)}) / ${sqlNumber(width)}))`;
  const [answer] = yield [
    query(
      `SELECT list({'i': i, 'n': n}) FROM (SELECT CAST(${place} AS INTEGER) AS i, count(*) AS n ${scope.from(finite)} GROUP BY i)`,
    ),
  ];
  const counted = new Map(
    listOf(answer).map((each) => [countOf(fieldOf(each, "i")), countOf(fieldOf(each, "n"))]),
  );
  const edges = Array.from({ length: intervals }, (_, index) => min + index * width);
  return {
    edges: [...edges, max],
    counts: edges.map((_, index) => counted.get(index) ?? 0),
    infinite: countOf(infinite),
  };
}

const sqlNumber = (value: number): string => `CAST('${value}' AS DOUBLE)`;
