// Programs that compile: typed columns must not stand in the way.
import {
  argMax,
  col,
  count,
  fromArrays,
  fromRows,
  lag,
  max,
  mean,
  min,
  quantile,
  rank,
  read,
  sql,
  sum,
  when,
  type RowValue,
  type Table,
  type TableSource,
} from "../../../../ml/data/index.ts";
import type { Airports, Flights } from "./tables.ts";

declare const flights: Table<Flights>;
declare const airports: Table<Airports>;

type ColumnsIn<T> = T extends Table<infer C> ? C : never;
/** The type of one column of a table. */
type In<T, Name extends keyof ColumnsIn<T>> = ColumnsIn<T>[Name];

export const known: Table<Flights> = await read("flights.parquet");
const unknown = await read("other.parquet");
export const anything = unknown
  .filter(col("a").gt(1))
  .derive({ b: col("a").add(1) })
  .select("b");
export const stillAnything = anything.filter(col("b").lower().eq("x"));
export const asTable: Table = flights;
export const asSource: TableSource = flights;
export const takesAny = ((table: Table): Table => table.filter(col("x").isNull()))(flights);

const derived = flights.derive({
  late: col("delay").gt(15),
  doubled: col("delay").mul(2),
  half: col("delay").mul(0.5),
  fare: col("fare").add(1),
  mixed: col("load").add(col("id")),
  ratio: col("distance").div(col("delay")),
  low: col("origin").lower(),
  route: col("origin").concat("-").concat(col("destination")),
  month: col("date").month(),
  start: col("day").truncate("month"),
  wall: col("seen").wallTimeIn("Europe/Paris"),
  text: col("delay").cast("string"),
  filled: col("delay").fillNull(0),
  filledWide: col("delay").fillNull(col("id")),
});
export const late: "boolean" = {} as In<typeof derived, "late">;
export const doubled: "int64" = {} as In<typeof derived, "doubled">;
export const half: "float64" = {} as In<typeof derived, "half">;
export const fare: "decimal" = {} as In<typeof derived, "fare">;
export const mixed: "float64" = {} as In<typeof derived, "mixed">;
export const ratio: "float64" = {} as In<typeof derived, "ratio">;
export const low: "string" = {} as In<typeof derived, "low">;
export const route: "string" = {} as In<typeof derived, "route">;
export const month: "int64" = {} as In<typeof derived, "month">;
export const start: "date" = {} as In<typeof derived, "start">;
export const wall: "timestamp" = {} as In<typeof derived, "wall">;
export const text: "string" = {} as In<typeof derived, "text">;
export const filled: "int16" = {} as In<typeof derived, "filled">;
export const filledWide: "int64" = {} as In<typeof derived, "filledWide">;
export const untouched: "int64" = {} as In<typeof derived, "id">;

declare const someNumber: number;
const computed = flights.derive({ x: col("delay").mul(someNumber), y: col("load").mul(someNumber) });
export const wholeOrNot: "int64" | "float64" = {} as In<typeof computed, "x">;
export const surelyFloat: "float64" = {} as In<typeof computed, "y">;

const chosen = flights.derive({
  word: when(col("delay").gt(60)).then("long").when(col("delay").gt(15)).then("short").otherwise("none"),
  number: when(col("delay").gt(1)).then(1).otherwise(0.5),
  column: when(col("delay").gt(1)).then(col("delay")).otherwise(col("id")),
  same: when(col("cancelled")).then(col("day")).otherwiseNull(),
});
export const word: "string" = {} as In<typeof chosen, "word">;
export const chosenNumber: "float64" = {} as In<typeof chosen, "number">;
export const chosenColumn: "int64" = {} as In<typeof chosen, "column">;
export const chosenSame: "date" = {} as In<typeof chosen, "same">;

export const conditions = flights
  .filter(col("cancelled"))
  .filter(col("cancelled").not().and(col("cancelled").or(true)))
  .filter(col("date").gt("2001-01-01").or(col("seen").lt(new Date())))
  .filter(
    col("origin")
      .isIn(["ORD", "LAX"])
      .and(col("delay").between(1, col("distance"))),
  )
  .filter(sql("delay % 2 = 0", "boolean"))
  .filter(col("origin").eq(col("destination")));

