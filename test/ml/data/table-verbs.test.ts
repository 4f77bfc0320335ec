/** @file Every verb and expression on tricky data, against Polars and pandas; see test/reference/table-verbs.py. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import {
  all,
  any,
  argMax,
  col,
  correlation,
  count,
  countDistinct,
  denseRank,
  lag,
  lead,
  max,
  mean,
  median,
  min,
  openDatabase,
  quantile,
  rank,
  read,
  rowNumber,
  standardDeviation,
  sum,
  variance,
  when,
  type Database,
  type Table,
} from "../../../ml/data/index.ts";
import { readReference } from "../reference.ts";

const packed = v.nullable(
  v.union([
    v.number(),
    v.string(),
    v.boolean(),
    v.object({ integer: v.string() }),
    v.object({ number: v.string() }),
    v.object({ time: v.number() }),
  ]),
);
const { files, cases } = readReference(
  "table-verbs",
  v.object({
    files: v.record(v.string(), v.string()),
    cases: v.record(v.string(), v.object({ columns: v.array(v.string()), rows: v.array(v.array(packed)) })),
  }),
);

type Tables = Readonly<Record<"events" | "kinds" | "quotes", Table>>;

const present = col("value").isNaN().not().and(col("value").isFinite());
const inKind = { partitionBy: "kind", orderBy: "id" } as const;
const times = { from: "2024-01-01T00:00:00Z", to: new Date("2024-10-27T01:30:00Z") };

/** One program for each case of the reference. */
const programs: Readonly<Record<string, (tables: Tables) => Table>> = {
  select: ({ events }) => events.select("text", "id"),
  drop: ({ events }) => events.drop("price", "day", "at", "instant", "flag", "text", "small"),
  rename: ({ events }) => events.select("id", "kind").rename({ kind: "type" }),

  "filter greater": ({ events }) => events.filter(col("value").gt(1)).select("id"),
  "filter not greater": ({ events }) => events.filter(col("value").gt(1).not()).select("id"),
  "filter equal text": ({ events }) => events.filter(col("kind").eq("")).select("id"),
  "filter unequal": ({ events }) => events.filter(col("kind").ne("a")).select("id"),
  "filter or": ({ events }) => events.filter(col("value").gt(2).or(col("flag"))).select("id"),
  "filter and": ({ events }) => events.filter(col("count").eq(3).and(col("kind").eq("b"))).select("id"),
  "filter in": ({ events }) => events.filter(col("kind").isIn(["a", "c"])).select("id"),
  "filter null": ({ events }) => events.filter(col("kind").isNull()).select("id"),
  "filter wide integer": ({ events }) => events.filter(col("id").eq(9_007_199_254_740_993n)).select("id"),
  "filter between days": ({ events }) =>
    events.filter(col("day").between("2024-01-01", new Date("2024-03-31"))).select("id", "day"),
  "filter instant": ({ events }) => events.filter(col("instant").ge(times.to)).select("id"),

  add: ({ events }) => compute(events, { x: col("small").add(col("count")) }),
  "wide add": ({ events }) => compute(events, { x: col("id").add(1) }),
  "multiply small": ({ events }) => compute(events, { x: col("small").mul(100) }),
  "multiply float": ({ events }) => compute(events, { x: col("value").mul(col("count")) }),
  divide: ({ events }) => compute(events, { x: col("count").div(col("small")) }),
  remainder: ({ events }) => compute(events, { x: col("small").mod(col("count")) }),
  "decimal add": ({ events }) => compute(events, { x: col("price").add(col("price")) }),
  absolute: ({ events }) => compute(events, { x: col("id").abs() }),
  floor: ({ events }) => compute(events, { x: col("value").floor() }),
  clip: ({ events }) => compute(events, { x: col("value").clip(0, 2) }),
  root: ({ events }) => compute(events, { x: col("value").sqrt() }),
  logarithm: ({ events }) =>
    compute(events, {
      x: col("value").log(),
      y: col("count").log10(),
      z: col("small").sub(col("small")).log(),
    }),
  "is nan": ({ events }) => compute(events, { x: col("value").isNaN() }),
  "is finite": ({ events }) => compute(events, { x: col("value").isFinite() }),
  "fill null": ({ events }) =>
    compute(events, {
      x: col("value").fillNull(0),
      y: col("kind").fillNull("none"),
      z: col("count").fillNull(col("id")),
    }),
  when: ({ events }) =>
    compute(events, {
      x: when(col("value").gt(2)).then("high").when(col("value").gt(0)).then("low").otherwise("none"),
    }),
  "cast text": ({ events }) => compute(events, { x: col("count").cast("string") }),
  "try cast": ({ events }) => compute(events, { x: col("text").tryCast("int64") }),

  "lower upper": ({ events }) =>
    compute(events, { x: col("text").lower(), y: col("text").replace("ß", "ss").upper() }),
  length: ({ events }) => compute(events, { x: col("text").length() }),
  trim: ({ events }) => compute(events, { x: col("text").trim() }),
  slice: ({ events }) => compute(events, { x: col("text").slice(1, 3) }),
  contains: ({ events }) =>
    compute(events, {
      x: col("text").contains("%"),
      y: col("text").startsWith("it'"),
      z: col("text").endsWith("ve"),
    }),
  matches: ({ events }) =>
    compute(events, { x: col("text").matches(/^[A-Z]/), y: col("text").matches(/^GR/i) }),
  extract: ({ events }) => compute(events, { x: col("text").extract(/([a-z])([^a-z])/, 2) }),
  replace: ({ events }) =>
    compute(events, { x: col("text").replace("a", "<a>"), y: col("text").replace(/[aeiou]/, "*") }),
  concat: ({ events }) => compute(events, { x: col("kind").concat("-").concat(col("text")) }),

  "date parts": ({ events }) =>
    compute(events, {
      a: col("day").year(),
      b: col("day").quarter(),
      d: col("day").month(),
      f: col("day").week(),
      g: col("day").day(),
      h: col("day").dayOfWeek(),
      i: col("day").dayOfYear(),
    }),
  "time parts": ({ events }) =>
    compute(events, { a: col("at").hour(), b: col("at").minute(), d: col("at").second() }),
  truncate: ({ events }) =>
    compute(events, {
      a: col("at").truncate("month"),
      b: col("at").truncate("day"),
      d: col("day").truncate("week"),
    }),
  plus: ({ events }) => compute(events, { a: col("day").plus(1, "month"), b: col("at").plus(-36, "hour") }),
  epoch: ({ events }) => compute(events, { a: col("at").epoch() }),
  "wall time": ({ events }) => compute(events, { a: col("instant").wallTimeIn("Europe/Paris") }),
  "wall hour": ({ events }) => compute(events, { a: col("instant").wallTimeIn("America/New_York").hour() }),
  since: ({ events }) => compute(events, { a: col("at").secondsSince("2024-01-01") }),
  format: ({ events }) => compute(events, { a: col("at").format("%Y/%m/%d %H:%M") }),

  group: ({ events }) =>
    events
      .groupBy("kind")
      .aggregate({
        n: count(),
        values: count(col("value")),
        total: sum(col("count")),
        different: countDistinct(col("count")),
        low: min(col("count")),
        high: max(col("text")),
        first: min(col("day")),
      })
      .sort("kind"),
  "group mean": ({ events }) =>
    events
      .filter(present)
      .groupBy("kind")
      .aggregate({
        mean: mean(col("value")),
        middle: median(col("value")),
        quarter: quantile(col("value"), 0.25),
        deviation: standardDeviation(col("value")),
        variance: variance(col("value")),
      })
      .sort("kind"),
  "group nan": ({ events }) =>
    events
      .groupBy("kind")
      .aggregate({ mean: mean(col("value")) })
      .sort("kind"),
  "group decimals": ({ events }) =>
    events
      .groupBy("kind")
      .aggregate({ total: sum(col("price")) })
      .sort("kind"),
  "group truth": ({ events }) =>
    events
      .groupBy("kind")
      .aggregate({ any: any(col("flag")), all: all(col("flag")), share: mean(col("flag")) })
      .sort("kind"),
  "group two keys": ({ events }) =>
    events.groupBy("kind", "count").aggregate({ n: count() }).sort("kind", "count"),
  "group none": ({ events }) => events.filter(col("id").eq(0)).groupBy("kind").aggregate({ n: count() }),
  "aggregate none": ({ events }) =>
    events.filter(col("id").eq(0)).aggregate({ n: count(), total: sum(col("id")) }),
  correlation: ({ events }) =>
    events.filter(present).aggregate({ r: correlation(col("value"), col("count")) }),
  "arg max": ({ events }) =>
    events
      .groupBy("kind")
      .aggregate({ x: argMax(col("id"), col("small")) })
      .sort("kind"),

  window: ({ events }) =>
    events
      .derive({
        number: rowNumber().over(inKind),
        before: lag(col("text")).over(inKind),
        after: lead(col("text")).over(inKind),
        running: sum(col("small").fillNull(0)).over(inKind),
        groupmean: mean(col("small")).over({ partitionBy: ["kind"] }),
      })
      .select("id", "kind", "number", "before", "after", "running", "groupmean")
      .sort("id"),
  rank: ({ events }) =>
    events
      .filter(col("count").isNotNull())
      .derive({ a: rank().over({ orderBy: "count" }), b: denseRank().over({ orderBy: col("count").asc() }) })
      .select("id", "a", "b")
      .sort("id"),
  rolling: ({ events }) =>
    events
      .derive({ a: mean(col("small")).over({ orderBy: "id", rows: [-2, 0] }) })
      .select("id", "a")
      .sort("id"),

  sort: ({ events }) => events.sort("count", "id").select("id", "count"),
  "sort descending": ({ events }) => events.sort(col("value").desc(), "id").select("id", "value"),
  "sort texts": ({ events }) => events.sort("text").select("text"),
  limit: ({ events }) => events.sort("id").limit(3, 2).select("id"),
  distinct: ({ events }) => events.select("kind", "count").distinct().sort("kind", "count"),
  "distinct by": ({ events }) =>
    events
      .distinct(["kind"], { orderBy: col("id").desc() })
      .select("kind", "id")
      .sort("kind"),

  "join inner": ({ events, kinds }) =>
    events
      .join(kinds, { on: "kind" })
      .select("id", "kind", "value", "label", "value_right")
      .sort("id", "label"),
  "join left": ({ events, kinds }) =>
    events
      .select("id", "kind")
      .join(kinds.drop("value"), { on: ["kind"], how: "left" })
      .sort("id", "label"),
  "join semi": ({ events, kinds }) => events.join(kinds, { on: "kind", how: "semi" }).select("id").sort("id"),
  "join anti": ({ events, kinds }) => events.join(kinds, { on: "kind", how: "anti" }).select("id").sort("id"),
  "join renamed": ({ events, kinds }) =>
    kinds
      .drop("value")
      .join(events.select("id", "kind").rename({ kind: "sort" }), { on: { kind: "sort" } })
      .sort("id", "label"),
  union: ({ events, kinds }) =>
    events
      .select("id", "count")
      .union(kinds.derive({ id: col("value"), count: col("value").cast("int32") }).select("count", "id")),
  "asof backward": ({ events, quotes }) =>
    events
      .filter(col("at").isNotNull().and(col("kind").isNotNull()))
      .asofJoin(quotes, { on: "at", by: "kind" })
      .select("id", "bid")
      .sort("id"),
  "asof forward": ({ events, quotes }) =>
    events
      .filter(col("at").isNotNull().and(col("kind").isNotNull()))
      .asofJoin(quotes, { on: { at: "at" }, by: ["kind"], direction: "forward" })
      .select("id", "bid")
      .sort("id"),
  pivot: ({ events }) =>
    events
      .filter(col("kind").isIn(["a", "b", "c", ""]))
      .pivot({ index: ["count"], on: "kind", values: ["a", "b", "c"], value: min(col("id")) })
      .sort("count"),
  "pivot count": ({ events }) =>
    events.pivot({ index: ["count"], on: "kind", values: ["a", "z"], value: count() }).sort("count"),
  unpivot: ({ events }) =>
    events
      .select("id", "small", "count")
      .unpivot({ columns: ["small", "count"], name: "variable", value: "value" })
      .sort("id", "variable"),
};

