/** @file The most frequent values of columns, and how many different ones there are: one pass over the rows for all. */
import { numberOf } from "./aggregate-query.ts";
import type { ExaminedColumn } from "./examined-column.ts";
import type { ProfileValue, ValueCount } from "./profile-data.ts";
import type { Database } from "../database.ts";
import type { Row } from "../query-result.ts";

const topValues = 10;
const longestValue = 200;
/** Columns that one query groups by: each is a bit of a GROUPING number. */
const groupedAtOnce = 30;

/** A column's frequent values. */
export interface Frequencies {
  readonly distinct: number;
  /** Values that occur a single time. */
  readonly once: number;
  /** The most frequent values that occur more than once; all where there are few. */
  readonly top: readonly ValueCount[];
}

/** Counts the values of columns, null and NaN left out; by the columns' ids. `most` are given of each; 10 where absent. */
export async function countValues(
  database: Database,
  from: string,
  columns: readonly ExaminedColumn[],
  most = topValues,
): Promise<Map<string, Frequencies>> {
  const found = new Map<string, Frequencies>();
  for (let at = 0; at < columns.length; at += groupedAtOnce) {
    const some = columns.slice(at, at + groupedAtOnce);
    for (const [id, frequencies] of await countSome(database, from, some, most)) found.set(id, frequencies);
  }
  return found;
}

async function countSome(
  database: Database,
  from: string,
  columns: readonly ExaminedColumn[],
  most: number,
): Promise<Map<string, Frequencies>> {
  const ids = columns.map(({ id }) => id).join(", ");
  // Values become text only where they may be shown: of a column of numbers hardly any is there twice.
  const { rows } = await database.query(
    `WITH grouped AS MATERIALIZED (
       SELECT ${ids}, count(*) AS n, grouping_id(${ids})::BIGINT AS g
       FROM (SELECT ${columns.map(({ id, value }) => `${value} AS ${id}`).join(", ")} FROM ${from})
       GROUP BY GROUPING SETS (${columns.map(({ id }) => `(${id})`).join(", ")})
       HAVING ${columns.map(({ id }) => `${id} IS NOT NULL`).join(" OR ")}),
     sizes AS (SELECT g, count(*) AS d, count_if(n = 1) AS o FROM grouped GROUP BY g),
     valued AS (
       SELECT g, n, coalesce(${columns.map(({ id }) => `${id}::VARCHAR`).join(", ")}) AS v
       FROM grouped JOIN sizes USING (g) WHERE n > 1 OR d <= ${topValues}),
     chosen AS (
       SELECT * FROM valued QUALIFY row_number() OVER (PARTITION BY g ORDER BY n DESC, v) <= ${most})
     SELECT g, d, o, n, left(v, ${longestValue}) AS v FROM sizes LEFT JOIN chosen USING (g) ORDER BY g, n DESC, chosen.v`,
  );
  const byGroup = new Map<number, Row[]>();
  for (const row of rows) {
    const group = numberOf(row["g"]);
    byGroup.set(group, [...(byGroup.get(group) ?? []), row]);
  }
  return new Map(
    columns.map((column, index) => {
      // Of the grouping number's bits, the first column's is the highest, and 0 where its values were grouped.
      const own = byGroup.get(2 ** columns.length - 1 - 2 ** (columns.length - 1 - index)) ?? [];
      const top = own.flatMap(({ v, n }) =>
        typeof v === "string" ? [{ value: profileValue(v, column), count: numberOf(n) }] : [],
      );
      return [column.id, { distinct: numberOf(own[0]?.["d"]), once: numberOf(own[0]?.["o"]), top }] as const;
    }),
  );
}

/** A value from its text. */
function profileValue(text: string, { kind }: ExaminedColumn): ProfileValue {
  if (kind === "boolean") return text === "true";
  if (kind === "date") return text.replace(" ", "T");
  if (kind !== "number") return text;
  const number = Number(text);
  const isExact = Number.isFinite(number) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(number));
  return isExact ? number : text;
}
