/** @file The most frequent values of columns, and how many different ones there are: one pass over the rows for all. */
import { numberOf } from "./aggregate-query.ts";
import type { ExaminedColumn } from "./examined-column.ts";
import type { ProfileValue, ValueCount } from "./profile-data.ts";
import type { Database } from "../database.ts";

const topValues = 10;
const longestValue = 200;
/** Columns that one query groups by: each is a bit of a GROUPING number. */
const groupedAtOnce = 30;

/** A column's frequent values. */
export interface Frequencies {
  readonly distinct: number;
  readonly top: readonly ValueCount[];
}

/** Which values {@link countValues} gives. */
interface Counting {
  /** Values that occur less often are passed over; 1 where absent. */
  readonly leastCount?: number;
  /** How many of the most frequent values are given; 10 where absent. */
  readonly most?: number;
}

/** Counts the values of columns, null and NaN left out; by the columns' ids. */
export async function countValues(
  database: Database,
  from: string,
  columns: readonly ExaminedColumn[],
  counting: Counting = {},
): Promise<Map<string, Frequencies>> {
  const found = new Map<string, Frequencies>();
  for (let at = 0; at < columns.length; at += groupedAtOnce) {
    const some = columns.slice(at, at + groupedAtOnce);
    for (const [id, frequencies] of await countSome(database, from, some, counting))
      found.set(id, frequencies);
  }
  return found;
}

async function countSome(
  database: Database,
  from: string,
  columns: readonly ExaminedColumn[],
  { leastCount = 1, most = topValues }: Counting,
): Promise<Map<string, Frequencies>> {
  const ids = columns.map(({ id }) => id).join(", ");
  const { rows } = await database.query(
    `WITH grouped AS (
       SELECT ${ids}, count(*) AS n, grouping_id(${ids}) AS g
       FROM (SELECT ${columns.map(({ id, value }) => `${value} AS ${id}`).join(", ")} FROM ${from})
       GROUP BY GROUPING SETS (${columns.map(({ id }) => `(${id})`).join(", ")})
       HAVING count(*) >= ${leastCount}),
     valued AS (SELECT g, n, coalesce(${columns.map(({ id }) => `${id}::VARCHAR`).join(", ")}) AS v FROM grouped)
     SELECT g, n, left(v, ${longestValue}) AS v, count(*) OVER (PARTITION BY g) AS d FROM valued WHERE v IS NOT NULL
     QUALIFY row_number() OVER (PARTITION BY g ORDER BY n DESC, v) <= ${most} ORDER BY g, n DESC, v`,
  );
  return new Map(
    columns.map((column, index) => {
      // Of the grouping number's bits, the first column's is the highest, and 0 where its values were grouped.
      const group = 2 ** columns.length - 1 - 2 ** (columns.length - 1 - index);
      const own = rows.filter((row) => numberOf(row["g"]) === group);
      const top = own.map(({ v, n }) => ({
        value: profileValue(typeof v === "string" ? v : "", column),
        count: numberOf(n),
      }));
      return [column.id, { distinct: numberOf(own[0]?.["d"]), top }] as const;
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