const groups = flights.groupBy("origin").aggregate({
  n: count(),
  delay: mean(col("delay")),
  total: sum(col("delay")),
  cancelled: sum(col("cancelled")),
  fares: sum(col("fare")),
  last: max(col("date")),
  range: max(col("delay")).sub(min(col("delay"))),
  share: sum(col("load")).div(count()),
  farthest: argMax(col("destination"), col("distance")),
});
export const groupKeys: "string" = {} as In<typeof groups, "origin">;
export const groupCount: "int64" = {} as In<typeof groups, "n">;
export const groupMean: "float64" = {} as In<typeof groups, "delay">;
export const groupSum: "int64" = {} as In<typeof groups, "total">;
export const groupTruth: "int64" = {} as In<typeof groups, "cancelled">;
export const groupDecimal: "decimal" = {} as In<typeof groups, "fares">;
export const groupMax: "timestamp" = {} as In<typeof groups, "last">;
export const groupRange: "int64" = {} as In<typeof groups, "range">;
export const groupArg: "string" = {} as In<typeof groups, "farthest">;
export const whole = flights.aggregate({ middle: quantile(col("delay"), 0.5) });

const windows = flights.derive({
  place: rank().over({ partitionBy: "origin", orderBy: col("delay").desc() }),
  week: mean(col("delay")).over({ partitionBy: ["origin"], orderBy: ["date"], rows: [-6, 0] }),
  before: lag(col("destination")).over({ orderBy: "date" }),
});
export const place: "int64" = {} as In<typeof windows, "place">;
export const before: "string" = {} as In<typeof windows, "before">;

const joined = flights.join(airports, { on: { origin: "iata" }, suffix: "_airport" });
export const joinedColumn: "float64" = {} as In<typeof joined, "elevation">;
export const joinedSuffix: "date" = {} as In<typeof joined, "day_airport">;
export const joinedKeys: "iata" extends keyof ColumnsIn<typeof joined> ? never : true = true;
export const semi: Table<Flights> = flights.join(airports, { on: ["day"], how: "semi" });
export const asof = flights.asofJoin(airports, { on: "day", by: { origin: "iata" } }).select("elevation");
export const both: Table<Flights> = flights.union(flights.filter(col("id").gt(3)));
const wide = flights.pivot({ index: ["origin"], on: "delay", values: [1, 2], value: mean(col("load")) });
export const pivoted: "float64" = {} as In<typeof wide, "1">;
const long = flights.unpivot({ columns: ["delay", "distance"], name: "what", value: "minutes" });
export const unpivoted: "int64" = {} as In<typeof long, "minutes">;
export const renamed: "int16" = {} as In<ReturnType<typeof rename>, "late">;
function rename() {
  return flights.rename({ delay: "late" });
}
export const parts: Table<Flights> = flights.split(
  { train: 0.7, validation: 0.1, test: 0.2 },
  { seed: 1, groupBy: ["origin"] },
).validation;
export const sorted = flights.sort("origin", col("delay").desc(), col("distance").mul(2).asc()).limit(10);

export const rows: { readonly origin: string | null; readonly n: number | bigint | null }[] = await groups
  .select("origin", "n")
  .rows();
export const unknownRow: RowValue | undefined = (await unknown.rows())[0]?.["whatever"];
const arrays = await flights.arrays();
export const delays: Int16Array = arrays.delay;
export const ids: BigInt64Array = arrays.id;
export const origins: readonly string[] = arrays.origin;
export const days: Int32Array = arrays.day;
for await (const batch of flights.batches()) {
  const loads: Float32Array = batch.arrays.load;
  loads.fill(batch.rowCount);
}
const memory = await fromArrays({ x: Float32Array.of(1), name: ["a", null], id: [1n], on: [true] });
export const memoryFloat: "float32" = {} as In<typeof memory, "x">;
export const memoryText: "string" = {} as In<typeof memory, "name">;
const objects = await fromRows([{ a: 1, at: new Date() as Date | null }]);
export const objectNumber: "float64" = {} as In<typeof objects, "a">;
export const objectDate: "timestamptz" = {} as In<typeof objects, "at">;