function compute(table: Table, expressions: Parameters<Table["derive"]>[0]): Table {
  return table.derive(expressions).select("id", ...Object.keys(expressions));
}

/** A value as the reference packs it; floats to ten digits. */
function pack(value: unknown): v.InferOutput<typeof packed> {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return { integer: String(value) };
  if (value instanceof Date) return { time: value.getTime() };
  assert.ok(typeof value === "number", typeof value);
  if (!Number.isFinite(value)) return { number: String(value) };
  return value === 0 ? 0 : Number(value.toPrecision(10));
}

describe("tables as in Polars and pandas", () => {
  let folder: string;
  let database: Database;
  let tables: Tables;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "tenon-verbs-"));
    database = await openDatabase();
    const open = async (name: string): Promise<Table> => {
      const path = join(folder, `${name}.parquet`);
      await writeFile(path, Buffer.from(files[name] ?? "", "base64"));
      return await read(path, { database });
    };
    tables = { events: await open("events"), kinds: await open("kinds"), quotes: await open("quotes") };
  });
  after(async () => {
    database.close();
    await rm(folder, { recursive: true });
  });

  it("has a program for each case", () => {
    assert.deepEqual(Object.keys(programs).sort(), Object.keys(cases).sort());
  });

  for (const [name, expected] of Object.entries(cases)) {
    it(name, async () => {
      const table = programs[name]?.(tables);
      assert.ok(table);
      assert.deepEqual(
        table.columns.map((column) => column.name),
        expected.columns,
      );
      // rows() refuses a result whose types are not those that the table works out for itself.
      const rows = await table.rows();
      assert.deepEqual(
        rows.map((row) => expected.columns.map((column) => pack(row[column]))),
        expected.rows.map((row) => row.map((value) => (typeof value === "number" ? pack(value) : value))),
      );
    });
  }
});
