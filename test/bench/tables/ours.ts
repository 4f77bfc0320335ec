/** @file One measurement of ours, as a process: `ours.ts FLIGHTS TRADES QUOTES THREADS REPETITIONS`; prints a JSON object. */
import { col, count, mean, openDatabase, rank, read, sum, type Table } from "../../../ml/data/index.ts";
import type { Outcome, questions } from "./outcome.ts";

const [flightsFile = "", tradesFile = "", quotesFile = "", threads = "1", repetitions = "3"] =
  process.argv.slice(2);
using database = await openDatabase({ threads: Number(threads) });
const flights: Table = await read(flightsFile, { database });
const trades: Table = await read(tradesFile, { database });
const quotes: Table = await read(quotesFile, { database });

/** The values of the first row, in the order of their names. */
async function answer(table: Table): Promise<number[]> {
  const [row = {}] = await table.rows();
  return Object.keys(row)
    .sort()
    .map((name) => Number(row[name]));
}

const asked: Readonly<Record<(typeof questions)[number], () => Promise<number[]>>> = {
  "read all columns": async () => {
    const arrays = await flights.arrays();
    return Object.keys(arrays)
      .sort()
      .map((name) => arrays[name]?.length ?? 0);
  },
  aggregate: async () =>
    await answer(flights.aggregate({ a: sum(col("distance")), b: mean(col("delay")), c: count() })),
  "filter and group": async () =>
    await answer(
      flights
        .filter(col("delay").gt(15).and(col("distance").lt(1000)))
        .groupBy("origin")
        .aggregate({ n: count(), delay: mean(col("delay")) })
        .aggregate({ a: count(), b: sum(col("n")), c: sum(col("delay")) }),
    ),
  "group by two keys": async () =>
    await answer(
      flights
        .groupBy("origin", "destination")
        .aggregate({ n: count(), distance: sum(col("distance")) })
        .aggregate({ a: count(), b: sum(col("n")), c: sum(col("distance")) }),
    ),
  join: async () => {
    const origins = flights.groupBy("origin").aggregate({ usual: mean(col("delay")) });
    return await answer(
      flights
        .join(origins, { on: "origin" })
        .filter(col("delay").gt(col("usual")))
        .aggregate({ a: count(), b: sum(col("distance")) }),
    );
  },
  "rank in groups": async () =>
    await answer(
      flights
        .derive({ place: rank().over({ partitionBy: "origin", orderBy: "delay" }) })
        .aggregate({ a: sum(col("place")) }),
    ),
  "first 100 of a sort": async () =>
    await answer(
      flights
        .sort(col("delay").desc(), "date", "origin", "destination")
        .limit(100)
        .aggregate({ a: sum(col("delay")), b: sum(col("distance")) }),
    ),
  "asof join, 1M with 10M": async () =>
    await answer(
      trades
        .asofJoin(quotes, { on: "time", by: "symbol" })
        .aggregate({ a: count(col("bid")), b: sum(col("bid")) }),
    ),
};

const times: Record<string, number[]> = {};
const answers: Record<string, number[]> = {};
for (const [name, ask] of Object.entries(asked)) {
  times[name] = [];
  for (let repetition = 0; repetition < Number(repetitions); repetition++) {
    const started = performance.now();
    answers[name] = await ask();
    times[name].push(performance.now() - started);
  }
}
const outcome: Outcome = { version: "Tenon", times, answers, peak: process.resourceUsage().maxRSS / 1024 };
process.stdout.write(`${JSON.stringify(outcome)}\n`);
