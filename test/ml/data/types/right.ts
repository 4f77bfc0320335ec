// Programs that compile: typed columns must not stand in the way.
import { col, count, mean, rank, read, sql, sum, Table, when, max } from "../../../../ml/data/index.ts";
import type { Airports, Flights } from "./tables.ts";

declare const flights: Table<Flights>;
declare const airports: Table<Airports>;

type Of<T> = T extends Table<infer C> ? C : never;
const f2 = await read("flights.parquet");
export const a1: Table<Flights> = f2;
const d = flights.derive({
  late: col("delay").gt(15),
  x: col("delay").mul(2),
  y: col("delay").mul(0.5),
  z: col("fare").add(1),
  w: col("load").add(col("id")),
  l: col("origin").lower(),
  m: col("date").month(),
  t: col("day").truncate("month"),
  wh: when(col("delay").gt(1)).then("a").otherwise("b"),
  wn: when(col("delay").gt(1)).then(1).otherwise(0.5),
  wc: when(col("delay").gt(1)).then(col("delay")).otherwise(col("id")),
  fn: col("delay").fillNull(0),
});
export const types: {
  late: "boolean";
  x: "int64";
  y: "float64";
  z: "decimal";
  w: "float64";
  l: "string";
  m: "int64";
  t: "date";
  wh: "string";
  wn: "float64";
  wc: "int64";
  fn: "int16";
  id: "int64";
} = {} as Of<typeof d>;
const g = flights
  .filter(col("cancelled").not().and(col("cancelled")))
  .filter(col("cancelled"))
  .groupBy("origin")
  .aggregate({
    n: count(),
    m: mean(col("delay")),
    s: sum(col("delay")),
    c: sum(col("cancelled")),
    hi: max(col("date")),
    sf: sum(col("fare")),
  });
export const gt: {
  origin: "string";
  n: "int64";
  m: "float64";
  s: "int64";
  c: "int64";
  hi: "timestamp";
  sf: "decimal";
} = {} as Of<typeof g>;
const u = await read("other.parquet");
export const ud = u.filter(col("anything").gt(1)).select("a", "b").filter(col("a").gt(1));
export const rows: { origin: string | null; n: number | bigint | null }[] = await g.rows();
export const w = flights.derive({
  r: rank().over({ partitionBy: "origin", orderBy: col("delay").desc() }),
  c: sum(col("delay")).over({ partitionBy: ["origin"], orderBy: ["date"], rows: [-6, 0] }),
});
export const s = flights
  .derive({ q: sql("a + b", "float64") })
  .filter(col("q").gt(1))
  .filter(col("date").gt("2001-01-01").or(col("seen").lt(new Date())));
