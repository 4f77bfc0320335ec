/** @file What the text columns hold: lengths and blanks over all rows, what reads as numbers or dates over the sample. */
import { AggregateQuery, numberOf } from "./aggregate-query.ts";
import type { TextStatistics } from "./profile-data.ts";
import type { WorkingTable } from "./working-table.ts";

/** An SQL text. */
const numberPattern = String.raw`'\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*'`;

/** Statistics of the text columns, by the columns' ids; none for columns without a value. */
export async function examineText(table: WorkingTable): Promise<Map<string, TextStatistics>> {
  const columns = table.columns.filter(({ kind }) => kind === "text");
  const [all, some] = [new AggregateQuery(), new AggregateQuery()];
  const readers = columns.map(({ id }) => {
    const text = `t_${id}`;
    const trimmed = `trim(${text}, ' ' || chr(9) || chr(10) || chr(13))`;
    return {
      id,
      present: all.add(`count(${text})`),
      min: all.add(`min(length(${text}))`),
      mean: all.add(`avg(length(${text}))`),
      max: all.add(`max(length(${text}))`),
      // What sorts before "!" is empty or begins with white space; only that is trimmed, which takes long.
      blank: all.add(`count_if(CASE WHEN ${text} < '!' THEN ${trimmed} = '' END)`),
      untrimmed: all.add(
        `count_if(CASE WHEN ${text} < '!' THEN ${trimmed} <> '' ELSE ${endsBlank(text)} END)`,
      ),
      filled: some.add(
        `count_if(CASE WHEN ${text} < '!' THEN ${trimmed} <> '' ELSE ${text} IS NOT NULL END)`,
      ),
      numeric: some.add(`count_if(regexp_full_match(${text}, ${numberPattern}))`),
      // A failed cast takes long: what does not begin with a digit and have a separator is not tried.
      dates: some.add(
        `count_if(CASE WHEN ${text} < ':' AND (contains(${text}, '-') OR contains(${text}, '/')) AND
         NOT regexp_full_match(${text}, ${numberPattern}) THEN isfinite(try_cast(${trimmed} AS TIMESTAMP)) END)`,
      ),
    };
  });
  const selected = columns.map(({ id }) => `${id}::VARCHAR AS t_${id}`);
  const rows = (from: string): string => `(SELECT ${selected.join(", ")} FROM ${from})`;
  const whole = await all.run(table.database, rows(table.all));
  const sample = await some.run(table.database, rows(table.sample));
  const known = readers.filter(({ present }) => numberOf(present(whole)) > 0);
  return new Map(
    known.map((read) => {
      const filled = Math.max(1, numberOf(read.filled(sample)));
      const statistics: TextStatistics = {
        minLength: numberOf(read.min(whole)),
        meanLength: numberOf(read.mean(whole)),
        maxLength: numberOf(read.max(whole)),
        blank: numberOf(read.blank(whole)),
        untrimmed: numberOf(read.untrimmed(whole)),
        numeric: numberOf(read.numeric(sample)) / filled,
        dates: numberOf(read.dates(sample)) / filled,
      };
      return [read.id, statistics] as const;
    }),
  );
}

function endsBlank(text: string): string {
  return [32, 9, 10, 13].map((code) => `suffix(${text}, chr(${code}))`).join(" OR ");
}
