/** @file Expectations of rows: how rows are counted, and how the counts make an outcome, as Great Expectations does it. */
import { inspect } from "node:util";
import type { RowValue } from "../../query-result.ts";
import { countOf, fieldOf, listOf, resultValue } from "../answers.ts";
import {
  aggregate,
  ofColumn,
  query,
  type Ask,
  type Evaluation,
  type Outcome,
  type ResultValue,
} from "../expectation.ts";
import { countName } from "../few-values.ts";
import type { Scope } from "../scope.ts";
import type { SqlColumn } from "../sql-values.ts";

/** How many examples of what is unexpected a result holds. */
export const exampleCount = 20;

/** A question about each row. */
export interface RowTest {
  /** The column that the question is about, where it is about no other. */
  readonly column?: SqlColumn;
  /** A condition for the rows that are looked at; the others count as missing. All rows where undefined. */
  readonly present: string | undefined;
  /** Whether a row that is looked at is as expected; null counts as unexpected. */
  readonly expected: string;
  /** What stands for a row among the examples. */
  readonly example: string;
  readonly mostly: number;
  /** Makes the example's value as results hold it. */
  readonly show?: (value: RowValue) => ResultValue;
}

/** Counts rows in one pass, and fetches examples only where some are unexpected. */
export function* evaluateRows(scope: Scope, test: RowTest): Evaluation {
  const { present, expected } = test;
  const unexpected = `NOT coalesce(${expected}, false)`;
  const condition = present === undefined ? unexpected : `${present} AND ${unexpected}`;
  const [elements, considered, broken] = yield [
    aggregate(scope.aggregate("count(*)")),
    countWhere(scope, test.column, present),
    countWhere(scope, test.column, condition),
  ];
  const counts = {
    elements: countOf(elements),
    considered: present === undefined ? undefined : countOf(considered),
    unexpected: countOf(broken),
  };
  return yield* withExamples(counts, test, `SELECT ${test.example} AS v ${scope.from(condition)}`);
}

/** Asks for the number of rows that meet a condition over one column, or over several where none is named. */
export function countWhere(scope: Scope, column: SqlColumn | undefined, condition: string | undefined): Ask {
  const ask = aggregate(scope.aggregate("count(*)", condition));
  if (column === undefined || condition === undefined) return ask;
  const sum = `SELECT coalesce(sum(${countName}), 0)`;
  return ofColumn(scope, column, ask, (from) => `${sum} FROM ${from} WHERE ${condition}`);
}

interface RowCounts {
  readonly elements: number;
  /** Rows with a value; undefined where rows without one are looked at too. */
  readonly considered: number | undefined;
  readonly unexpected: number;
}

/**
 * An SQL value that counts the rows which are in groups of more than one, with the first of them: the groups are made once.
 * `keys` are columns as SQL, of which missing ones are the same; they may be used in `example`.
 */
export function duplicatesOf(scope: Scope, keys: readonly string[], present: string, example: string): Ask {
  const named = keys.map((key, index) => `${key} AS c${index}`).join(", ");
  const same = keys.map((_, index) => `r.c${index} IS NOT DISTINCT FROM g.c${index}`).join(" AND ");
  return query(
    `WITH g AS MATERIALIZED (SELECT ${named}, count(*) AS n ${scope.from(present)} GROUP BY ALL HAVING count(*) > 1)
     SELECT {'count': (SELECT coalesce(sum(n), 0) FROM g), 'examples': (SELECT list(v) FROM (
       SELECT v FROM (SELECT ${named}, ${example} AS v ${scope.from(present)}) AS r SEMI JOIN g ON ${same}
       LIMIT ${exampleCount}))}`,
  );
}

/** The outcome of an answer to {@link duplicatesOf}. */
export function duplicatesOutcome(
  elements: RowValue | undefined,
  considered: RowValue | undefined,
  duplicates: RowValue | undefined,
  mostly: number,
): Outcome {
  const counts = {
    elements: countOf(elements),
    considered: countOf(considered),
    unexpected: countOf(fieldOf(duplicates, "count")),
  };
  return outcomeOf(counts, mostly, listOf(fieldOf(duplicates, "examples")).map(resultValue));
}

/** Makes the outcome of counts, with examples from a query of unexpected values, which is asked as `ask` says. */
export function* withExamples(
  counts: RowCounts,
  { mostly, show = resultValue }: Pick<RowTest, "mostly" | "show">,
  unexpectedValues: string,
  ask: (sql: string) => Ask = query,
): Evaluation {
  let examples: readonly ResultValue[] = [];
  if (counts.unexpected > 0) {
    const [list] = yield [ask(`SELECT list(v) FROM (${unexpectedValues} LIMIT ${exampleCount})`)];
    examples = listOf(list).map(show);
  }
  return outcomeOf(counts, mostly, examples);
}

function outcomeOf(
  { elements, considered, unexpected }: RowCounts,
  mostly: number,
  examples: readonly ResultValue[],
): Outcome {
  const of = (count: number, total: number): number | null => (total > 0 ? (count / total) * 100 : null);
  const basis = considered ?? elements;
  const success = basis === 0 || (basis - unexpected) / basis >= mostly;
  const common = {
    element_count: elements,
    unexpected_count: unexpected,
    unexpected_percent: of(unexpected, basis),
    partial_unexpected_list: examples,
  };
  const counted = { partial_unexpected_counts: countExamples(examples) };
  if (considered === undefined) return { success, result: { ...common, ...counted } };
  const missing = elements - considered;
  return {
    success,
    result: {
      ...common,
      missing_count: missing,
      missing_percent: of(missing, elements),
      unexpected_percent_total: of(unexpected, elements),
      unexpected_percent_nonmissing: of(unexpected, considered),
      ...counted,
    },
  };
}

/** The most frequent first, equally frequent ones in their own order. */
function countExamples(
  examples: readonly ResultValue[],
): readonly { readonly value: ResultValue; readonly count: number }[] {
  const counts = new Map<string, { readonly value: ResultValue; count: number }>();
  for (const example of examples) {
    const isRecord = typeof example === "object" && example !== null && !Array.isArray(example);
    const value = isRecord ? Object.values(example) : example;
    const key = inspect(value);
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { value, count: 1 });
    else known.count += 1;
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || order(a.value, b.value));
}

function order(a: ResultValue, b: ResultValue): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    const different = a.findIndex((item, index) => order(item, b[index]) !== 0);
    return different < 0 ? 0 : order(a[different], b[different]);
  }
  if (a === null || b === null || typeof a === "object" || typeof b === "object") return 0;
  return a < b ? -1 : a > b ? 1 : 0;
}
