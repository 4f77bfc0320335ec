/** @file How often a column's values occur: one grouping answers every expectation that asks. */
import type { RowValue } from "../../query-result.ts";
import { countOf, fieldOf } from "../answers.ts";
import type { Scope } from "../scope.ts";
import type { SqlColumn } from "../sql-values.ts";

interface Frequencies {
  /** Different values. */
  readonly distinct: number;
  /** Rows whose value occurs more than once. */
  readonly duplicated: number;
}

/** A query over a column's values that aren't missing, and what reads its answer. */
export function frequenciesOf(
  scope: Scope,
  { value }: SqlColumn,
): { readonly sql: string; readonly read: (answer: RowValue | undefined) => Frequencies } {
  const counts = `SELECT ${value} AS v, count(*) AS n ${scope.from(`${value} IS NOT NULL`)} GROUP BY v`;
  return {
    sql: `SELECT {'distinct': count(*), 'duplicated': coalesce(sum(n) FILTER (WHERE n > 1), 0)} FROM (${counts})`,
    read: (answer) => ({
      distinct: countOf(fieldOf(answer, "distinct")),
      duplicated: countOf(fieldOf(answer, "duplicated")),
    }),
  };
}
