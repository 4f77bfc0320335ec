// Mistakes that must not compile. The line after each comment has the one error that the comment tells of.
import {
  any,
  col,
  count,
  fromArrays,
  lag,
  max,
  mean,
  quantile,
  rank,
  read,
  sql,
  sum,
  when,
  type Table,
} from "../../../../ml/data/index.ts";
import type { Airports, Flights } from "./tables.ts";

declare const flights: Table<Flights>;
declare const airports: Table<Airports>;
const memory = await fromArrays({ x: Float32Array.of(1), name: ["a"], id: [1n] });
const file = await read("flights.parquet");
const late = flights.derive({ tooLate: col("delay").gt(15) });
const byOrigin = flights.groupBy("origin").aggregate({ n: count(), delay: mean(col("delay")) });

// Did you mean '"distance"'?
flights.filter(col("distnace").gt(500));
// Did you mean '"distance"'?
file.filter(col("distence").gt(500));
// '"string"' is not assignable to type '"number"'
flights.filter(col("origin").gt(500));
// '"number"' is not assignable to type '"date" | "interval" | "string" | "time"'
flights.filter(col("delay").eq("late"));
// '"string"' is not assignable to type '"boolean"'
flights.filter(col("origin").and(true));
// '"delay"' is not assignable to type '"cancelled"'
flights.filter(col("delay"));
// '"int64"' is not assignable to type
flights.filter(count().over({ partitionBy: "origin" }));
// '"date"' is not assignable to type '"number"'
flights.derive({ next: col("day").add(1) });
// '"number"' is not assignable to type '"date"'
flights.derive({ month: col("delay").month() });
// '"number"' is not assignable to type '"string"'
flights.derive({ low: col("delay").lower() });
// Did you mean '"delay"'?
flights.derive({ a: col("distance").add(1), b: col("deley").mul(2) });
// Did you mean '"origin"'?
flights.derive({ first: max(col("delay")).over({ partitionBy: "orgin" }) });
// '"departure"' is not assignable to type
flights.derive({ first: lag(col("delay")).over({ orderBy: "departure" }) });
// '"group"' is not assignable to type '"row"'
flights.derive({ share: sum(col("delay")) });
// '"window"' is not assignable to type '"row"'
flights.derive({ r: rank() });
// '"group"' is not assignable to type '"row"'
flights.filter(mean(col("delay")).gt(3));
// Property 'over' does not exist
col("delay").over({ partitionBy: "origin" });
// '"kilometres"' is not assignable to parameter of type
col("distance").cast("kilometres");
// '"Distance"' is not assignable to parameter of type '"cancelled" | "date" | "day"
flights.select("Distance", "delay");
// '"orgin"' is not assignable to parameter of type
flights.drop("orgin");
// 'orgin' does not exist
flights.rename({ orgin: "from" });
// '"orign"' is not assignable to parameter of type
flights.groupBy("orign");
// '"delya"' is not assignable to parameter of type
flights.sort("delya");
// Did you mean '"distance"'?
flights.sort(col("distanc").desc());
// Did you mean '"tooLate"'?
late.filter(col("toLate"));
// '"distance"' is not assignable to type '"delay" | "n" | "origin"'
byOrigin.filter(col("distance").gt(1));
// '"string"' is not assignable to type '"number"'
flights.rename({ origin: "from" }).filter(col("from").gt(1));
// '"seen"' is not assignable to parameter of type
flights.select("origin", "delay").select("seen");
// Did you mean '"delay"'?
flights.groupBy("origin").aggregate({ late: mean(col("dela")) });
// '"string"' is not assignable to type '"boolean" | "number"'
flights.groupBy("origin").aggregate({ delay: mean(col("destination")) });
// '"row"' is not assignable to type '"group"'
flights.groupBy("origin").aggregate({ delay: col("delay").add(1) });
// '"number"' is not assignable to type '"boolean"'
flights.aggregate({ late: any(col("delay")) });
// '"string"' is not assignable to type '"number"'
flights.aggregate({ middle: quantile(col("origin"), 0.5) });
// '"origin"' is not assignable to type
flights.join(airports, { on: "origin" });
// 'iata' does not exist
flights.join(airports, { on: { iata: "origin" } });
// '"code"' is not assignable to type
flights.join(airports, { on: { origin: "code" } });
// '"outer"' is not assignable to type 'JoinKind'
flights.join(airports, { on: "day", how: "outer" });
// '"elevation"' is not assignable to type
flights.join(airports, { on: { origin: "iata" }, how: "semi" }).filter(col("elevation").gt(1));
// '"noon"' is not assignable to type
flights.asofJoin(airports, { on: "noon" });
// is missing the following properties
flights.union(airports);
// '"month"' is not assignable to type
flights.pivot({ index: ["origin"], on: "month", values: [1, 2], value: count() });
// '"jan"' is not assignable to type
flights.unpivot({ columns: ["jan"], name: "month", value: "sales" });
// '"orgin"' is not assignable to type
flights.split({ train: 0.8, test: 0.2 }, { seed: 1, stratifyBy: "orgin" });
// Property 'validation' does not exist
flights.split({ train: 0.8, test: 0.2 }, { seed: 1 }).validation;
// Property 'distnace' does not exist
(await flights.arrays()).distnace;
// 'Int16Array<ArrayBuffer>' is not assignable to type 'Float32Array
export const floats: Float32Array = (await flights.arrays()).delay;
// 'string' is not assignable to type 'number'
export const number: number | null = (await byOrigin.rows())[0]?.origin ?? null;
// '"string"' is not assignable to type '"number"'
memory.filter(col("name").gt(1));
// '"a column that is of two types at once"' is not assignable
flights.filter(when(col("delay").gt(1)).then(1).otherwise(2).gt(1).and(col("delay").contains("x")));
// '"boolean"' is not assignable to type '"number"'
flights.derive({ x: when(col("delay").gt(1)).then(col("delay")).otherwise(col("cancelled")).add(1) });
// 'boolean' is not assignable to parameter of type
sql("a + b", "float64").gt(true);
// 'Table<
export const asAirports: Table<Airports> = flights;
// Type 'Table<{ readonly origin: "string"; readonly n: "int64"; }>' is not
export const shown: number = flights.groupBy("origin").aggregate({ n: count() });
